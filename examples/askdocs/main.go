// Command askdocs is a document library for several tenants that answers
// questions about its documents with citations. Without arguments it serves
// itself on loopback, on embedded backends, with the documents that the Go
// distribution carries.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

const usage = `askdocs answers questions about documents, with citations.

Usage:
  askdocs [serve] [flags]              serve the library and its page on loopback
  askdocs ask "QUESTION" [flags]       print the answer, then its citations
  askdocs import DIR --tenant NAME     add a directory's text, Markdown, HTML and Go files
  askdocs help                         print this

Examples:
  askdocs
  askdocs ask "how does a WaitGroup work?"
  askdocs import ./handbook --tenant acme
  askdocs ask "who is on call?" --tenant acme --key KEY

Flags (before or after the command):
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program; it returns the exit status: 0, 1 for a failure, 2 for a
// wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "askdocs: %v\nRun askdocs help to see how it is used.\n", err)
		return 2
	}
	c.stdout, c.stderr = stdout, stderr
	if err := c.command(ctx); err != nil {
		fmt.Fprintln(stderr, "askdocs:", oneLine(err))
		return 1
	}
	return 0
}

// oneLine returns the text of err without the prefix that run prints itself.
// Several problems at once keep a line each.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "askdocs: ")
	}
	return strings.Join(lines, "\naskdocs: ")
}
