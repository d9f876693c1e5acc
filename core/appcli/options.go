package appcli

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// Options say what program the command line is of.
type Options struct {
	// Name is what the program is called in help and errors. It is required.
	Name string
	// Version is what "version" prints; "" is what the build recorded.
	Version string
	// Short is what the program is: one line. Long and Example tell more.
	Short, Long string
	// Example holds calls, each with the name of the program.
	Example string
	// Default is the path of the command that runs if none is named, such as
	// "serve"; "" prints the help.
	Default string
	// Flags declares what every command takes, bound to variables that Open and
	// Contributors read. It is called several times; nil has none.
	Flags func(fs *flag.FlagSet)
	// Contributors are the application's own that are there even if Open fails.
	// Their commands may need what modules export.
	Contributors []cli.Contributor
	// Open makes the application of what Flags declared, and starts nothing. Its
	// error, such as a malformed configuration, is that of every command that
	// needs the application; the others work. It is required.
	Open func(ctx context.Context) (cli.Application, error)
}

// Main runs the command line of this process and returns its exit status:
//
//	os.Exit(appcli.Main(appcli.Options{…}))
//
// SIGINT and SIGTERM end the context, with a [lifecycle.Signaled] as its cause; after the
// first one they do what they always do, so that a second one does not wait.
func Main(o Options) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() { // ends with Main
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(lifecycle.Signaled{Signal: s})
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return Run(ctx, os.Args[1:], os.Stdout, os.Stderr, o)
}
