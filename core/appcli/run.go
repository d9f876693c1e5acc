package appcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Run runs one command line and returns its exit status. It is [Main] without
// the process: args are what follows the name of the program. Colours are used
// only if the writer is a terminal, and never with NO_COLOR set.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer, o Options) int {
	p := &program{Options: o, stdout: stdout, stderr: stderr}
	err := p.run(ctx, args)
	if err != nil {
		p.complain(err)
	}
	return cli.ExitCode(err)
}

// A program is one run of a command line.
type program struct {
	Options
	stdout, stderr io.Writer
	json           bool

	app      cli.Application // nil if Open failed
	problems error           // of Open, the configuration and the graph
	entries  []entry
	found    []cli.Contribution
	root     *cobra.Command
}

func (p *program) run(ctx context.Context, args []string) error {
	if p.Name == "" || p.Open == nil {
		return cli.Err.Wrap(nil, "appcli: Options need a Name and Open")
	}
	if err := p.scan(args); err != nil {
		return err
	}
	p.open(ctx)
	conflicts := p.assemble()
	p.grow()
	words := args
	if !completing(args) {
		words = p.arrange(args)
		if conflicts != nil && !harmless(words) {
			return conflicts
		}
		p.problems = errors.Join(conflicts, p.problems)
	}
	p.root.SetArgs(words)
	return p.root.ExecuteContext(ctx)
}

// harmless reports whether the command line works whatever contributors say.
func harmless(words []string) bool {
	return len(words) == 0 || words[0] == "doctor" || words[0] == "version" || words[len(words)-1] == "--help"
}

// completing reports whether a shell asks for completions.
func completing(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// scan finds the application's own flags before anything is known of commands,
// so that Open can read them.
func (p *program) scan(args []string) error {
	fs := pflag.NewFlagSet(p.Name, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	fs.ParseErrorsAllowlist.UnknownFlags = true
	p.declare(fs)
	fs.BoolP("help", "h", false, "")
	if err := fs.Parse(normalize(args, flagsOf(fs))); err != nil {
		return p.usage(err, p.Name)
	}
	return nil
}

// declare adds the flags that every command takes.
func (p *program) declare(fs *pflag.FlagSet) {
	fs.BoolVar(&p.json, "json", false, "print results as JSON")
	if p.Flags != nil {
		fs.AddGoFlagSet(goFlags(p.Flags))
	}
}

// open makes the application and asks what it contributes.
func (p *program) open(ctx context.Context) {
	for _, c := range p.Contributors {
		p.found = append(p.found, cli.Contribution{Contributor: c})
	}
	p.problems = errs.Catch(func() (err error) {
		p.app, err = p.Open(ctx)
		return err
	})
	if p.problems != nil {
		p.app = nil
		return
	}
	p.problems = errs.Catch(func() error {
		found, err := p.app.Contributions(ctx)
		p.found = append(p.found, found...)
		return err
	})
}

// usage says what is wrong with the command line, and where to read about it.
func (p *program) usage(err error, path string) error {
	if errors.Is(err, cli.ErrUsage) && strings.Contains(err.Error(), "--help") {
		return err
	}
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	return cli.ErrUsage.Wrap(&hinted{err: err, text: text + "; see " + path + " --help"}, "%s", p.Name)
}

// A hinted error has another text.
type hinted struct {
	err  error
	text string
}

func (h *hinted) Error() string { return h.text }
func (h *hinted) Unwrap() error { return h.err }

// complain prints an error, a line for each of its problems.
func (p *program) complain(err error) {
	prefix := paint(p.stderr, red, p.Name+":")
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), p.Name+": ")
		fmt.Fprintln(p.stderr, prefix, cli.Plain(line)) // nobody is left to tell that stderr is gone
	}
}
