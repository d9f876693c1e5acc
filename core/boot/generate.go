package boot

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

var _ cli.GeneratorContributor = commands{}

// Generators returns the one of modules.
func (commands) Generators() []cli.GeneratorDefinition {
	return []cli.GeneratorDefinition{{
		Name: "module", Short: "A module: a service, its configuration and a test",
		Long: "Write a package with a service, its section of the configuration, the module that offers it, and a test that the module keeps its contract. " +
			"Fields are settings; types are string, int, float, bool, duration and size, and their defaults are what main gives to Module. Add the module to the application in main.",
		Example: "module orders -f limit:int,timeout:duration\nmodule greeter -o internal",
		Fields:  "settings", Generate: generateModule,
	}}
}

// settingTypes are the Go types of settings; never written to.
var settingTypes = map[string]string{
	"string": "string", "int": "int", "float": "float64", "bool": "bool", "duration": "time.Duration", "size": "config.Size",
}

func generateModule(_ context.Context, req cli.Request) ([]cli.File, error) {
	name := cli.Snake(req.Name)
	pkg := strings.ReplaceAll(name, "_", "")
	if !validName(pkg) || token.IsKeyword(pkg) {
		return nil, cli.ErrUsage.Wrap(fmt.Errorf("%q is not the name of a Go package", pkg), "gen module")
	}
	var rows [][3]string
	widths := [2]int{}
	imports, taken := map[string]bool{}, map[string]string{}
	for _, f := range req.Fields {
		typ, ok := settingTypes[f.Type]
		switch {
		case !ok:
			return nil, cli.ErrField.Wrap(fmt.Errorf("type %q is not string, int, float, bool, duration or size", f.Type), "gen module: field %q", f.Name)
		case f.Unique || f.References != "" || f.Optional || f.HasDefault:
			return nil, cli.ErrField.Wrap(errors.New("a setting has a name and a type: its default is what main gives to Module"), "gen module: field %q", f.Name)
		}
		if other, twice := taken[cli.Camel(f.Name)]; twice {
			return nil, cli.ErrField.Wrap(fmt.Errorf("is the field %s in Go, as %q is", cli.Camel(f.Name), other), "gen module: field %q", f.Name)
		}
		imports[typ], taken[cli.Camel(f.Name)] = true, f.Name
		row := [3]string{cli.Camel(f.Name), typ, fmt.Sprintf("`config:%q`", cli.Snake(f.Name))}
		rows = append(rows, row)
		widths[0], widths[1] = max(widths[0], len(row[0])), max(widths[1], len(row[1]))
	}
	var fields strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&fields, "\t%-*s %-*s %s\n", widths[0], r[0], widths[1], r[1], r[2])
	}
	text := strings.NewReplacer("PKG", pkg, "\tFIELDS\n", fields.String(), "\tTIME\n", line(imports["time.Duration"], `"time"`), "\tCONFIG\n", line(imports["config.Size"], `"github.com/lexigram/lexigram-go/contracts/config"`))
	return []cli.File{
		{Path: pkg + "/module.go", Data: []byte(text.Replace(moduleText))},
		{Path: pkg + "/module_test.go", Data: []byte(text.Replace(moduleTestText))},
	}, nil
}

func line(wanted bool, text string) string {
	if !wanted {
		return ""
	}
	return "\t" + text + "\n"
}

const moduleText = `// Package PKG is a module of the application.
package PKG

import (
	"context"
	TIME

	CONFIG
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Config is the section "PKG" of the configuration.
type Config struct {
	FIELDS
}

// A Service does what the module is for.
type Service struct{ cfg Config }

// New returns a service.
func New(cfg Config) *Service { return &Service{cfg} }

// Module offers a [*Service]. The section "PKG" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "PKG",
		Providers: []lifecycle.Provider{provider{&cfg}},
		Exports:   []di.Key{di.KeyOf[*Service]()},
		Config:    &cfg,
	}
}

type provider struct{ cfg *Config }

func (provider) Name() string { return "PKG" }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (*Service, error) { return New(*p.cfg), nil })
}
`

const moduleTestText = `package PKG

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
)

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return Module(Config{}) })
}
`
