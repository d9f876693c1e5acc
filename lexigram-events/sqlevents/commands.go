package sqlevents

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/dlqcli"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "sqlevents".
func (Commands) ID() string { return "sqlevents" }

// Commands returns events groups and events dlq list, replay and discard.
func (Commands) Commands() []cli.Command {
	needs := []di.Key{di.KeyOf[*Bus]()}
	groups := cli.Command{
		Path: "events groups", Short: "List the groups that get events, and how far behind they are",
		Long:    "List the groups of consumers: what they want, how many consumers are alive anywhere, and how long their oldest event waits.",
		Example: "events groups\nevents groups --json", Needs: needs, Run: listGroups,
	}
	return append([]cli.Command{groups}, dlqcli.Commands("events", "a group gave up", "handled", needs, func(ctx context.Context, r di.Resolver) (dlqcli.Letters, error) {
		b, err := di.Get[*Bus](ctx, r)
		if err != nil {
			return dlqcli.Letters{}, err
		}
		return dlqcli.Letters{Dead: b.deadLetters, Replay: b.Replay, Discard: b.Discard}, nil
	})...)
}

func (b *Bus) deadLetters(ctx context.Context) iter.Seq2[dlqcli.Letter, error] {
	return func(yield func(dlqcli.Letter, error) bool) {
		for d, err := range b.Dead(ctx) {
			if !yield(dlqcli.Letter(d), err) {
				return
			}
		}
	}
}

// A groupState is a group as it is shown.
type groupState struct {
	Group     string   `json:"group"`
	Types     []string `json:"types"`
	Consumers int64    `json:"consumers"`
	Waiting   int64    `json:"waiting"`
	Dead      int64    `json:"dead"`
	Lag       string   `json:"lag"`
}

type groupStates []groupState

// String returns a table.
func (s groupStates) String() string {
	if len(s) == 0 {
		return "there are no groups"
	}
	var rows [][]string
	for _, g := range s {
		rows = append(rows, []string{g.Group, strings.Join(g.Types, " "), itoa(g.Consumers), itoa(g.Waiting), itoa(g.Dead), g.Lag})
	}
	return cli.Table([]string{"GROUP", "TYPES", "CONSUMERS", "WAITING", "DEAD", "LAG"}, rows...)
}

func listGroups(ctx context.Context, call *cli.Call) error {
	b, err := di.Get[*Bus](ctx, call.Needs)
	if err != nil {
		return err
	}
	set, err := b.load(ctx)
	if err != nil {
		return err
	}
	found := groupStates{}
	now := b.opts.Clock.Now()
	for _, g := range set.groups {
		s := groupState{Group: g.name, Types: g.sub.Types}
		oldest, dead, err := b.queue(g.id).State(ctx, now)
		if err == nil {
			s.Waiting, err = b.number(ctx, table+" WHERE status = 0 AND group_id = "+itoa(g.id))
		}
		if err == nil {
			s.Consumers, err = b.number(ctx, "lexigram_event_consumers WHERE group_id = "+itoa(g.id)+" AND alive_until > "+itoa(now.UnixMicro()))
		}
		if err != nil {
			return fmt.Errorf("events groups: %q: %w", g.name, err)
		}
		s.Dead, s.Lag = dead, now.Sub(oldest).Round(time.Millisecond).String()
		found = append(found, s)
	}
	return call.Print(found)
}

func (b *Bus) number(ctx context.Context, from string) (n int64, err error) {
	return n, sqldb.QueryRow(ctx, b.db, "SELECT COUNT(*) FROM "+from).Scan(&n)
}
