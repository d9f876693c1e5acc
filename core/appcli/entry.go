package appcli

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// An entry is a command and where it comes from.
type entry struct {
	cli.Command
	module  string // on whose behalf needs are resolved
	from    string // the contributor's ID; "" for what every application has
	letters map[string]byte
}

// assemble collects every command, and returns what contradicts what.
func (p *program) assemble() error {
	var all []error
	p.entries = p.builtins()
	ids := map[string]bool{}
	for _, found := range p.found {
		c := found.Contributor
		if c == nil {
			all = append(all, cli.ErrConflict.Wrap(errors.New("a contributor is nil"), "%s", p.Name))
			continue
		}
		if ids[c.ID()] {
			all = append(all, cli.ErrConflict.Wrap(errors.New("two contributors have the ID "+strconv.Quote(c.ID())), "%s", p.Name))
			continue
		}
		ids[c.ID()] = true
		all = append(all, errs.Catch(func() error { return p.contribute(found) }))
	}
	return errors.Join(append(all, p.checkPaths()...)...)
}

// contribute adds the commands and generators of one contributor.
func (p *program) contribute(found cli.Contribution) error {
	var all []error
	if c, ok := found.Contributor.(cli.CommandContributor); ok {
		for _, cmd := range c.Commands() {
			all = append(all, p.add(entry{Command: cmd, module: found.Module, from: c.ID()}))
		}
	}
	if g, ok := found.Contributor.(cli.GeneratorContributor); ok {
		for _, def := range g.Generators() {
			e := p.generator(def)
			e.from = g.ID()
			all = append(all, p.add(e))
		}
	}
	return errors.Join(all...)
}

// add adds a command unless another one has its path.
func (p *program) add(e entry) error {
	if e.Run == nil {
		return e.conflict("has no Run")
	}
	if name := p.taken(e); name != "" {
		return e.conflict("has the flag " + strconv.Quote(name) + ", which every command of " + p.Name + " has")
	}
	i := slices.IndexFunc(p.entries, func(old entry) bool { return old.Path == e.Path })
	switch {
	case i < 0:
		p.entries = append(p.entries, e)
	case e.Replace && !p.entries[i].Replace:
		p.entries[i] = e
	case !e.Replace && p.entries[i].Replace:
	default:
		return e.conflict("is the command of " + p.entries[i].whose() + " too: rename one, or set Replace")
	}
	return nil
}

// taken returns a flag of e that is one of every command.
func (p *program) taken(e entry) (name string) {
	common := pflag.NewFlagSet("", pflag.ContinueOnError)
	p.declare(common)
	e.flags().VisitAll(func(f *pflag.Flag) {
		if common.Lookup(f.Name) != nil || f.Shorthand != "" && common.ShorthandLookup(f.Shorthand) != nil || f.Name == "help" || f.Shorthand == "h" {
			name = f.Name
		}
	})
	return name
}

// flags returns the command's own flags, bound to what its Run reads.
func (e entry) flags() *pflag.FlagSet {
	fs := pflag.NewFlagSet(e.Path, pflag.ContinueOnError)
	if e.Flags != nil {
		fs.AddGoFlagSet(goFlags(e.Flags))
	}
	if len(e.letters) == 0 {
		return fs
	}
	lettered := pflag.NewFlagSet(e.Path, pflag.ContinueOnError)
	fs.VisitAll(func(f *pflag.Flag) {
		if l := e.letters[f.Name]; l != 0 {
			f.Shorthand = string(l)
		}
		lettered.AddFlag(f)
	})
	return lettered
}

// checkPaths finds commands that cannot be called.
func (p *program) checkPaths() (all []error) {
	for _, e := range p.entries {
		words := strings.Split(e.Path, " ")
		if slices.ContainsFunc(words, func(w string) bool { return !isWord(w) }) || words[0] == "help" {
			all = append(all, e.conflict("is not made of lower-case words"))
		}
		for _, other := range p.entries {
			if strings.HasPrefix(other.Path, e.Path+" ") {
				all = append(all, e.conflict("is the group of "+strconv.Quote(other.Path)+" of "+other.whose()+" too"))
			}
		}
	}
	return all
}

func isWord(w string) bool {
	for i, r := range w {
		if letter := r >= 'a' && r <= 'z'; !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return w != ""
}

func (e entry) whose() string {
	if e.from == "" {
		return "the command line itself"
	}
	return "contributor " + strconv.Quote(e.from)
}

func (e entry) conflict(problem string) error {
	return cli.ErrConflict.Wrap(errors.New(problem), "command %q of %s", e.Path, e.whose())
}

// call runs the command, with as much of the application as it needs.
func (p *program) call(ctx context.Context, e entry, args []string) error {
	if err := e.CheckArgs(args); err != nil {
		return p.usage(err, p.Name+" "+e.Path)
	}
	call := &cli.Call{Args: args, Stdout: p.stdout, Stderr: p.stderr, JSON: p.json}
	run := func(ctx context.Context) error {
		return errs.Catch(func() error { return e.Run(ctx, call) })
	}
	var err error
	switch {
	case len(e.Needs) == 0:
		err = run(ctx)
	case p.app == nil:
		return p.problems
	default:
		err = p.do(ctx, e, call, run)
	}
	if errors.Is(err, cli.ErrUsage) {
		return p.usage(err, p.Name+" "+e.Path)
	}
	return err
}
