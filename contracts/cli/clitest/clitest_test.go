package clitest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
)

// A fake contributes what it is made of.
type fake struct {
	id         string
	commands   func() []cli.Command
	generators func() []cli.GeneratorDefinition
	diagnoses  []cli.Diagnosis
}

func (f *fake) ID() string                            { return f.id }
func (f *fake) Commands() []cli.Command               { return f.commands() }
func (f *fake) Generators() []cli.GeneratorDefinition { return f.generators() }
func (f *fake) Diagnoses() []cli.Diagnosis            { return f.diagnoses }

type number int

// command is the smallest command that keeps every rule.
func command() cli.Command {
	long := false
	return cli.Command{
		Path: "shelf list", Args: "[NAME...]", Short: "List the shelves", Example: "shelf list --long \"a b\"\nshelf list --json",
		Flags: func(fs *flag.FlagSet) { fs.BoolVar(&long, "long", false, "tell more") },
		Exits: []cli.Exit{{Code: 3, Means: "there are none"}},
		Needs: []di.Key{di.KeyOf[number]()},
		Run: func(ctx context.Context, call *cli.Call) error {
			n, err := di.Get[number](ctx, call.Needs)
			if err != nil {
				return err
			}
			return call.Print(map[string]any{"shelves": n, "long": long})
		},
	}
}

func generator() cli.GeneratorDefinition {
	return cli.GeneratorDefinition{
		Name: "shelf", Short: "A shelf", Example: "shelf books", Dir: "src",
		Options: []cli.GeneratorOption{{Name: "wood", Letter: 'w', Short: "what it is made of", OneOf: []string{"oak", "ash"}, Default: "oak"}},
		Generate: func(_ context.Context, req cli.Request) ([]cli.File, error) {
			return []cli.File{{Path: cli.Snake(req.Name) + ".txt", Data: []byte(req.Options["wood"])}}, nil
		},
	}
}

func diagnosis() cli.Diagnosis {
	return cli.Diagnosis{Name: "dust", Short: "Whether there is dust", Run: func(context.Context) []cli.Finding {
		return []cli.Finding{{Warning: true, Problem: "there is dust", Fix: "wipe it"}}
	}}
}

func good() *fake {
	return &fake{
		id:         "shelf",
		commands:   func() []cli.Command { return []cli.Command{command()} },
		generators: func() []cli.GeneratorDefinition { return []cli.GeneratorDefinition{generator()} },
		diagnoses:  []cli.Diagnosis{diagnosis()},
	}
}

type numbers struct{}

func (numbers) Resolve(_ context.Context, key di.Key) (any, error) {
	if key != di.KeyOf[number]() {
		return nil, di.ErrMissing
	}
	return number(7), nil
}

func (numbers) Has(key di.Key) (bool, error) { return key == di.KeyOf[number](), nil }

// What a command can do without is asked for with di.Maybe.
func TestGoodWithoutAService(t *testing.T) {
	f, asked := good(), 0
	f.commands = func() []cli.Command {
		c := command()
		c.Needs = append(c.Needs, di.Optional(di.KeyOf[string]()))
		run := c.Run
		c.Run = func(ctx context.Context, call *cli.Call) error {
			if _, found, err := di.Maybe[string](ctx, call.Needs); found || err != nil {
				t.Errorf("found %v, %v", found, err)
			}
			asked++
			return run(ctx, call)
		}
		return []cli.Command{c}
	}
	Run(t, func() cli.Contributor { return f }, Needs(func(*testing.T) di.Resolver { return numbers{} }))
	if asked == 0 {
		t.Error("the command was not run")
	}
}

func TestGood(t *testing.T) {
	Run(t, func() cli.Contributor { return good() }, Needs(func(*testing.T) di.Resolver { return numbers{} }))
}

// changed returns a contributor whose command, generator or diagnosis is spoilt.
func changed(spoil any) cli.Contributor {
	f := good()
	switch spoil := spoil.(type) {
	case func(*cli.Command):
		f.commands = func() []cli.Command { c := command(); spoil(&c); return []cli.Command{c} }
	case func(*cli.GeneratorDefinition):
		f.generators = func() []cli.GeneratorDefinition {
			g := generator()
			spoil(&g)
			return []cli.GeneratorDefinition{g}
		}
	case func(*cli.Diagnosis):
		spoil(&f.diagnoses[0])
	}
	return f
}

type nothing struct{}

func (nothing) ID() string { return "nothing" }

// twice contributes other commands the second time.
func twice() cli.Contributor {
	f, calls := good(), 0
	f.commands = func() []cli.Command {
		calls++
		c := command()
		c.Path = fmt.Sprint("shelf ", calls)
		return []cli.Command{c}
	}
	return f
}

// sharing has one variable for the flags of all calls.
func sharing() cli.Contributor {
	var long bool
	return changed(func(c *cli.Command) {
		c.Flags = func(fs *flag.FlagSet) { fs.BoolVar(&long, "long", false, "tell more") }
	})
}

// TestBroken gives each rule contributors that break it.
func TestBroken(t *testing.T) {
	var draws int
	broken := map[string][]cli.Contributor{
		"something":     {nothing{}},
		"ID":            {&fake{id: "My Shelf"}, &fake{}},
		"same commands": {twice()},
		"flags shared":  {sharing()},
		"paths": {
			changed(func(c *cli.Command) { c.Path = "Shelf" }), changed(func(c *cli.Command) { c.Path = "" }),
			changed(func(c *cli.Command) { c.Path = "a b c d" }), changed(func(c *cli.Command) { c.Path = "shelf  list" }),
			&fake{commands: func() []cli.Command { return []cli.Command{command(), command()} }},
		},
		"group": {&fake{commands: func() []cli.Command {
			a, b := command(), command()
			b.Path = "shelf"
			return []cli.Command{a, b}
		}}},
		"short": {
			changed(func(c *cli.Command) { c.Short = "" }), changed(func(c *cli.Command) { c.Short = "Lists." }),
			changed(func(c *cli.Command) { c.Short = "a\x1b[31m" }),
		},
		"example": {
			changed(func(c *cli.Command) { c.Example = " \n" }), changed(func(c *cli.Command) { c.Example = "list" }),
			changed(func(c *cli.Command) { c.Example = "shelf list --frob" }), changed(func(c *cli.Command) { c.Args = "" }),
			changed(func(c *cli.Command) { c.Example = `shelf list "a` }),
		},
		"arguments": {
			changed(func(c *cli.Command) { c.Args = "name" }), changed(func(c *cli.Command) { c.Args = "[A...] B" }),
			changed(func(c *cli.Command) { c.Args = "[A] B" }),
		},
		"flags": {
			changed(func(c *cli.Command) { c.Flags = func(fs *flag.FlagSet) { fs.Bool("Long", false, "x") } }),
			changed(func(c *cli.Command) { c.Flags = func(fs *flag.FlagSet) { fs.Bool("json", false, "x") } }),
			changed(func(c *cli.Command) { c.Flags = func(fs *flag.FlagSet) { fs.Bool("long", false, "") } }),
		},
		"exits": {
			changed(func(c *cli.Command) { c.Exits[0].Code = 1 }), changed(func(c *cli.Command) { c.Exits[0].Means = "" }),
			changed(func(c *cli.Command) { c.Exits = append(c.Exits, c.Exits[0]) }),
		},
		"needs": {
			changed(func(c *cli.Command) { c.Needs = []di.Key{{}} }),
			changed(func(c *cli.Command) { c.Needs = append(c.Needs, c.Needs...) }),
		},
		"run": {changed(func(c *cli.Command) { c.Run = nil })},
		"generators": {
			changed(func(g *cli.GeneratorDefinition) { g.Name = "" }), changed(func(g *cli.GeneratorDefinition) { g.Short = "" }),
			changed(func(g *cli.GeneratorDefinition) { g.Generate = nil }), changed(func(g *cli.GeneratorDefinition) { g.Example = "" }),
			changed(func(g *cli.GeneratorDefinition) { g.Example = "gen shelf" }), changed(func(g *cli.GeneratorDefinition) { g.Dir = "../x" }),
		},
		"options": {
			changed(func(g *cli.GeneratorDefinition) { g.Options[0].Name = "force" }), changed(func(g *cli.GeneratorDefinition) { g.Options[0].Letter = 'o' }),
			changed(func(g *cli.GeneratorDefinition) { g.Options[0].Short = "" }), changed(func(g *cli.GeneratorDefinition) { g.Options[0].Required = true }),
			changed(func(g *cli.GeneratorDefinition) { g.Options[0].Bool = true }), changed(func(g *cli.GeneratorDefinition) { g.Options[0].Default = "tin" }),
			changed(func(g *cli.GeneratorDefinition) { g.Options = append(g.Options, g.Options...) }),
		},
		"files": {
			changed(files("../x", "a")), changed(files("/x", "a")), changed(files(`a\b`, "a")), changed(files(".", "a")),
			changed(func(g *cli.GeneratorDefinition) {
				g.Generate = func(context.Context, cli.Request) ([]cli.File, error) { return nil, nil }
			}),
			changed(func(g *cli.GeneratorDefinition) {
				g.Generate = func(context.Context, cli.Request) ([]cli.File, error) { return nil, errors.New("no") }
			}),
			changed(func(g *cli.GeneratorDefinition) {
				g.Generate = func(context.Context, cli.Request) ([]cli.File, error) {
					draws++
					return []cli.File{{Path: "a", Data: fmt.Append(nil, draws)}}, nil
				}
			}),
		},
		"diagnoses": {
			changed(func(d *cli.Diagnosis) { d.Name = "" }), changed(func(d *cli.Diagnosis) { d.Short = "" }), changed(func(d *cli.Diagnosis) { d.Run = nil }),
			changed(func(d *cli.Diagnosis) { d.Run = func(context.Context) []cli.Finding { panic("no") } }),
			changed(func(d *cli.Diagnosis) {
				d.Run = func(context.Context) []cli.Finding { return []cli.Finding{{Problem: "a\nb"}} }
			}),
		},
	}
	for _, r := range rules {
		if err := r.check(t.Context(), good()); err != nil {
			t.Errorf("%s: refuses what is right: %v", r.name, err)
		}
		if len(broken[r.name]) == 0 {
			t.Errorf("%s: nothing breaks it", r.name)
		}
		for i, c := range broken[r.name] {
			if err := r.check(t.Context(), c); err == nil {
				t.Errorf("%s: broken contributor %d is not caught", r.name, i)
			}
		}
	}
}

func files(path, data string) func(*cli.GeneratorDefinition) {
	return func(g *cli.GeneratorDefinition) {
		g.Generate = func(context.Context, cli.Request) ([]cli.File, error) {
			return []cli.File{{Path: path, Data: []byte(data)}}, nil
		}
	}
}

// TestBrokenRun runs commands that break what a run must keep.
func TestBrokenRun(t *testing.T) {
	for name, run := range map[string]func(context.Context, *cli.Call) error{
		"panics": func(context.Context, *cli.Call) error { panic("no") },
		"resolves what it did not declare": func(ctx context.Context, c *cli.Call) error {
			_, _ = di.Get[string](ctx, c.Needs)
			return nil
		},
		"collects what it did not declare": func(ctx context.Context, c *cli.Call) error {
			_, _ = di.All[number](ctx, c.Needs)
			return nil
		},
		"prints text as JSON": func(_ context.Context, c *cli.Call) error {
			_, err := fmt.Fprintln(c.Stdout, "seven shelves")
			return err
		},
		"an error of two lines":            func(context.Context, *cli.Call) error { return errors.New("a\nb") },
		"several errors, one of two lines": func(context.Context, *cli.Call) error { return errors.Join(os.ErrClosed, errors.New("a\nb")) },
		"an error of no text":              func(context.Context, *cli.Call) error { return errors.New("") },
		"an exit status that is not documented": func(context.Context, *cli.Call) error {
			return &cli.ExitError{Code: 9, Err: os.ErrNotExist}
		},
	} {
		c := changed(func(c *cli.Command) { c.Run = run })
		if err := checkRun(t.Context(), c, "shelf list", "shelf list", numbers{}); err == nil {
			t.Errorf("one that %s is not caught", name)
		}
	}
	for _, err := range []error{nil, os.ErrNotExist, errors.Join(os.ErrNotExist, os.ErrClosed), cli.ErrUsage, &cli.ExitError{Code: 3, Err: os.ErrNotExist}} {
		c := changed(func(c *cli.Command) { c.Run = func(context.Context, *cli.Call) error { return err } })
		if got := checkRun(t.Context(), c, "shelf list", "shelf list", numbers{}); got != nil {
			t.Errorf("%v is refused: %v", err, got)
		}
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		`a "b c"  d`: {"a", "b c", "d"}, `""`: {""}, ` `: nil, `a"b c"`: {"ab c"},
	} {
		if got, err := split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
}
