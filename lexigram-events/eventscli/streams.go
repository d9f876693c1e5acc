package eventscli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// StreamCommands is what [Streams] adds to the command line: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type StreamCommands struct{}

var _ cli.CommandContributor = StreamCommands{}

// ID returns "streamscli".
func (StreamCommands) ID() string { return "streamscli" }

// Commands returns streams list and streams read.
func (StreamCommands) Commands() []cli.Command {
	var limit, most int
	var after int64
	var data bool
	needs := []di.Key{di.KeyOf[eventstore.Log]()}
	return []cli.Command{
		{
			Path: "streams list", Short: "List the streams of the event store",
			Long:    "List the streams by name: how many events each has and when the last one happened. The whole store is read, which takes a while where it is large; how far it is, is told on the way.",
			Example: "streams list\nstreams list --limit 20 --json", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.IntVar(&limit, "limit", 100, "how many at most") },
			Run:   func(ctx context.Context, call *cli.Call) error { return listStreams(ctx, call, limit) },
		},
		{
			Path: "streams read", Args: "STREAM", Short: "Show the events of a stream, oldest first",
			Long:    "Show the events of a stream. What they say is not shown without --data.",
			Example: "streams read order-7\nstreams read --after 10 --limit 5 --data order-7", Needs: needs,
			Flags: func(fs *flag.FlagSet) {
				fs.Int64Var(&after, "after", 0, "the version after which to begin")
				fs.IntVar(&most, "limit", 100, "how many at most")
				fs.BoolVar(&data, "data", false, "show what the events say, which may be personal or secret")
			},
			Run: func(ctx context.Context, call *cli.Call) error { return readStream(ctx, call, after, most, data) },
		},
	}
}

// A streamState is a stream as it is shown.
type streamState struct {
	Stream  string    `json:"stream"`
	Version int64     `json:"version"`
	Last    time.Time `json:"last"`
	Type    string    `json:"last_type"`
}

type streamStates []streamState

// String returns a table.
func (s streamStates) String() string {
	if len(s) == 0 {
		return "there are no streams"
	}
	var rows [][]string
	for _, st := range s {
		rows = append(rows, []string{st.Stream, strconv.FormatInt(st.Version, 10), st.Last.UTC().Format(time.DateTime), st.Type})
	}
	return cli.Table([]string{"STREAM", "VERSION", "LAST (UTC)", "TYPE"}, rows...)
}

// every so many events streams list says how far it is.
const every = 100_000

func listStreams(ctx context.Context, call *cli.Call, limit int) error {
	if limit < 1 {
		return cli.ErrUsage.Wrap(fmt.Errorf("--limit %d is not at least 1", limit), "streams list")
	}
	log, err := di.Get[eventstore.Log](ctx, call.Needs)
	if err != nil {
		return err
	}
	found, n := map[string]streamState{}, 0
	for r, err := range log.ReadAll(ctx, "") {
		if err != nil {
			return err
		}
		found[r.Stream] = streamState{Stream: r.Stream, Version: int64(r.Version), Last: r.Time, Type: r.Type}
		if n++; n%every == 0 {
			_, _ = fmt.Fprintf(call.Stderr, "read %d events of %d streams\n", n, len(found)) // progress that nobody sees is none
		}
	}
	all := streamStates{}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if len(all) < limit {
			all = append(all, found[name])
		}
	}
	return call.Print(all)
}

func readStream(ctx context.Context, call *cli.Call, after int64, limit int, data bool) error {
	if limit < 1 || after < 0 {
		return cli.ErrUsage.Wrap(errors.New("--limit is at least 1 and --after at least 0"), "streams read")
	}
	log, err := di.Get[eventstore.Log](ctx, call.Needs)
	if err != nil {
		return err
	}
	p := newPrinter(call, data)
	for r, err := range log.Read(ctx, call.Args[0], eventstore.Version(after)) {
		if err != nil {
			return err
		}
		if err := p.print(r.Event, strconv.FormatInt(int64(r.Version), 10)); err != nil {
			return err
		}
		if p.n == limit {
			break
		}
	}
	return p.end()
}
