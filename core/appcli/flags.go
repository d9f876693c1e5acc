package appcli

import (
	"flag"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// goFlags returns what declare declares.
func goFlags(declare func(*flag.FlagSet)) *flag.FlagSet {
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	declare(fs)
	return fs
}

// known says which flags there are, and which of them take a value, with their
// dashes: "--data": true, "-v": false.
type known map[string]bool

func flagsOf(sets ...*pflag.FlagSet) known {
	k := known{}
	for _, fs := range sets {
		fs.VisitAll(func(f *pflag.Flag) {
			value := f.NoOptDefVal == ""
			k["--"+f.Name] = k["--"+f.Name] || value
			if f.Shorthand != "" {
				k["-"+f.Shorthand] = k["-"+f.Shorthand] || value
			}
		})
	}
	return k
}

// takesValue reports whether the next word belongs to the flag arg.
func (k known) takesValue(arg string) bool {
	if strings.Contains(arg, "=") {
		return false
	}
	if strings.HasPrefix(arg, "--") {
		return k[arg]
	}
	for i, letter := range arg[1:] { // -vo: the first that takes a value ends the letters
		if k["-"+string(letter)] {
			return i == len(arg)-2
		}
	}
	return false
}

// long returns a flag of one dash with two, if it is a long one: -data is --data.
func (k known) long(arg string) string {
	if strings.HasPrefix(arg, "--") || len(arg) < 3 {
		return arg
	}
	name, _, _ := strings.Cut(arg, "=")
	if _, ok := k["-"+name]; ok {
		return "-" + arg
	}
	return arg
}

// isFlag reports whether a word is a flag; "-" is a word.
func isFlag(word string) bool { return len(word) > 1 && word[0] == '-' }

// normalize returns args with two dashes before every long flag, up to "--".
func normalize(args []string, k known) []string {
	out := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if !isFlag(arg) {
			out = append(out, arg)
			continue
		}
		arg = k.long(arg)
		out = append(out, arg)
		if k.takesValue(arg) && i+1 < len(args) {
			i++
			out = append(out, args[i])
		}
	}
	return out
}
