package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
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
	db   sqldb.DB
	pub  events.Publisher
	opts RelayOptions
	name string // of this relay, in the claims

	mu      sync.Mutex
	started bool
	stopped bool
	drain   chan struct{} // closed: claim nothing more
	cancel  context.CancelFunc
	done    chan struct{} // closed when the last goroutine has ended

	unmarked error // of what was sent and could not be marked; read after done
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
	return &Relay{
		db: db, pub: pub, opts: opts, name: rand.Text(),
		drain: make(chan struct{}), done: make(chan struct{}),
	}, nil
}

// Start begins relaying and returns. ctx bounds this call and lends its values
// to publishing. A relay that runs is left alone; one that was stopped is an
// error wrapping [events.ErrClosed].
func (r *Relay) Start(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.stopped:
		return events.ErrClosed.Wrap(nil, "outbox: start a relay that was stopped; make a new one")
	case r.started:
		return nil
	}
	ctx = sqldb.Detach(ctx)
	if r.opts.ReclaimOnStart {
		n, err := r.db.Exec(ctx, "UPDATE lexigram_outbox SET hold_until = 0, owner = '' WHERE status = 0 AND owner <> ''")
		if err != nil {
			return events.Err.Wrap(err, "outbox: start: reclaim")
		}
		if n > 0 {
			r.opts.Logger.Info("outbox: reclaimed events of an earlier relay", "events", n)
		}
	}
	base := context.WithoutCancel(ctx)
	run, cancel := context.WithCancel(base)
	wake, err := r.listen(run)
	if err != nil {
		cancel()
		return err
	}
	r.started, r.cancel = true, cancel
	p := newPump(r, base, run)
	go func() {
		defer close(r.done)
		defer cancel()
		p.run(wake)
	}()
	return nil
}

// listen returns a channel of the database's notifications, or nil.
func (r *Relay) listen(ctx context.Context) (<-chan struct{}, error) {
	l, ok := r.db.(sqldb.Listener)
	if !ok {
		return nil, nil
	}
	wake, err := l.Listen(ctx, channel)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil, nil
	case err != nil:
		return nil, events.Err.Wrap(err, "outbox: start: listen")
	}
	return wake, nil
}

// Stop ends claiming, cancels the sending of what was claimed, gives that
// back, and waits until ctx ends. It is idempotent and works before Start.
func (r *Relay) Stop(ctx context.Context) error {
	if !r.stop() {
		return nil
	}
	r.cancel()
	return r.wait(ctx, "stop")
}

// Drain ends claiming, and waits until what was claimed is sent or ctx ends:
// then it does as Stop, without waiting, and returns the cause. If the database
// fails for good it gives up marking, and says so: what was sent will be sent
// again. It is idempotent and works before Start.
func (r *Relay) Drain(ctx context.Context) error {
	if !r.stop() {
		return nil
	}
	err := r.wait(ctx, "drain")
	r.cancel()
	if err == nil {
		err = r.unmarked
	}
	return err
}

// stop has nothing more claimed, and reports whether the relay ever ran.
func (r *Relay) stop() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.stopped {
		r.stopped = true
		close(r.drain)
	}
	return r.started
}

func (r *Relay) wait(ctx context.Context, op string) error {
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return events.Err.Wrap(context.Cause(ctx), "outbox: %s", op)
	}
}

// Purge deletes, in small batches, what was sent longer than Retention ago and
// what inboxes recorded longer than InboxRetention ago, and returns how many
// rows those were. A relay that runs does so every minute.
func (r *Relay) Purge(ctx context.Context) (int64, error) {
	ctx = sqldb.Detach(ctx)
	now := r.opts.Clock.Now()
	sent, err := r.purge(ctx, "DELETE FROM lexigram_outbox WHERE seq IN (SELECT seq FROM lexigram_outbox WHERE status = 1 AND settled_at < $1 ORDER BY settled_at LIMIT 500)",
		now.Add(-r.opts.Retention))
	if err != nil {
		return sent, err
	}
	inbox, err := r.purge(ctx, `DELETE FROM lexigram_inbox WHERE (consumer, tenant, source, id) IN
		(SELECT consumer, tenant, source, id FROM lexigram_inbox WHERE handled_at < $1 ORDER BY handled_at LIMIT 500)`,
		now.Add(-r.opts.InboxRetention))
	return sent + inbox, err
}

func (r *Relay) purge(ctx context.Context, sql string, before time.Time) (total int64, err error) {
	for {
		n, err := r.db.Exec(ctx, sql, before.UnixMicro())
		if err != nil {
			return total, events.Err.Wrap(err, "outbox: purge")
		}
		if total += n; n < 500 {
			return total, nil
		}
	}
}
