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

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// settings are what every command takes.
type settings struct {
	data, config string
	verbose      bool
	stderr       io.Writer
}

func (s *settings) flags(fs *flag.FlagSet) {
	fs.StringVar(&s.data, "data", "", "data directory `DIR` (default lexigram-askdocs in the user's cache directory)")
	fs.StringVar(&s.config, "config", "", "configuration `FILE` in YAML (default askdocs.yaml, if there is one)")
	fs.BoolVar(&s.verbose, "v", false, "log what happens")
}

// dir returns the data directory.
func (s *settings) dir() (string, error) {
	if s.data != "" {
		return s.data, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory (%w): name a data directory with --data", err)
	}
	return filepath.Join(cache, "lexigram-askdocs"), nil
}

// A program is one call of a command of askdocs.
type program struct {
	*settings
	addr, key, tenantName, probe string
	noImport                     bool

	tenant   tenancy.ID
	logLevel slog.Level
	*cli.Call
}

// tenantFlags are those of commands that speak for a tenant.
func (p *program) tenantFlags(fs *flag.FlagSet) {
	fs.StringVar(&p.tenantName, "tenant", "", "the tenant's `NAME` (ask: golang)")
	fs.StringVar(&p.key, "key", os.Getenv("ASKDOCS_KEY"), "the tenant's `KEY`; better given as $ASKDOCS_KEY")
	p.bootFlags(fs)
}

// bootFlags are those of commands that may be the first process.
func (p *program) bootFlags(fs *flag.FlagSet) {
	fs.BoolVar(&p.noImport, "no-import", false, "do not import the Go documents at first start")
}

func (p *program) serveFlags(fs *flag.FlagSet) {
	fs.StringVar(&p.addr, "addr", "", "`ADDRESS` to serve on (default 127.0.0.1:8080)")
	p.bootFlags(fs)
}

// run returns the command's Run: do behind what all of them check.
func (p *program) run(level slog.Level, do func(ctx context.Context) error) func(context.Context, *cli.Call) error {
	return func(ctx context.Context, call *cli.Call) error {
		p.Call, p.logLevel = call, level
		if p.verbose {
			p.logLevel = slog.LevelDebug
		}
		if p.tenant = tenancy.ID(p.tenantName); p.tenant == "" {
			p.tenant = "golang"
		}
		if err := tenancy.CheckID(p.tenant); err != nil {
			return cli.ErrUsage.Wrap(err, "--tenant")
		}
		var err error
		if p.data, err = p.dir(); err != nil {
			return err
		}
		return do(ctx)
	}
}

// contributor has the commands of askdocs itself.
type contributor struct{ *settings }

// ID returns "askdocs".
func (contributor) ID() string { return "askdocs" }

// Commands returns serve, ask, import and health.
func (c contributor) Commands() []cli.Command {
	serve, ask, imports, health := &program{settings: c.settings}, &program{settings: c.settings}, &program{settings: c.settings}, &program{settings: c.settings}
	const quiet = slog.LevelError // what a command does wrong it says itself
	return []cli.Command{
		{
			Path: "serve", Short: "Serve the library and its page on loopback", Replace: true,
			Example: "serve\nserve --addr 127.0.0.1:9000", Flags: serve.serveFlags, Run: serve.run(slog.LevelWarn, serve.serve),
		},
		{
			Path: "ask", Args: "QUESTION", Short: "Print the answer, then its citations",
			Long:    "Ask a question, which is one argument: put it in quotes. If another process serves the data directory, that one answers.",
			Example: `ask "how does a WaitGroup work?"` + "\n" + `ask "who is on call?" --tenant acme --json`,
			Flags:   ask.tenantFlags, Run: ask.run(quiet, ask.ask),
		},
		{
			Path: "import", Args: "DIR", Short: "Add a directory's text, Markdown, HTML and Go files",
			Long:    "Add the files of a directory to the documents of a tenant, which is made if there is none. Its key is shown this once.",
			Example: "import ./handbook --tenant acme", Flags: imports.tenantFlags,
			Run: imports.run(quiet, func(ctx context.Context) error {
				if imports.tenantName == "" {
					return cli.ErrUsage.Wrap(errors.New("import needs --tenant NAME"), "askdocs")
				}
				return imports.importDir(ctx)
			}),
		},
		{
			Path: "health", Short: "Ask every health check of the process that serves", Replace: true,
			Long:    "Ask the health checks of the process that serves the data directory, or start it here, ask, and stop again.",
			Example: "health\nhealth --probe liveness --json", Exits: []cli.Exit{{Code: 3, Means: "not ready"}},
			Flags: func(fs *flag.FlagSet) {
				fs.StringVar(&health.probe, "probe", "readiness", "the `PROBE`: readiness, liveness or startup")
			},
			Run: health.run(quiet, health.health),
		},
	}
}
