package outbox

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
)

// A Relay takes events from the table to a publisher. Make one with [NewRelay].
// Its methods are safe for concurrent use.
//
// It claims events under a lease, sends them, several at a time but those of
// one key one after another, and marks what was sent. If the publisher is an
// [events.Deliverer] that is when every handler has acknowledged the event,
// otherwise when the publisher has taken it. So an event whose relay was killed
// is sent again when its lease has ended; no event is lost.
//
// Any number of relays may work on one table. No event is claimed twice while
// its lease holds, and no event of a key while an earlier one is claimed or
// waits for another attempt. To claim is one statement: a relay that another
// one is faster than does not wait for it but looks again, and one that is
// halted in between holds nobody up.
type Relay struct {
	db    sqldb.DB
	queue *sqlqueue.Table
	pump  *sqlqueue.Pump
	opts  RelayOptions
}

// NewRelay returns a relay from db to pub. It does no I/O. Options out of
// range are errors wrapping [events.ErrInvalid].
func NewRelay(db sqldb.DB, pub events.Publisher, opts RelayOptions) (*Relay, error) {
	if err := speaks(db); err != nil {
		return nil, err
	}
	if pub == nil {
		return nil, events.ErrInvalid.Wrap(nil, "outbox: relay: the publisher is nil")
	}
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Relay{db: db, queue: sqlqueue.Whole(db, table), opts: opts}
	deliver, strict := pub.Publish, false
	if d, ok := events.AsDeliverer(context.Background(), pub); ok {
		deliver, strict = d.Deliver, true
	}
	r.pump = sqlqueue.New(r.queue, sqlqueue.Options{
		Name: "outbox", Done: "sent", Batch: opts.Batch, First: opts.Batch, Least: opts.Batch, Parallel: opts.Parallel, Poll: opts.Poll, Lease: opts.Lease,
		MaxAttempts: opts.MaxAttempts, RetryBase: opts.RetryBase, RetryCap: opts.RetryCap,
		Deliver: func(ctx context.Context, ev events.Event) error { return deliver(ctx, ev) },
		Refused: func(err error) bool { // the bus refuses it, now and later
			return !strict && (errors.Is(err, events.ErrInvalid) || errors.Is(err, events.ErrSize))
		},
		Excused: func(err error) bool { return errors.Is(err, events.ErrClosed) },
		Clean:   func(ctx context.Context) error { _, err := r.Purge(ctx); return err },
		Wake:    opts.Wake, Clock: opts.Clock, Logger: opts.Logger, Observer: opts.Observer,
	})
	return r, nil
}

// Start begins relaying and returns. ctx bounds this call and lends its values
// to publishing. A relay that runs is left alone; one that was stopped is an
// error wrapping [events.ErrClosed].
func (r *Relay) Start(ctx context.Context) error {
	return r.pump.Start(ctx, func(run context.Context) (<-chan struct{}, error) {
		if err := r.reclaim(run); err != nil {
			return nil, err
		}
		return listen(run, r.db)
	})
}

func (r *Relay) reclaim(ctx context.Context) error {
	if !r.opts.ReclaimOnStart {
		return nil
	}
	n, err := r.queue.Unclaim(ctx)
	if n > 0 {
		r.opts.Logger.Info("outbox: reclaimed events of an earlier relay", "events", n)
	}
	return err
}

// listen returns a channel of the database's notifications, or nil.
func listen(ctx context.Context, db sqldb.DB) (<-chan struct{}, error) {
	l, ok := db.(sqldb.Listener)
	if !ok {
		return nil, nil
	}
	wake, err := l.Listen(ctx, channel)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	return wake, err
}

// Stop ends claiming, cancels the sending of what was claimed, gives that
// back, and waits until ctx ends. It is idempotent and works before Start.
func (r *Relay) Stop(ctx context.Context) error {
	r.pump.Stop()
	return r.pump.Wait(ctx, "stop")
}

// Drain ends claiming, and waits until what was claimed is sent or ctx ends:
// then it does as Stop, without waiting, and returns the cause. If the database
// fails for good it gives up marking, and says so: what was sent will be sent
// again. It is idempotent and works before Start.
func (r *Relay) Drain(ctx context.Context) error { return r.pump.Drain(ctx) }

// Purge deletes, in small batches, what was sent longer than Retention ago and
// what inboxes recorded longer than InboxRetention ago, and returns how many
// rows those were. A relay that runs does so every minute.
func (r *Relay) Purge(ctx context.Context) (int64, error) {
	ctx = sqldb.Detach(ctx)
	now := r.opts.Clock.Now()
	sent, err := r.queue.Purge(ctx, now.Add(-r.opts.Retention))
	inbox := int64(0)
	if err == nil {
		inbox, err = sqlqueue.Sweep(ctx, r.db, forget, now.Add(-r.opts.InboxRetention))
	}
	if err != nil {
		return sent + inbox, events.Err.Wrap(err, "outbox: purge")
	}
	return sent + inbox, nil
}

const forget = `DELETE FROM lexigram_inbox WHERE (consumer, tenant, source, id) IN
	(SELECT consumer, tenant, source, id FROM lexigram_inbox WHERE handled_at < $1 ORDER BY handled_at LIMIT 500)`
