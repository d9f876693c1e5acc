package upcast

import (
	"context"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// A Log is another one whose readers see events in the shape of today. What is
// appended goes through unchanged.
type Log struct {
	eventstore.Log
	chain *Chain
}

var _ eventstore.Log = (*Log)(nil)

// Over returns log with its events upcast. An event that cannot be ends the loop
// with an error wrapping [ErrStep].
func (c *Chain) Over(log eventstore.Log) *Log { return &Log{log, c} }

// Read implements [eventstore.Store].
func (l *Log) Read(ctx context.Context, stream string, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return l.each(l.Log.Read(ctx, stream, after))
}

// ReadAll implements [eventstore.AllReader].
func (l *Log) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.each(l.Log.ReadAll(ctx, after))
}

func (l *Log) each(seq iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range seq {
			if err == nil {
				if rec.Event, err = l.chain.Event(rec.Event); err != nil {
					err = ErrStep.Wrap(err, "upcast: stream %q at version %d", rec.Stream, rec.Version)
				}
			}
			if err != nil {
				yield(eventstore.Recorded{}, err)
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}
