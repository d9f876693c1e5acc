package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Command is one thing that people do at the command line.
type Command struct {
	// Path is how it is called: one to three words of lower-case letters,
	// digits and dashes that begin with a letter, such as "events dlq list". The
	// last one is the command, those before are groups, which several
	// contributors may share. A command is no group of others.
	Path string
	// Args are the arguments behind the path, in order: NAME is one, [NAME] may
	// be absent, and a last one that ends in "..." may be repeated: "[ID...]".
	// "" is none.
	Args string
	// Short says what the command does: one line without a period, 72 bytes at most.
	Short string
	// Long says more, such as what it changes and what it leaves; "" is Short.
	Long string
	// Example holds at least one line, each a call that begins with Path, with
	// its flags. The name of the program is put before.
	Example string
	// Flags declares flags on a set of the caller's, binding them to variables
	// that Run reads. Names are lower-case words of letters, digits and dashes,
	// each with a usage text; "help", "h" and "json" belong to the command line.
	// nil has none.
	Flags func(fs *flag.FlagSet)
	// Exits documents the exit statuses beside [OK], [Failed] and [Usage], from
	// 3 to 125; see [ExitError].
	Exits []Exit
	// Needs are the services that Run resolves: those of the contributing
	// module, and those that the module's own Needs name. The application is
	// started only as far as they need. Without needs nothing is started.
	Needs []di.Key
	// Replace lets the command stand in for another contributor's of the same
	// path. Without it two commands of one path are an error.
	Replace bool
	// Run does it. ctx ends when the user interrupts. What went wrong is
	// returned and not printed, one line for each problem (errors.Join); an error
	// that matches [ErrUsage] is one of the command line. It is called once for
	// each call of Commands.
	Run func(ctx context.Context, call *Call) error
}

// An Exit is an exit status and when the command ends with it.
type Exit struct {
	Code  int
	Means string
}

// CheckArgs returns an error that matches [ErrUsage] unless the arguments are as
// many as c.Args names.
func (c Command) CheckArgs(args []string) error {
	least, most := 0, 0
	for _, word := range strings.Fields(c.Args) {
		if !strings.HasPrefix(word, "[") {
			least++
		}
		most++
		if strings.HasSuffix(strings.TrimSuffix(word, "]"), "...") {
			most = len(args) + least
		}
	}
	if len(args) >= least && len(args) <= most {
		return nil
	}
	takes := "no argument"
	if c.Args != "" {
		takes = c.Args
	}
	return ErrUsage.Wrap(fmt.Errorf("takes %s, got %d argument(s)", takes, len(args)), "%s", c.Path)
}
