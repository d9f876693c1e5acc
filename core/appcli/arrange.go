package appcli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// arrange returns the command line as cobra reads it: the path first, then flags
// and arguments in their order. Without any word it is that of the default command.
func (p *program) arrange(args []string) []string {
	args = normalize(args, p.known())
	help := false
	if at := p.firstWord(args); at >= 0 && args[at] == "help" {
		args, help = slices.Delete(slices.Clone(args), at, at+1), true
	}
	if help {
		args = append([]string{"--help"}, args...)
	}
	at, path, rest, words := p.split(args)
	asksHelp := func(arg string) bool { return arg == "--help" || arg == "-h" }
	switch asked := slices.ContainsFunc(rest, asksHelp); {
	case asked && words > 0 && at.HasSubCommands():
		rest = slices.DeleteFunc(rest, asksHelp) // of a command that does not exist
	case len(path) == 0 && words == 0 && !asked && p.Default != "":
		path = strings.Fields(p.Default)
	}
	return append(path, rest...)
}

// known are the flags of all commands: only where one name has a value for one
// command and none for another is a word before the command counted as its value.
func (p *program) known() known {
	sets := []*pflag.FlagSet{p.root.PersistentFlags()}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		sets = append(sets, c.Flags())
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(p.root)
	return flagsOf(sets...)
}

// firstWord returns where the first word stands that is no flag or value, or -1.
func (p *program) firstWord(args []string) int {
	k := p.known()
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		if !isFlag(args[i]) {
			return i
		}
		if k.takesValue(args[i]) {
			i++
		}
	}
	return -1
}

// split takes the path of a command out of args, and counts the other words.
func (p *program) split(args []string) (at *cobra.Command, path, rest []string, words int) {
	k := p.known()
	at = p.root
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return at, path, append(rest, args[i:]...), words + len(args) - i - 1
		}
		if isFlag(arg) {
			rest = append(rest, arg)
			if k.takesValue(arg) && i+1 < len(args) {
				i++
				rest = append(rest, args[i])
			}
			continue
		}
		if next := child(at, arg); next != nil && words == 0 {
			at, path = next, append(path, arg)
			continue
		}
		rest, words = append(rest, arg), words+1
	}
	return at, path, rest, words
}

func child(c *cobra.Command, name string) *cobra.Command {
	for _, sub := range c.Commands() {
		if sub.Name() == name {
			return sub
		}
	}
	return nil
}
