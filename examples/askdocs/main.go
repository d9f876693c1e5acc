// Command askdocs is a document library for several tenants that answers
// questions about its documents with citations. Without arguments it serves
// itself on loopback, on embedded backends, with the documents that the Go
// distribution carries.
package main

import (
	"context"
	"io"
	"os"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/core/appcli"
)

func main() { os.Exit(appcli.Main(options(os.Stderr))) }

// run is the program without its process; it returns the exit status: 0, 1 for a
// failure, 2 for a wrong command line, 3 if it is not ready.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return appcli.Run(ctx, args, stdout, stderr, options(stderr))
}

// options are those of one run, which logs to stderr.
func options(stderr io.Writer) appcli.Options {
	s := &settings{stderr: stderr}
	return appcli.Options{
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
	}
}
