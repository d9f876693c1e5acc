package configfile

import (
	"reflect"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/module"
)

// An EnvVar is one setting of a section and the environment variable that sets it.
type EnvVar struct {
	// Name is the variable, such as "LEX_SQLITE__PATH", or "" if the
	// environment cannot set the key. <N> is the number of an element, <KEY> a
	// name of a mapping in upper case.
	Name     string `json:"name"`
	Key      string `json:"key"`               // such as "sqlite.path"
	Type     string `json:"type"`              // such as "string", "duration" or "netip.Addr"
	Default  string `json:"default,omitempty"` // "" if there is none; a secret shows as ***
	Doc      string `json:"doc,omitempty"`     // the field's tag doc:"…"
	Required bool   `json:"required,omitempty"`
	Secret   bool   `json:"secret,omitempty"`
}

// EnvVars lists every setting of sections, as Options.Sections holds them, in the
// order of keys and fields, after the loader's own ones. A section that is no pointer to a
// struct that Decode can fill is an error. What the structs hold now is taken as
// the defaults: call it before they are decoded into.
func EnvVars(prefix string, sections map[string]any) ([]EnvVar, error) {
	prefix = strings.TrimSuffix(prefix, "_")
	d := describer{prefix: prefix}
	if prefix != "" {
		d.rows = []EnvVar{
			{Name: prefix + "_ENV", Key: environmentKey, Type: "string", Default: "development", Doc: "where the application runs: development, staging, production or test"},
			{Name: prefix + "_PROFILE", Type: "string", Doc: "the profile whose files are read over the base files"},
			{Name: prefix + "_DEBUG", Key: debugKey, Type: "boolean", Default: "false", Doc: "not in production and staging"},
		}
	}
	d.sections(sections)
	return d.rows, d.failed
}

// Sections returns what Options.Sections wants of modules: the configuration of
// each, and of each candidate of a choice, under its key.
func Sections(modules ...module.Descriptor) map[string]any {
	all := map[string]any{}
	collectSections(modules, "", all)
	return all
}

func collectSections(modules []module.Descriptor, at string, all map[string]any) {
	for _, m := range modules {
		key := join(at, m.Name)
		switch {
		case len(m.OneOf) > 0:
			all[key] = &choice{Backend: m.OneOf[0].Name}
			collectSections(m.OneOf, key, all)
		case m.Config != nil:
			all[key] = m.Config
		}
	}
}

// choice is the section of a module that is one of several.
type choice struct {
	Backend string `config:"backend" doc:"which of the candidates runs"`
}

// row lists a setting.
func (d *describer) row(t reflect.Type, text string, path []string, f field, secret bool) {
	concrete := slices.Clone(path)
	for i, name := range concrete {
		switch name {
		case "<n>", "<key>":
			concrete[i] = "0"
		}
	}
	name := variableName(d.prefix, concrete)
	if name != "" {
		name = d.prefix + "_" + strings.ToUpper(strings.Join(path, "__"))
	}
	key := ""
	for _, part := range path {
		if part == "<n>" {
			key += "[<n>]"
		} else {
			key = join(key, part)
		}
	}
	d.rows = append(d.rows, EnvVar{
		Name: name, Key: key, Type: typeName(t), Default: text, Doc: f.doc, Required: f.required, Secret: secret,
	})
}
