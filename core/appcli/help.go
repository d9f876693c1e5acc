package appcli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
)

// help prints what a command is, on stdout.
func (p *program) help(c *cobra.Command, _ []string) {
	w := bufio.NewWriter(p.stdout)
	defer w.Flush() // nobody is left to tell that stdout is gone
	text := strings.TrimSpace(c.Long)
	if text == "" {
		text = c.Short
	}
	if text != "" {
		fmt.Fprintf(w, "%s\n\n", text)
	}
	fmt.Fprintf(w, "Usage:\n")
	if !c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s\n", c.UseLine())
	} else {
		fmt.Fprintf(w, "  %s COMMAND [flags]\n", c.CommandPath())
		if c == p.root && p.Default != "" {
			fmt.Fprintf(w, "  %s [flags]  is %s %s\n", p.Name, p.Name, p.Default)
		}
		fmt.Fprintf(w, "\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(w, "  %-*s  %s\n", c.NamePadding(), sub.Name(), about(sub))
			}
		}
	}
	if c.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", strings.TrimRight(c.Example, "\n"))
	}
	if flags := usages(c.LocalNonPersistentFlags()); flags != "" {
		fmt.Fprintf(w, "\nFlags:\n%s", flags)
	}
	fmt.Fprintf(w, "\nFlags of every command, before or behind it:\n%s", usages(p.root.PersistentFlags()))
	if note := c.Annotations[exitNote]; note != "" {
		fmt.Fprintf(w, "\nExit status:\n%s", note)
	} else {
		fmt.Fprintf(w, "\n%s help COMMAND tells more.\n", p.Name)
	}
}

// usages returns a line for each flag but --help.
func usages(fs *pflag.FlagSet) string {
	var names, texts []string
	width := 0
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		name := "      --" + f.Name
		switch {
		case len(f.Name) == 1:
			name = "  -" + f.Name
		case f.Shorthand != "":
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		if f.NoOptDefVal == "" {
			name += " " + strings.ToUpper(value)
		}
		if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "0s" && !secret(f.Name) {
			text += " (default " + cli.Plain(d) + ")"
		}
		names, texts = append(names, name), append(texts, text)
		width = max(width, len(name))
	})
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "%-*s  %s\n", width, name, texts[i])
	}
	return b.String()
}

// secret reports whether the default of a flag is not to be shown: it may come
// from the environment.
func secret(name string) bool { return config.IsSecretKey(name) || strings.HasSuffix(name, "key") }

// about is one line about a command, or what its group holds.
func about(c *cobra.Command) string {
	if !c.HasAvailableSubCommands() {
		return c.Short
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return strings.Join(names, ", ")
}
