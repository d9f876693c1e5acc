// Package dlqcli is the commands for dead letters that the modules of this one
// add to the command line.
package dlqcli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// A Letter is an event that was given up.
type Letter struct {
	ID       int64
	Event    events.Event
	Group    string
	Reason   string
	Attempts int
	Time     time.Time
}

// Letters are who keeps them.
type Letters struct {
	Dead            func(context.Context) iter.Seq2[Letter, error]
	Replay, Discard func(ctx context.Context, id int64) error
}

// Commands returns <path> dlq list, replay and discard, for what of finds among
// the services of needs. gaveUp and again are the verbs of the help: who gave the events up,
// and what happens to them again.
func Commands(path, gaveUp, again string, needs []di.Key, of func(context.Context, di.Resolver) (Letters, error)) []cli.Command {
	path += " dlq"
	limit, replayAll, discardAll := 100, false, false
	return []cli.Command{
		{
			Path: path + " list", Short: "List the events that " + gaveUp + ", oldest first",
			Long:    "List the dead letters: which events could not be " + again + ", and why. What the events say is not shown.",
			Example: path + " list\n" + path + " list --limit 10 --json", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.IntVar(&limit, "limit", limit, "how many at most") },
			Run: func(ctx context.Context, call *cli.Call) error {
				if limit < 1 {
					return cli.ErrUsage.Wrap(fmt.Errorf("--limit %d is not at least 1", limit), "%s list", path)
				}
				l, err := of(ctx, call.Needs)
				if err != nil {
					return err
				}
				return list(ctx, call, l, limit)
			},
		},
		{
			Path: path + " replay", Args: "[ID...]", Short: "Have dead letters " + again + " again, with all attempts",
			Long:    "Have dead letters " + again + " again by whatever process does so, at its next look into the table. Those with an ID that is none are told; the others are replayed all the same.",
			Example: path + " replay 17 18\n" + path + " replay --all", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.BoolVar(&replayAll, "all", false, "every dead letter there is") },
			Run: func(ctx context.Context, call *cli.Call) error {
				l, err := of(ctx, call.Needs)
				if err != nil {
					return err
				}
				return settle(ctx, call, path+" replay", "replayed", replayAll, l, l.Replay)
			},
		},
		{
			Path: path + " discard", Args: "[ID...]", Short: "Delete dead letters for good",
			Long:    "Delete dead letters, as if their events had never been published. There is no way back.",
			Example: path + " discard 17\n" + path + " discard --all", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.BoolVar(&discardAll, "all", false, "every dead letter there is") },
			Run: func(ctx context.Context, call *cli.Call) error {
				l, err := of(ctx, call.Needs)
				if err != nil {
					return err
				}
				return settle(ctx, call, path+" discard", "discarded", discardAll, l, l.Discard)
			},
		},
	}
}

// A letter is a dead letter as it is shown.
type letter struct {
	ID       int64     `json:"id"`
	Group    string    `json:"group,omitempty"`
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
		rows = append(rows, []string{strconv.FormatInt(d.ID, 10), d.Group, d.Type, d.Key, d.EventID, strconv.Itoa(d.Attempts), d.Died.Format(time.DateTime), reason})
	}
	return cli.Table([]string{"ID", "GROUP", "TYPE", "KEY", "EVENT", "ATTEMPTS", "DIED (UTC)", "REASON"}, rows...)
}

func list(ctx context.Context, call *cli.Call, l Letters, limit int) error {
	found := letters{}
	for d, err := range l.Dead(ctx) {
		if err != nil {
			return err
		}
		found = append(found, letter{
			ID: d.ID, Group: d.Group, Source: d.Event.Source, EventID: d.Event.ID, Type: d.Event.Type, Key: d.Event.Key,
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
func settle(ctx context.Context, call *cli.Call, path, what string, all bool, l Letters, do func(context.Context, int64) error) error {
	if all == (len(call.Args) > 0) {
		return cli.ErrUsage.Wrap(errors.New("name the dead letters by their IDs, or say --all"), "%s", path)
	}
	done := settlement{What: what, IDs: []int64{}}
	for _, arg := range call.Args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return cli.ErrUsage.Wrap(fmt.Errorf("%.40q is no ID: those that list prints are numbers", strings.TrimSpace(arg)), "%s", path)
		}
		done.IDs = append(done.IDs, id)
	}
	if all {
		for d, err := range l.Dead(ctx) {
			if err != nil {
				return err
			}
			done.IDs = append(done.IDs, d.ID)
		}
	}
	wanted := done.IDs
	done.IDs = []int64{}
	var failed []error
	for i, id := range wanted {
		if i > 0 && i%1000 == 0 {
			_, _ = fmt.Fprintf(call.Stderr, "%s %d of %d\n", what, i, len(wanted)) // progress that nobody sees is none
		}
		if err := do(ctx, id); err != nil {
			failed = append(failed, err)
			continue
		}
		done.IDs = append(done.IDs, id)
	}
	return errors.Join(append(failed, call.Print(done))...)
}
