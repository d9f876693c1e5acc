package process

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "process".
func (Commands) ID() string { return "process" }

// Commands returns sagas list, show, resume and cancel.
func (Commands) Commands() []cli.Command {
	limit, name, statuses, reason := 100, "", "", "cancelled at the command line"
	needs := []di.Key{di.KeyOf[*Manager]()}
	return []cli.Command{
		{
			Path: "sagas list", Short: "List instances of sagas, those first that began first",
			Long:    "List the instances that are under way and those that have failed, or those with a status.",
			Example: "sagas list\nsagas list --status failed,waiting --limit 10 --json", Needs: needs,
			Flags: func(fs *flag.FlagSet) {
				fs.IntVar(&limit, "limit", limit, "how many at most")
				fs.StringVar(&name, "saga", name, "only of the saga with this name")
				fs.StringVar(&statuses, "status", statuses, "only with one of these, by commas: running, waiting, compensating, completed, compensated, failed")
			},
			Run: func(ctx context.Context, call *cli.Call) error { return listSagas(ctx, call, name, statuses, limit) },
		},
		{
			Path: "sagas show", Args: "ID", Short: "Show how far an instance is, step by step",
			Long:    "Show an instance: what became of each step, why it is compensated, and when it goes on. Its data are not shown.",
			Example: "sagas show checkout/7\nsagas show checkout/7 --json", Needs: needs,
			Run: func(ctx context.Context, call *cli.Call) error {
				m, err := di.Get[*Manager](ctx, call.Needs)
				if err != nil {
					return err
				}
				in, err := m.Show(ctx, call.Args[0])
				if err != nil {
					return err
				}
				return call.Print(instanceOf(in))
			},
		},
		{
			Path: "sagas resume", Args: "ID...", Short: "Run instances now, in this process",
			Long:    "Run instances until each ends or waits: one that has failed is compensated again where that is stuck, and a pause between two attempts is cut short. The steps run here. It fails if an instance is not completed and does not go on later.",
			Example: "sagas resume checkout/7", Needs: needs,
			Run: resumeSagas,
		},
		{
			Path: "sagas cancel", Args: "ID", Short: "Have an instance compensated",
			Long:    "Have what an instance did undone, by whatever process runs a worker.",
			Example: "sagas cancel --reason recalled checkout/8", Needs: needs,
			Flags: func(fs *flag.FlagSet) { fs.StringVar(&reason, "reason", reason, "why, as sagas show tells it") },
			Run: func(ctx context.Context, call *cli.Call) error {
				m, err := di.Get[*Manager](ctx, call.Needs)
				if err != nil {
					return err
				}
				if err := m.Cancel(ctx, call.Args[0], reason); err != nil {
					return err
				}
				in, err := m.Show(ctx, call.Args[0])
				if err != nil {
					return err
				}
				return call.Print(instances{instanceOf(in)})
			},
		},
	}
}

func listSagas(ctx context.Context, call *cli.Call, name, statuses string, limit int) error {
	if limit < 1 {
		return cli.ErrUsage.Wrap(fmt.Errorf("--limit %d is not at least 1", limit), "sagas list")
	}
	f := saga.Filter{Saga: name}
	known := []saga.Status{saga.Running, saga.Waiting, saga.Compensating, saga.Completed, saga.Compensated, saga.Failed}
	for s := range strings.SplitSeq(statuses, ",") {
		switch status := saga.Status(strings.TrimSpace(s)); {
		case statuses == "":
		case slices.Contains(known, status):
			f.Status = append(f.Status, status)
		default:
			return cli.ErrUsage.Wrap(fmt.Errorf("--status %.40q is none of %v", s, known), "sagas list")
		}
	}
	m, err := di.Get[*Manager](ctx, call.Needs)
	if err != nil {
		return err
	}
	found := instances{}
	for in, err := range m.List(ctx, f) {
		if err != nil {
			return err
		}
		if found = append(found, instanceOf(in)); len(found) == limit {
			break
		}
	}
	return call.Print(found)
}

func resumeSagas(ctx context.Context, call *cli.Call) error {
	m, err := di.Get[*Manager](ctx, call.Needs)
	if err != nil {
		return err
	}
	done, failed := instances{}, []error(nil)
	for _, id := range call.Args {
		_, _ = fmt.Fprintf(call.Stderr, "resuming %s\n", cli.Plain(id)) // progress: who cannot see it still has the result
		in, err := m.Resume(ctx, id)
		if err != nil {
			failed = append(failed, err)
		}
		if in.ID != "" {
			done = append(done, instanceOf(in))
		}
	}
	return errors.Join(append(failed, call.Print(done))...)
}

// redact returns text without secrets that an error may have in it.
func redact(s string) string { return config.RedactText(s) }
