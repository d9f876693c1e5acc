package eventscli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// Commands is what [Module] adds to the command line: a [cli.Contributor], safe
// for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "eventscli".
func (Commands) ID() string { return "eventscli" }

// Commands returns events tail and events publish.
func (Commands) Commands() []cli.Command { return []cli.Command{tailCommand(), publishCommand()} }

func tailCommand() cli.Command {
	var limit int
	var how time.Duration
	var data bool
	return cli.Command{
		Path: "events tail", Args: "[PATTERN...]", Short: "Show events as they are published",
		Long: "Show the events that are published from now on, of all types or of those that match a PATTERN: \"*\" stands for one word between dots, a last \">\" for the rest. " +
			"Nothing is taken from anybody: the command is a group of its own. It ends when it is interrupted. What the events say is not shown without --data.",
		Example: "events tail --for 1s\nevents tail --for 1s --data --limit 10 \"orders.*.placed\" \"payments.>\"",
		Needs:   []di.Key{di.KeyOf[events.Subscriber]()},
		Flags: func(fs *flag.FlagSet) {
			fs.IntVar(&limit, "limit", 0, "end after so many events; 0 goes on")
			fs.DurationVar(&how, "for", 0, "end after so long; 0 goes on")
			fs.BoolVar(&data, "data", false, "show what the events say, which may be personal or secret")
		},
		Run: func(ctx context.Context, call *cli.Call) error {
			if limit < 0 || how < 0 {
				return cli.ErrUsage.Wrap(errors.New("--limit and --for must not be negative"), "events tail")
			}
			if how > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, how)
				defer cancel()
			}
			return tail(ctx, call, limit, data)
		},
	}
}

func tail(ctx context.Context, call *cli.Call, limit int, data bool) error {
	types := call.Args
	if len(types) == 0 {
		types = []string{">"}
	}
	for _, p := range types {
		if err := events.CheckPattern(p); err != nil {
			return cli.ErrUsage.Wrap(err, "events tail")
		}
	}
	sub, err := di.Get[events.Subscriber](ctx, call.Needs)
	if err != nil {
		return err
	}
	got := make(chan events.Event)
	c, err := sub.Subscribe(ctx, events.Subscription{Types: types, Lanes: 1, Retry: events.Retry{Attempts: 1, Drop: true}},
		func(ctx context.Context, ev events.Event) error {
			select {
			case got <- ev:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	if err != nil {
		return err
	}
	defer func() { c.Stop(); <-c.Closed() }()
	p := newPrinter(call, data)
	for n := 0; limit == 0 || n < limit; n++ {
		select {
		case ev := <-got:
			if err := p.print(ev, ""); err != nil {
				return err
			}
		case <-c.Closed():
			return errors.Join(p.end(), c.Err())
		case <-ctx.Done(): // the way to end it
			return p.end()
		}
	}
	return p.end()
}

func publishCommand() cli.Command {
	var ev events.Event
	var tenant string
	return cli.Command{
		Path: "events publish", Args: "TYPE [DATA]", Short: "Publish one event",
		Long:    "Publish one event, as the program does. Handlers run wherever they are subscribed. It prints the ID, with which a second call publishes the same event.",
		Example: "events publish shop.test.pinged\nevents publish --key order-7 --source /support shop.order.checked '{\"order\":7}'",
		Needs:   []di.Key{di.KeyOf[events.Publisher]()},
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&ev.Source, "source", "/cli", "who says so, as a URI reference")
			fs.StringVar(&ev.ID, "id", "", "the ID; without it a random one")
			fs.StringVar(&ev.Key, "key", "", "what the event is ordered by")
			fs.StringVar(&ev.Format, "format", "", "the media type of DATA; without it application/json")
			fs.IntVar(&ev.Schema, "schema", 1, "the version of the shape of DATA")
			fs.StringVar(&tenant, "tenant", "", "whose the event is")
		},
		Run: func(ctx context.Context, call *cli.Call) error {
			made := events.New(ev.Source, call.Args[0], nil)
			made.Key, made.Format, made.Schema = ev.Key, ev.Format, ev.Schema
			if ev.ID != "" {
				made.ID = ev.ID
			}
			if len(call.Args) > 1 {
				made.Data = []byte(call.Args[1])
			}
			if tenant != "" {
				made.Headers = map[string]string{events.HeaderTenant: tenant}
			}
			if err := events.Check(made); err != nil {
				return cli.ErrUsage.Wrap(err, "events publish")
			}
			pub, err := di.Get[events.Publisher](ctx, call.Needs)
			if err != nil {
				return err
			}
			if err := pub.Publish(ctx, made); err != nil {
				return err
			}
			return call.Print(published{ID: made.ID, Source: made.Source})
		},
	}
}

// published is the answer of events publish.
type published struct {
	ID     string `json:"id"`
	Source string `json:"source"`
}

// String returns one line.
func (p published) String() string { return fmt.Sprintf("published %s of %s", p.ID, p.Source) }
