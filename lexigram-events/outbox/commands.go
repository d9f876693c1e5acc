package outbox

import (
	"context"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/dlqcli"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "outbox".
func (Commands) ID() string { return "outbox" }

// Commands returns outbox dlq list, replay and discard.
func (Commands) Commands() []cli.Command {
	needs := []di.Key{di.KeyOf[*Outbox]()}
	return dlqcli.Commands("outbox", "the relay gave up", "sent", needs, func(ctx context.Context, r di.Resolver) (dlqcli.Letters, error) {
		box, err := di.Get[*Outbox](ctx, r)
		if err != nil {
			return dlqcli.Letters{}, err
		}
		return dlqcli.Letters{Dead: box.deadLetters, Replay: box.Replay, Discard: box.Discard}, nil
	})
}

func (o *Outbox) deadLetters(ctx context.Context) iter.Seq2[dlqcli.Letter, error] {
	return func(yield func(dlqcli.Letter, error) bool) {
		for d, err := range o.Dead(ctx) {
			if !yield(dlqcli.Letter{ID: d.ID, Event: d.Event, Reason: d.Reason, Attempts: d.Attempts, Time: d.Time}, err) {
				return
			}
		}
	}
}
