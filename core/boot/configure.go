package boot

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// A part is a module that was chosen, if it was a candidate, and configured.
type part struct {
	module.Descriptor
	name    string   // its section: "cache", or "cache.redis" for a candidate
	exports []di.Key // its own, or those of the choice that it was a candidate of
}

// contributions are the exports that only collectors see.
func (p part) contributions() []di.Key {
	var keys []di.Key
	for _, k := range p.Exports {
		if !slices.Contains(p.exports, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// configure decodes every section and returns the modules to run, what
// candidates have that their choice does not export, or every problem of the
// configuration.
func configure(cfg config.Config, modules []module.Descriptor) ([]part, []offer, error) {
	c := configurer{cfg: cfg, parts: make([]part, 0, len(modules))}
	names := make(map[string]bool, len(modules))
	for _, d := range modules {
		if names[d.Name] {
			c.fail(ErrModule.Wrap(nil, "boot: two modules have the name %q", d.Name))
			continue
		}
		names[d.Name] = true
		c.module(d, d.Name, exportsOf(d))
	}
	c.strangers("", names, nil)
	return c.parts, c.offers, errors.Join(c.problems...)
}

type configurer struct {
	cfg      config.Config // may be nil
	parts    []part
	offers   []offer
	problems []error
}

func (c *configurer) fail(err error) {
	if err != nil {
		c.problems = append(c.problems, err)
	}
}

func (c *configurer) module(d module.Descriptor, section string, exports []di.Key) {
	if !validName(d.Name) {
		c.fail(ErrModule.Wrap(nil, "boot: module name %q is not a lower-case word of letters, digits and underscores", d.Name))
		return
	}
	if d.OneOf != nil {
		c.choice(d, section, exports)
		return
	}
	switch {
	case c.cfg == nil:
	case d.Config == nil:
		c.strangers(section, nil, nil)
	default:
		c.fail(errs.Catch(func() error { return c.cfg.Decode(section, d.Config) }))
	}
	c.parts = append(c.parts, part{Descriptor: d, name: section, exports: exports})
}

func validName(name string) bool {
	for i, r := range name {
		if letter := r >= 'a' && r <= 'z'; !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

// choice configures the candidate that the section names.
func (c *configurer) choice(d module.Descriptor, section string, exports []di.Key) {
	if len(d.OneOf) == 0 || len(d.Providers) > 0 || d.Config != nil {
		c.fail(ErrModule.Wrap(nil, "boot: choice %q needs candidates, and neither Providers nor Config", section))
		return
	}
	names := map[string]bool{}
	for _, o := range d.OneOf {
		if names[o.Name] || o.Name == "backend" {
			c.fail(ErrModule.Wrap(nil, "boot: choice %q: the name %q is taken", section, o.Name))
			return
		}
		names[o.Name] = true
	}
	c.strangers(section, names, &struct {
		Backend string `config:"backend"`
	}{})
	backend := c.backend(section, d.OneOf[0].Name)
	i := slices.IndexFunc(d.OneOf, func(o module.Descriptor) bool { return o.Name == backend })
	if i < 0 {
		valid := slices.Sorted(maps.Keys(names))
		problem := config.NewKeyError(c.cfg, section+".backend", strconv.Quote(backend)+" is not one of "+strings.Join(valid, ", "), config.ErrValue)
		problem.Nearest = config.Nearest(backend, valid)
		c.fail(problem)
		return
	}
	for _, o := range d.OneOf {
		c.offers = append(c.offers, offer{section, o.Name, exportsOf(o), exports})
	}
	chosen := d.OneOf[i]
	chosen.Needs = append(slices.Clone(d.Needs), chosen.Needs...)
	c.module(chosen, section+"."+chosen.Name, exports)
}

// backend returns what the section picks. A value that is no text counts as
// none: decoding the section has reported it.
func (c *configurer) backend(section, first string) string {
	if c.cfg == nil {
		return first
	}
	if v, ok := c.cfg.Lookup(section + ".backend"); ok {
		if name, ok := v.(string); ok {
			return name
		}
	}
	return first
}

// strangers decodes section into a struct that knows none of the names in
// known, and reports the other keys that it does not know either. So errors
// have the file and the line, whatever the configuration was loaded by.
func (c *configurer) strangers(section string, known map[string]bool, into any) {
	if c.cfg == nil {
		return
	}
	valid := slices.Sorted(maps.Keys(known))
	if into == nil {
		into = &struct{}{}
	} else {
		valid = append([]string{"backend"}, valid...)
	}
	err := errs.Catch(func() error { return c.cfg.Decode(section, into) })
	for _, problem := range flatten(err) {
		k, ok := problem.(*config.KeyError)
		if !ok || !errors.Is(k.Sentinel, config.ErrUnknown) {
			c.fail(problem)
			continue
		}
		key := strings.TrimPrefix(strings.TrimPrefix(k.Key, section), ".")
		name, _, _ := strings.Cut(key, ".")
		if known[name] {
			continue
		}
		told := *k
		told.Nearest = config.Nearest(name, valid)
		switch {
		case len(valid) > 0:
			told.Problem = "unknown key: valid here are " + strings.Join(valid, ", ")
		case section == "":
			told.Problem = "unknown key: there is no module"
		default:
			told.Problem = "unknown key: module " + strconv.Quote(section) + " has no configuration"
		}
		c.fail(&told)
	}
}

// flatten returns the errors that err joins.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	if _, ok := err.(*config.KeyError); ok {
		return []error{err}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
