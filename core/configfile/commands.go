package configfile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Contributor returns what a tree adds to the command line of its application:
// config explain, config dump and config env, and a diagnosis of what would be
// refused in production. The modules are those whose settings config env lists;
// their defaults are read now, before an application decodes anything into them.
// Nothing that it prints shows a secret; see [Tree.Dump].
func Contributor(t *Tree, modules ...module.Descriptor) cli.Contributor {
	c := contributor{tree: t}
	c.vars, c.wrong = EnvVars(t.prefix, Sections(modules...))
	return c
}

type contributor struct {
	tree  *Tree
	vars  []EnvVar
	wrong error // with the modules
}

var (
	_ cli.CommandContributor = contributor{}
	_ cli.DoctorContributor  = contributor{}
)

// ID returns "config".
func (contributor) ID() string { return "config" }

// Commands returns config explain, dump and env.
func (c contributor) Commands() []cli.Command {
	return []cli.Command{
		{
			Path: "config explain", Args: "[KEY]", Short: "Say where the value of a key comes from",
			Long:    "Say which layer sets each value under a key, in which file and line or by which variable, and what the layers that lost say.",
			Example: "config explain sql.backend\nconfig explain sql --json\nconfig explain",
			Run:     c.explain,
		},
		{
			Path: "config dump", Short: "Print the configuration as it is, without secrets",
			Long:    "Print every value after all layers were merged, and where it stands. Secrets are ***; one under an innocent key of an unknown section is not.",
			Example: "config dump\nconfig dump --json",
			Run: func(_ context.Context, call *cli.Call) error {
				if call.JSON {
					return call.Print(c.tree)
				}
				return c.tree.Dump(call.Stdout)
			},
		},
		{
			Path: "config env", Short: "List the settings and the environment variables that set them",
			Example: "config env\nconfig env --json", Run: c.env,
		},
	}
}

// explanations print as text.
type explanations []Explanation

func (all explanations) String() string {
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = e.String()
	}
	return strings.Join(lines, "\n")
}

func (c contributor) explain(_ context.Context, call *cli.Call) error {
	key := ""
	if len(call.Args) > 0 {
		key = call.Args[0]
	}
	found := c.tree.Explain(key)
	if len(found) > 0 || key == "" {
		return call.Print(explanations(append([]Explanation{}, found...)))
	}
	problem := errors.New("no layer says anything about it")
	if near := config.Nearest(key, c.tree.keys()); near != "" {
		problem = fmt.Errorf("%w (did you mean %q?)", problem, near)
	}
	return config.ErrUnknown.Wrap(problem, "config: %s", strconv.Quote(key))
}

// keys returns every key that explain knows, and the sections above them.
func (t *Tree) keys() []string {
	var all []string
	for _, e := range t.Explain("") {
		for key := e.Key; key != ""; key = key[:max(strings.LastIndexByte(key, '.'), 0)] {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// variables print as a table.
type variables []EnvVar

func (all variables) String() string {
	var rows [][]string
	for _, v := range all {
		note := v.Doc
		if v.Required {
			note = strings.TrimSpace("required " + note)
		}
		rows = append(rows, []string{v.Key, v.Type, v.Default, v.Name, note})
	}
	return cli.Table([]string{"KEY", "TYPE", "DEFAULT", "VARIABLE", ""}, rows...)
}

func (c contributor) env(_ context.Context, call *cli.Call) error {
	if c.wrong != nil {
		return c.wrong
	}
	return call.Print(variables(append([]EnvVar{}, c.vars...)))
}

// Diagnoses returns one: of what [Tree.Warnings] tells.
func (c contributor) Diagnoses() []cli.Diagnosis {
	return []cli.Diagnosis{{
		Name: "secrets", Short: "Placeholders and secrets that are too short for production",
		Run: func(context.Context) []cli.Finding {
			var all []cli.Finding
			for _, w := range c.tree.Warnings() {
				all = append(all, cli.Finding{Warning: true, Problem: strings.ReplaceAll(w.Error(), "\n", "; "), Fix: "production and staging refuse it"})
			}
			return all
		},
	}}
}
