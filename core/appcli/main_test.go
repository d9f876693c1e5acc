package appcli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A contributor contributes what it is made of.
type contributor struct {
	id         string
	commands   []cli.Command
	generators []cli.GeneratorDefinition
	diagnoses  []cli.Diagnosis
}

func (c contributor) ID() string                            { return c.id }
func (c contributor) Commands() []cli.Command               { return c.commands }
func (c contributor) Generators() []cli.GeneratorDefinition { return c.generators }
func (c contributor) Diagnoses() []cli.Diagnosis            { return c.diagnoses }

// An application has one service, the string "service".
type application struct {
	found    []cli.Contribution
	problems error
	did      []string // modules on whose behalf Do was called
	ran      int
}

func (a *application) Contributions(context.Context) ([]cli.Contribution, error) {
	return a.found, a.problems
}

func (a *application) Do(ctx context.Context, module string, needs []di.Key, fn func(context.Context, di.Resolver) error) error {
	if a.problems != nil {
		return a.problems
	}
	a.did = append(a.did, module)
	return errors.Join(fn(ctx, services{}), nil)
}

func (a *application) Run(ctx context.Context) error {
	a.ran++
	return errors.Join(a.problems, ctx.Err())
}

type services struct{}

func (services) Resolve(context.Context, di.Key) (any, error) { return "service", nil }

// A result is what one run left.
type result struct {
	code           int
	stdout, stderr string
}

// call runs a command line of o.
func call(t *testing.T, o Options, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), args, &stdout, &stderr, o)
	return result{code, stdout.String(), stderr.String()}
}

// shelves is an application with commands, a generator and a diagnosis.
func shelves() (*application, Options) {
	app := &application{found: []cli.Contribution{
		{Module: "store", Contributor: contributor{id: "store", commands: []cli.Command{list(), fail()}, generators: []cli.GeneratorDefinition{textGenerator()}}},
		{Contributor: contributor{id: "dust", diagnoses: []cli.Diagnosis{{Name: "dust", Short: "Dust", Run: func(context.Context) []cli.Finding {
			return []cli.Finding{{Warning: true, Problem: "there is dust", Fix: "wipe it"}}
		}}}}},
	}}
	return app, Options{
		Name: "shelves", Short: "Shelves for tests", Version: "v1.2.3", Default: "serve",
		Flags: func(fs *flag.FlagSet) {
			fs.String("data", "", "the `DIR`")
			fs.Bool("v", false, "tell more")
		},
		Open: func(context.Context) (cli.Application, error) { return app, nil },
	}
}

type row struct {
	Service string   `json:"service"`
	Long    bool     `json:"long"`
	Args    []string `json:"args"`
}

func (r row) String() string { return fmt.Sprintf("%s %v %q", r.Service, r.Long, r.Args) }

func list() cli.Command {
	long := false
	return cli.Command{
		Path: "store list", Args: "[NAME...]", Short: "List the shelves", Example: "store list --long",
		Flags: func(fs *flag.FlagSet) { fs.BoolVar(&long, "long", false, "tell more") },
		Exits: []cli.Exit{{Code: 3, Means: "there are none"}},
		Needs: []di.Key{di.KeyOf[string]()},
		Run: func(ctx context.Context, call *cli.Call) error {
			s, err := di.Get[string](ctx, call.Needs)
			if err != nil {
				return err
			}
			return call.Print(row{s, long, call.Args})
		},
	}
}

func fail() cli.Command {
	how := ""
	return cli.Command{
		Path: "store fail", Short: "Fail", Example: "store fail",
		Flags: func(fs *flag.FlagSet) { fs.StringVar(&how, "how", "", "the `WAY` to fail") },
		Run: func(context.Context, *cli.Call) error {
			switch how {
			case "three":
				return &cli.ExitError{Code: 3, Err: errors.New("there are none")}
			case "usage":
				return cli.ErrUsage.Wrap(errors.New("not like that"), "store fail")
			case "panic":
				panic("out of shelves")
			case "joined":
				return errors.Join(os.ErrNotExist, errors.New("shelves: steers \x1b[2J"))
			}
			return os.ErrNotExist
		},
	}
}

func textGenerator() cli.GeneratorDefinition {
	return cli.GeneratorDefinition{
		Name: "text", Short: "A text", Example: "text hello", Dir: "texts", Fields: "words of the text",
		Options: []cli.GeneratorOption{
			{Name: "style", Letter: 's', Short: "how it reads", OneOf: []string{"plain", "bold"}, Default: "plain"},
			{Name: "loud", Short: "shout", Bool: true},
			{Name: "author", Short: "who wrote it", Default: "anonymous"},
		},
		Generate: func(_ context.Context, req cli.Request) ([]cli.File, error) {
			var b strings.Builder
			for _, f := range req.Fields {
				fmt.Fprintf(&b, "%+v\n", f)
			}
			fmt.Fprintf(&b, "%s %s %s\n", req.Options["style"], req.Options["loud"], req.Options["author"])
			return []cli.File{{Path: "a/" + cli.Snake(req.Name) + ".txt", Data: []byte(b.String())}, {Path: "end.txt", Data: []byte("no line end")}}, nil
		},
	}
}
