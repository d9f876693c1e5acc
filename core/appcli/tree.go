package appcli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
)

// grow makes the tree of commands.
func (p *program) grow() {
	p.root = &cobra.Command{
		Use: p.Name, Short: p.Short, Long: p.Long, Example: p.Example,
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs, RunE: p.group,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	p.root.SetOut(p.stdout)
	p.root.SetErr(p.stderr)
	p.root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	p.root.SetHelpFunc(p.help)
	p.root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return p.usage(p.nearestFlag(c, err), c.CommandPath()) })
	p.declare(p.root.PersistentFlags())
	for _, e := range p.entries {
		p.plant(e)
	}
}

// plant adds one command, and the groups on the way to it.
func (p *program) plant(e entry) {
	at, words := p.root, strings.Fields(e.Path)
	if len(words) == 0 {
		return // a conflict that was reported
	}
	for _, w := range words[:len(words)-1] {
		next := child(at, w)
		if next == nil {
			next = &cobra.Command{Use: w, Args: cobra.ArbitraryArgs, RunE: p.group}
			at.AddCommand(next)
		}
		at = next
	}
	name := words[len(words)-1]
	if child(at, name) != nil {
		return // it is a group: a conflict that was reported
	}
	c := &cobra.Command{
		Use: strings.TrimSpace(name + " " + e.Args), Short: e.Short, Long: e.Long, Example: p.examples(e),
		Args: cobra.ArbitraryArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error { return p.call(c.Context(), e, args) },
	}
	c.Flags().AddFlagSet(e.flags())
	if e.Args != "" {
		c.ValidArgsFunction = nil // files, as likely as anything
	}
	c.Annotations = map[string]string{exitNote: exits(e)}
	at.AddCommand(c)
}

// exitNote is where help finds the exit statuses of a command.
const exitNote = "exits"

func exits(e entry) string {
	b := "  0  done\n  1  failed\n  2  the command line is wrong\n"
	for _, x := range e.Exits {
		b += fmt.Sprintf("  %d  %s\n", x.Code, x.Means)
	}
	return b
}

// examples puts the name of the program before each line.
func (p *program) examples(e entry) string {
	prefix := p.Name + " "
	if e.from != "" && strings.HasPrefix(e.Path, "gen ") {
		prefix += "gen "
	}
	var lines []string
	for l := range strings.Lines(e.Example) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, "  "+prefix+l)
		}
	}
	return strings.Join(lines, "\n")
}

// group is what a word does that is no command: it says which there are.
func (p *program) group(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		p.help(c, nil)
		if c == p.root {
			return nil
		}
		return p.usage(cli.ErrUsage.Wrap(errors.New("it is a group of commands: name one"), "%s", c.CommandPath()), c.CommandPath())
	}
	if p.problems != nil {
		return p.problems // the command may be one that is not known because of them
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	text := "unknown command " + strconv.Quote(args[0])
	if c != p.root {
		text += " of " + c.CommandPath()
	}
	if near := config.Nearest(args[0], names); near != "" {
		text += " (did you mean " + strconv.Quote(near) + "?)"
	}
	return p.usage(errors.New(text), c.CommandPath())
}

// nearestFlag says which flag was probably meant.
func (p *program) nearestFlag(c *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := config.Nearest(strings.TrimLeft(unknown.GetSpecifiedName(), "-"), names); near != "" {
		return fmt.Errorf("%w (did you mean --%s?)", err, near)
	}
	return err
}

// do runs a command inside the application.
func (p *program) do(ctx context.Context, e entry, call *cli.Call, run func(context.Context) error) error {
	return p.app.Do(ctx, e.module, e.Needs, func(ctx context.Context, r di.Resolver) error {
		call.Needs = r
		return run(ctx)
	})
}
