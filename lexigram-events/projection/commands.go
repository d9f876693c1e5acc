package projection

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/oneline"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "projection".
func (Commands) ID() string { return "projection" }

// Commands returns projections status and rebuild.
func (Commands) Commands() []cli.Command {
	all := false
	needs := []di.Key{di.KeyOf[*Projector]()}
	return []cli.Command{
		{
			Path: "projections status", Short: "Show how far each projection is, and how far behind",
			Long:    "Show each projection: the generation that is read, how many events it has handled, the age of the oldest one that it does not show yet, and why it stands still if it does.",
			Example: "projections status\nprojections status --json", Needs: needs,
			Run: func(ctx context.Context, call *cli.Call) error {
				p, err := di.Get[*Projector](ctx, call.Needs)
				if err != nil {
					return err
				}
				return printStatus(ctx, call, p, nil)
			},
		},
		{
			Path: "projections rebuild", Args: "[NAME...]", Short: "Build read models anew, beside those that are read",
			Long:    "Build projections anew from the first event on, in this process, and have them read when they have caught up. Those that are read stay until then. A rebuild that is interrupted goes on where it was.",
			Example: "projections rebuild orders\nprojections rebuild --all", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.BoolVar(&all, "all", false, "every projection there is") },
			Run:   func(ctx context.Context, call *cli.Call) error { return rebuildAll(ctx, call, all) },
		},
	}
}

func rebuildAll(ctx context.Context, call *cli.Call, all bool) error {
	if all == (len(call.Args) > 0) {
		return cli.ErrUsage.Wrap(errors.New("name the projections, or say --all"), "projections rebuild")
	}
	p, err := di.Get[*Projector](ctx, call.Needs)
	if err != nil {
		return err
	}
	names := call.Args
	if all {
		for _, def := range p.defs {
			names = append(names, def.Name)
		}
	}
	for _, name := range names { // before anything is built
		if _, err := p.find(name); err != nil {
			return err
		}
	}
	var failed []error
	for _, name := range names {
		meter := &meter{w: call.Stderr, began: time.Now()}
		err := p.Rebuild(ctx, name, meter.step)
		meter.end(name, err)
		if err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, printStatus(ctx, call, p, names))...)
}

// A meter prints progress, once a second at most.
type meter struct {
	w           io.Writer
	began, last time.Time
	events      int64
}

func (m *meter) step(p Progress) {
	if m.events = p.Events; time.Since(m.last) >= time.Second {
		m.last = time.Now()
		_, _ = fmt.Fprintf(m.w, "%s: generation %d, %d events, %.0f a second\n", p.Projection, p.Generation, p.Events, m.rate()) // who cannot see it still has the result
	}
}

func (m *meter) rate() float64 { return float64(m.events) / max(time.Since(m.began).Seconds(), 1e-9) }

func (m *meter) end(name string, err error) {
	what := "is built and read"
	if err != nil {
		what = "is not built"
	}
	_, _ = fmt.Fprintf(m.w, "%s: %s after %v: %d events, %.0f a second\n", name, what, time.Since(m.began).Round(time.Millisecond), m.events, m.rate())
}

// A line is a status as it is shown.
type line struct {
	Name       string     `json:"name"`
	Version    int        `json:"version"`
	Generation Generation `json:"generation"`
	State      State      `json:"state"`
	Events     int64      `json:"events"`
	Dead       int64      `json:"dead"`
	Position   string     `json:"position"`
	LagSeconds float64    `json:"lag_seconds"`
	Building   Generation `json:"building,omitempty"`
	Built      int64      `json:"built,omitempty"`
	Reason     string     `json:"reason,omitempty"`
}

type table []line

// String returns one line for each.
func (t table) String() string {
	if len(t) == 0 {
		return "there are no projections"
	}
	var rows [][]string
	for _, l := range t {
		building := ""
		if l.Building != 0 {
			building = fmt.Sprintf("%d (%d events)", l.Building, l.Built)
		}
		rows = append(rows, []string{
			l.Name, strconv.Itoa(l.Version), strconv.FormatInt(int64(l.Generation), 10), string(l.State), strconv.FormatInt(l.Events, 10), strconv.FormatInt(l.Dead, 10),
			time.Duration(l.LagSeconds * float64(time.Second)).Round(time.Millisecond).String(), building, oneline.Short(l.Reason, 160),
		})
	}
	return cli.Table([]string{"NAME", "VERSION", "GENERATION", "STATE", "EVENTS", "DEAD", "LAG", "BUILDING", "REASON"}, rows...)
}

// printStatus prints the status of the names, or of all.
func printStatus(ctx context.Context, call *cli.Call, p *Projector, names []string) error {
	all, err := p.Status(ctx)
	shown := table{}
	for _, s := range all {
		if names != nil && !slices.Contains(names, s.Name) {
			continue
		}
		shown = append(shown, line{
			s.Name, s.Version, s.Generation, s.State, s.Events, s.Dead, string(s.Position), s.Lag.Seconds(), s.Building, s.Built, config.RedactText(s.Reason),
		})
	}
	return errors.Join(err, call.Print(shown))
}
