package clitest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

var word = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func commandsOf(c cli.Contributor) []cli.Command {
	if cc, ok := c.(cli.CommandContributor); ok {
		return cc.Commands()
	}
	return nil
}

// lines returns the lines of an example that say something.
func lines(example string) []string {
	var all []string
	for l := range strings.Lines(example) {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}

// each calls fn for every command and names the command in its error.
func each(c cli.Contributor, fn func(cli.Command) error) error {
	var all []error
	for _, cmd := range commandsOf(c) {
		if err := errs.Catch(func() error { return fn(cmd) }); err != nil {
			all = append(all, fmt.Errorf("command %q: %w", cmd.Path, err))
		}
	}
	return errors.Join(all...)
}

func checkSomething(_ context.Context, c cli.Contributor) error {
	_, gen := c.(cli.GeneratorContributor)
	_, doc := c.(cli.DoctorContributor)
	if _, cmd := c.(cli.CommandContributor); !cmd && !gen && !doc {
		return fmt.Errorf("%T contributes nothing", c)
	}
	return nil
}

func checkID(_ context.Context, c cli.Contributor) error {
	if id := c.ID(); !word.MatchString(id) || c.ID() != id {
		return fmt.Errorf("ID = %q and then %q", id, c.ID())
	}
	return nil
}

func checkSameCommands(_ context.Context, c cli.Contributor) error {
	paths := func() (all []string) {
		for _, cmd := range commandsOf(c) {
			all = append(all, cmd.Path)
		}
		return all
	}
	if a, b := paths(), paths(); !slices.Equal(a, b) {
		return fmt.Errorf("%q and then %q", a, b)
	}
	return nil
}

func checkFlagsApart(_ context.Context, c cli.Contributor) error {
	for i, first := range commandsOf(c) {
		second := commandsOf(c)
		if i >= len(second) || first.Flags == nil || second[i].Flags == nil {
			continue // another rule's
		}
		a, b := flagsOf(first), flagsOf(second[i])
		var err error
		a.VisitAll(func(f *flag.Flag) {
			before := b.Lookup(f.Name)
			if before == nil {
				err = errors.Join(err, fmt.Errorf("command %q: the second call has no flag %q", first.Path, f.Name))
				return
			}
			was := before.Value.String()
			for _, v := range []string{"true", "false", "7", "1m", "changed"} {
				_ = a.Set(f.Name, v) // those that the flag takes
				if before.Value.String() != was {
					err = errors.Join(err, fmt.Errorf("command %q: setting %q of one call sets it for the other", first.Path, f.Name))
					return
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func flagsOf(c cli.Command) *flag.FlagSet {
	fs := flag.NewFlagSet(c.Path, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	if c.Flags != nil {
		c.Flags(fs)
	}
	return fs
}

func checkPaths(_ context.Context, c cli.Contributor) error {
	seen := map[string]bool{}
	return each(c, func(cmd cli.Command) error {
		words := strings.Split(cmd.Path, " ")
		if len(words) > 3 {
			return errors.New("is not one to three words")
		}
		for _, w := range words {
			if !word.MatchString(w) {
				return fmt.Errorf("%q is not a lower-case word", w)
			}
		}
		if seen[cmd.Path] {
			return errors.New("there are two of it")
		}
		seen[cmd.Path] = true
		return nil
	})
}

func checkGroups(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error {
		for _, other := range commandsOf(c) {
			if strings.HasPrefix(other.Path, cmd.Path+" ") {
				return fmt.Errorf("is the group of %q too", other.Path)
			}
		}
		return nil
	})
}

func checkShort(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error { return short(cmd.Short) })
}

func short(text string) error {
	if text == "" || len(text) > 72 || strings.ContainsAny(text, "\n\t") || strings.HasSuffix(text, ".") || cli.Plain(text) != text {
		return fmt.Errorf("Short is %q", text)
	}
	return nil
}

func checkExamples(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error {
		if len(lines(cmd.Example)) == 0 {
			return errors.New("has no example")
		}
		for _, line := range lines(cmd.Example) {
			fs := flagsOf(cmd)
			args, err := parse(fs, cmd.Path, line)
			if err == nil {
				err = cmd.CheckArgs(args)
			}
			if err != nil {
				return fmt.Errorf("example %q: %w", line, err)
			}
		}
		return nil
	})
}

// parse parses an example with the flags anywhere and returns its arguments.
// "--json" is the command line's own.
func parse(fs *flag.FlagSet, path, line string) ([]string, error) {
	rest, ok := strings.CutPrefix(line+" ", path+" ")
	if !ok {
		return nil, errors.New("does not begin with the path")
	}
	words, err := split(rest)
	if err != nil {
		return nil, err
	}
	var args []string
	for words = slices.DeleteFunc(words, func(w string) bool { return w == "--json" }); len(words) > 0; {
		if err := fs.Parse(words); err != nil {
			return nil, err
		}
		if words = fs.Args(); len(words) > 0 {
			args, words = append(args, words[0]), words[1:]
		}
	}
	return args, nil
}

// split cuts a line at spaces, and takes off double quotes.
func split(line string) ([]string, error) {
	var all []string
	var b strings.Builder
	quoted, begun := false, false
	for _, r := range line {
		switch {
		case r == '"':
			quoted, begun = !quoted, true
		case r == ' ' && !quoted:
			if begun {
				all = append(all, b.String())
			}
			b.Reset()
			begun = false
		default:
			b.WriteRune(r)
			begun = true
		}
	}
	if quoted {
		return nil, errors.New("a quote is open")
	}
	if begun {
		all = append(all, b.String())
	}
	return all, nil
}

var argument = regexp.MustCompile(`^(\[[A-Z][A-Z0-9_|-]*(\.\.\.)?\]|[A-Z][A-Z0-9_|-]*(\.\.\.)?)$`)

func checkArguments(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error {
		words := strings.Fields(cmd.Args)
		for i, w := range words {
			if !argument.MatchString(w) {
				return fmt.Errorf("Args %q: %q is not NAME, [NAME] or NAME...", cmd.Args, w)
			}
			if i < len(words)-1 && strings.Contains(w, "...") {
				return fmt.Errorf("Args %q: only the last one is repeated", cmd.Args)
			}
			if i > 0 && strings.HasPrefix(words[i-1], "[") && !strings.HasPrefix(w, "[") {
				return fmt.Errorf("Args %q: one that must be there stands behind one that may be absent", cmd.Args)
			}
		}
		return nil
	})
}

func checkFlags(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) (err error) {
		flagsOf(cmd).VisitAll(func(f *flag.Flag) {
			switch {
			case !word.MatchString(f.Name):
				err = fmt.Errorf("flag %q is not a lower-case word", f.Name)
			case slices.Contains([]string{"help", "h", "json"}, f.Name):
				err = fmt.Errorf("flag %q is the command line's own", f.Name)
			case strings.TrimSpace(f.Usage) == "":
				err = fmt.Errorf("flag %q has no usage text", f.Name)
			}
		})
		return err
	})
}

func checkExits(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error {
		seen := map[int]bool{}
		for _, e := range cmd.Exits {
			if e.Code < 3 || e.Code > 125 || e.Means == "" || seen[e.Code] {
				return fmt.Errorf("exit status %d, %q", e.Code, e.Means)
			}
			seen[e.Code] = true
		}
		return nil
	})
}

func checkNeeds(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error {
		for i, k := range cmd.Needs {
			if k.Type == nil || slices.Contains(cmd.Needs[:i], k) {
				return fmt.Errorf("need %d is %+v", i, k)
			}
		}
		return nil
	})
}

func checkHasRun(_ context.Context, c cli.Contributor) error {
	return each(c, func(cmd cli.Command) error {
		if cmd.Run == nil {
			return errors.New("Run is nil")
		}
		return nil
	})
}
