// Command askdocs is a document library for several tenants that answers
// questions about its documents with citations. Without arguments it serves
// itself on loopback, on embedded backends, with the documents that the Go
// distribution carries.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/core/appcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program; it returns the exit status: 0, 1 for a failure, 2 for a
// wrong command line, 3 if it is not ready.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := &settings{stderr: stderr}
	return appcli.Run(ctx, args, stdout, stderr, appcli.Options{
		Name:    "askdocs",
		Short:   "askdocs answers questions about documents, with citations.",
		Default: "serve",
		Example: `  askdocs
  askdocs ask "how does a WaitGroup work?"
  askdocs import ./handbook --tenant acme
  askdocs ask "who is on call?" --tenant acme --key KEY`,
		Flags:        s.flags,
		Contributors: []cli.Contributor{contributor{s}},
		Open:         s.open,
	})
}
