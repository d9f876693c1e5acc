package outbox

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "outbox".
func (Commands) ID() string { return "outbox" }

// Commands returns outbox dlq list, replay and discard.
func (Commands) Commands() []cli.Command {
	limit, replayAll, discardAll := 100, false, false
	needs := []di.Key{di.KeyOf[*Outbox]()}
	return []cli.Command{
		{
			Path: "outbox dlq list", Short: "List the events that the relay gave up, oldest first",
			Long:    "List the dead letters: which events could not be sent, and why. What the events say is not shown.",
			Example: "outbox dlq list\noutbox dlq list --limit 10 --json", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.IntVar(&limit, "limit", limit, "how many at most") },
			Run:   func(ctx context.Context, call *cli.Call) error { return listLetters(ctx, call, limit) },
		},
		{
			Path: "outbox dlq replay", Args: "[ID...]", Short: "Have dead letters sent again, with all attempts",
			Long:    "Have dead letters sent again by whatever process relays, at its next look into the table. Those with an ID that is none are told; the others are replayed all the same.",
			Example: "outbox dlq replay 17 18\noutbox dlq replay --all", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.BoolVar(&replayAll, "all", false, "every dead letter there is") },
			Run: func(ctx context.Context, call *cli.Call) error {
				return settle(ctx, call, "replayed", replayAll, (*Outbox).Replay)
			},
		},
		{
			Path: "outbox dlq discard", Args: "[ID...]", Short: "Delete dead letters for good",
			Long:    "Delete dead letters, as if their events had never been published. There is no way back.",
			Example: "outbox dlq discard 17\noutbox dlq discard --all", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.BoolVar(&discardAll, "all", false, "every dead letter there is") },
			Run: func(ctx context.Context, call *cli.Call) error {
				return settle(ctx, call, "discarded", discardAll, (*Outbox).Discard)
			},
		},
	}
}

// A letter is a dead letter as it is shown.
type letter struct {
	ID       int64     `json:"id"`
	Source   string    `json:"source"`
	EventID  string    `json:"event_id"`
	Type     string    `json:"type"`
	Key      string    `json:"key"`
	Attempts int       `json:"attempts"`
	Died     time.Time `json:"died_at"`
	Reason   string    `json:"reason"`
}

type letters []letter

// String returns a table.
func (l letters) String() string {
	if len(l) == 0 {
		return "there are no dead letters"
	}
	var rows [][]string
	for _, d := range l {
		reason := d.Reason
		if r := []rune(reason); len(r) > 80 {
			reason = string(r[:79]) + "…"
		}
		rows = append(rows, []string{strconv.FormatInt(d.ID, 10), d.Type, d.Key, d.EventID, strconv.Itoa(d.Attempts), d.Died.Format(time.DateTime), reason})
	}
	return cli.Table([]string{"ID", "TYPE", "KEY", "EVENT", "ATTEMPTS", "DIED (UTC)", "REASON"}, rows...)
}

func listLetters(ctx context.Context, call *cli.Call, limit int) error {
	if limit < 1 {
		return cli.ErrUsage.Wrap(fmt.Errorf("--limit %d is not at least 1", limit), "outbox dlq list")
	}
	box, err := di.Get[*Outbox](ctx, call.Needs)
	if err != nil {
		return err
	}
	found := letters{}
	for d, err := range box.Dead(ctx) {
		if err != nil {
			return err
		}
		found = append(found, letter{
			ID: d.ID, Source: d.Event.Source, EventID: d.Event.ID, Type: d.Event.Type, Key: d.Event.Key,
			Attempts: d.Attempts, Died: d.Time, Reason: config.RedactText(d.Reason),
		})
		if len(found) == limit {
			break
		}
	}
	return call.Print(found)
}

// A settlement is what was done to dead letters.
type settlement struct {
	What string  `json:"what"`
	IDs  []int64 `json:"ids"`
}

// String returns one line.
func (s settlement) String() string { return fmt.Sprintf("%s %d dead letters", s.What, len(s.IDs)) }

// settle does one thing to the letters that the call names, or to all of them.
func settle(ctx context.Context, call *cli.Call, what string, all bool, do func(*Outbox, context.Context, int64) error) error {
	if all == (len(call.Args) > 0) {
		return cli.ErrUsage.Wrap(errors.New("name the dead letters by their IDs, or say --all"), "outbox dlq")
	}
	done := settlement{What: what, IDs: []int64{}}
	for _, arg := range call.Args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return cli.ErrUsage.Wrap(fmt.Errorf("%.40q is no ID: those that list prints are numbers", strings.TrimSpace(arg)), "outbox dlq")
		}
		done.IDs = append(done.IDs, id)
	}
	box, err := di.Get[*Outbox](ctx, call.Needs)
	if err != nil {
		return err
	}
	if all {
		for d, err := range box.Dead(ctx) {
			if err != nil {
				return err
			}
			done.IDs = append(done.IDs, d.ID)
		}
	}
	wanted := done.IDs
	done.IDs = []int64{}
	var failed []error
	for _, id := range wanted {
		if err := do(box, ctx, id); err != nil {
			failed = append(failed, err)
			continue
		}
		done.IDs = append(done.IDs, id)
	}
	return errors.Join(append(failed, call.Print(done))...)
}
