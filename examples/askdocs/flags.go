package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A cli is one call of the command.
type cli struct {
	data, config, addr, key string
	tenant                  tenancy.ID
	json, noImport          bool
	logLevel                slog.Level
	command                 func(ctx context.Context) error
	args                    []string // what stands behind the command
	stdout, stderr          io.Writer
}

// parse reads flags and words in any order; what follows "--" is words.
func parse(args []string, stderr io.Writer) (*cli, error) {
	c := &cli{}
	fs := flag.NewFlagSet("askdocs", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	tenant := fs.String("tenant", "", "tenant to ask or import into `NAME` (ask: golang)")
	fs.StringVar(&c.key, "key", os.Getenv("ASKDOCS_KEY"), "the tenant's `KEY`; better given as $ASKDOCS_KEY")
	fs.StringVar(&c.data, "data", "", "data directory `DIR` (default lexigram-askdocs in the user's cache directory)")
	fs.StringVar(&c.config, "config", "", "configuration `FILE` in YAML (default askdocs.yaml, if there is one)")
	fs.StringVar(&c.addr, "addr", "", "`ADDRESS` to serve on (default 127.0.0.1:8080)")
	fs.BoolVar(&c.json, "json", false, "print answers in JSON")
	verbose := fs.Bool("v", false, "log what happens")
	fs.BoolVar(&c.noImport, "no-import", false, "do not import the Go documents at first start")
	help := func() error {
		fmt.Fprint(stderr, usage)
		fs.SetOutput(stderr)
		fs.PrintDefaults()
		return flag.ErrHelp
	}

	var words []string
	for rest := args; ; {
		if err := fs.Parse(rest); errors.Is(err, flag.ErrHelp) {
			return nil, help()
		} else if err != nil {
			return nil, err
		}
		parsed := len(rest) - fs.NArg()
		if fs.NArg() == 0 {
			break
		}
		if parsed > 0 && rest[parsed-1] == "--" {
			words = append(words, fs.Args()...)
			break
		}
		words = append(words, fs.Arg(0))
		rest = fs.Args()[1:]
	}
	if len(words) > 0 && words[0] == "help" {
		return nil, help()
	}
	c.tenant = tenancy.ID(*tenant)
	err := c.choose(words)
	if *verbose {
		c.logLevel = slog.LevelDebug
	}
	return c, err
}

// choose finds the command among the words and checks what belongs to it.
func (c *cli) choose(words []string) error {
	name := "serve"
	if len(words) > 0 {
		name, c.args = words[0], words[1:]
	}
	want := 1
	c.logLevel = slog.LevelError // what a command does wrong it says itself
	switch name {
	case "serve":
		c.command, want, c.logLevel = c.serve, 0, slog.LevelWarn
	case "ask":
		c.command = c.ask
	case "import":
		c.command = c.importDir
	default:
		return fmt.Errorf("unknown command %q: it is serve, ask or import", name)
	}
	if len(c.args) != want {
		return fmt.Errorf("%s takes %d argument(s), got %d: put a question in quotes", name, want, len(c.args))
	}
	if name == "import" && c.tenant == "" {
		return errors.New("import needs --tenant NAME")
	}
	if c.tenant == "" {
		c.tenant = "golang"
	}
	if err := tenancy.CheckID(c.tenant); err != nil {
		return fmt.Errorf("--tenant: %w", err)
	}
	if c.data != "" {
		return nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return fmt.Errorf("no cache directory (%w): name a data directory with --data", err)
	}
	c.data = filepath.Join(cache, "lexigram-askdocs")
	return nil
}
