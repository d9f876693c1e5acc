package boot

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/container"
)

// commands are those that every application has.
type commands struct{ app *App }

var _ cli.CommandContributor = commands{}

// ID returns "boot".
func (commands) ID() string { return "boot" }

// Commands returns graph and health.
func (c commands) Commands() []cli.Command {
	format, probe := "text", healthProbe{app: c.app}
	return []cli.Command{
		{
			Path: "graph", Short: "Print the services of all modules and who needs them",
			Long:    "Print the graph of services: which module registers what, what of it others see, and who needs it. Nothing is started.",
			Example: "graph\ngraph --format html\ngraph --format dot\ngraph --json",
			Flags: func(fs *flag.FlagSet) {
				fs.StringVar(&format, "format", format, "`FORMAT`: text, dot, mermaid, json or html")
			},
			Run: func(_ context.Context, call *cli.Call) error { return c.graph(call, format) },
		},
		probe.command(),
	}
}

func (c commands) graph(call *cli.Call, format string) error {
	box, err := c.app.inspect()
	if box == nil {
		return err
	}
	g := box.Graph()
	err = errors.Join(err, box.Close(context.Background())) // nothing was built
	if call.JSON && format == "text" {
		format = "json"
	}
	text, unknown := drawn(g, format)
	switch {
	case unknown != nil:
		return unknown
	case format == "json":
		asJSON := *call
		asJSON.JSON = true
		return errors.Join(err, asJSON.Print(g))
	case call.JSON:
		return cli.ErrUsage.Wrap(fmt.Errorf("--json does not go with --format %s", format), "graph")
	}
	_, failed := io.WriteString(call.Stdout, text)
	return errors.Join(err, failed)
}

// drawn returns the graph in a format; "json" is the caller's.
func drawn(g container.Graph, format string) (string, error) {
	switch format {
	case "json":
		return "", nil
	case "text":
		return g.String(), nil
	case "dot":
		return g.DOT(), nil
	case "mermaid":
		return g.Mermaid(), nil
	case "html":
		return g.HTML("Services"), nil
	}
	problem := fmt.Errorf("--format %q is not text, dot, mermaid, json or html", format)
	if near := config.Nearest(format, []string{"text", "dot", "mermaid", "json", "html"}); near != "" {
		problem = fmt.Errorf("%w (did you mean %q?)", problem, near)
	}
	return "", cli.ErrUsage.Wrap(problem, "graph")
}
