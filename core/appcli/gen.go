package appcli

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
)

// A generation is one call of a generator.
type generation struct {
	def     cli.GeneratorDefinition
	fields  []cli.Field
	options map[string]string
	dir     string
	dryRun  bool
	force   bool
}

// generator makes the command "gen NAME" of a definition.
func (p *program) generator(def cli.GeneratorDefinition) entry {
	g := &generation{def: def, options: map[string]string{}, dir: "."}
	if def.Dir != "" {
		g.dir = def.Dir
	}
	e := entry{letters: map[string]byte{"output-dir": 'o'}}
	if def.Fields != "" {
		e.letters["fields"] = 'f'
	}
	for _, o := range def.Options {
		g.options[o.Name] = o.Default
		if o.Bool && o.Default == "" {
			g.options[o.Name] = "false"
		}
		if o.Letter != 0 {
			e.letters[o.Name] = o.Letter
		}
	}
	e.Command = cli.Command{
		Path: "gen " + def.Name, Args: "NAME", Short: def.Short, Long: def.Long, Example: def.Example, Flags: g.flags, Run: g.run,
	}
	if def.Generate == nil {
		e.Run = nil // which is refused
	}
	return e
}

// flags declares the flags of all generators, and the generator's own.
func (g *generation) flags(fs *flag.FlagSet) {
	if g.def.Fields != "" {
		fs.Func("fields", g.def.Fields+", as `NAME:TYPE[?][!unique][!fk=MODEL][=DEFAULT]`, with commas between; may be repeated", g.addFields)
	}
	fs.StringVar(&g.dir, "output-dir", g.dir, "write below `DIR`")
	fs.BoolVar(&g.dryRun, "dry-run", false, "print what would be written, as a patch, and write nothing")
	fs.BoolVar(&g.force, "force", false, "overwrite files that exist")
	for _, o := range g.def.Options {
		usage := o.Short
		if o.OneOf != nil {
			usage += ": " + strings.Join(o.OneOf, ", ")
		}
		if o.Required {
			usage += " (required)"
		}
		fs.Var(optionValue{g, o}, o.Name, usage)
	}
}

func (g *generation) addFields(text string) error {
	fields, err := ParseFields(text)
	for _, f := range fields {
		if slices.ContainsFunc(g.fields, func(old cli.Field) bool { return old.Name == f.Name }) {
			return cli.ErrField.Wrap(fmt.Errorf("there are two fields %q", f.Name), "fields %.100q", text)
		}
		g.fields = append(g.fields, f)
	}
	return err
}

// An optionValue is the flag of an option.
type optionValue struct {
	g *generation
	o cli.GeneratorOption
}

func (v optionValue) String() string {
	if v.g == nil {
		return "" // flag asks the zero value
	}
	return v.g.options[v.o.Name]
}

func (v optionValue) IsBoolFlag() bool { return v.o.Bool }

func (v optionValue) Set(text string) error {
	allowed := v.o.OneOf
	if v.o.Bool {
		allowed = []string{"true", "false"}
	}
	if allowed != nil && !slices.Contains(allowed, text) {
		problem := fmt.Errorf("%q is not one of %s", text, strings.Join(allowed, ", "))
		if near := config.Nearest(text, allowed); near != "" {
			problem = fmt.Errorf("%w (did you mean %q?)", problem, near)
		}
		return problem
	}
	v.g.options[v.o.Name] = text
	return nil
}

var generatedName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,99}$`)

func (g *generation) run(ctx context.Context, call *cli.Call) error {
	if !generatedName.MatchString(call.Args[0]) {
		return cli.ErrUsage.Wrap(fmt.Errorf("the name %.120q is not made of letters, digits, _ and -, or too long", call.Args[0]), "gen %s", g.def.Name)
	}
	for _, o := range g.def.Options {
		if o.Required && g.options[o.Name] == "" {
			return cli.ErrUsage.Wrap(errors.New("needs --"+o.Name), "gen %s", g.def.Name)
		}
	}
	req := cli.Request{Name: call.Args[0], Fields: g.fields, Options: g.options, Dir: embed.FS{}}
	root, err := os.OpenRoot(g.dir)
	switch {
	case err == nil:
		defer root.Close() // it is only read
		req.Dir = root.FS()
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	files, err := g.def.Generate(ctx, req)
	if err != nil {
		return err
	}
	if g.dryRun {
		plan, err := preview(req.Dir, files, g.force)
		return errors.Join(err, call.Print(plan))
	}
	result, err := write(g.dir, files, g.force)
	return errors.Join(err, call.Print(result))
}
