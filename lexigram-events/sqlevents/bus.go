package sqlevents

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
)

const (
	table   = "lexigram_event_queue"
	channel = "lexigram_events" // of notifications
)

// A Bus carries events through tables. It is safe for concurrent use; make one
// with [New]. It starts no goroutine before the first Subscribe.
//
// Any number of buses, in any number of processes, may work on one database.
type Bus struct {
	db     sqldb.DB
	opts   Options
	groups atomic.Pointer[groupSet] // what publishers know; may be old

	mu     sync.Mutex
	closed bool
	live   map[*consumer]struct{} // until their last handler has returned

	hearing sync.Mutex         // guards ears, while a connection is made too
	ears    context.CancelFunc // ends listening; nil if nobody listens
	hears   sync.WaitGroup
}

var (
	_ events.Publisher  = (*Bus)(nil)
	_ events.Subscriber = (*Bus)(nil)
	_ health.Checker    = (*Bus)(nil)
)

// New returns a bus in db, which has the tables of [Migrations]. It does no
// I/O. Options out of range are errors wrapping [events.ErrInvalid].
func New(db sqldb.DB, opts Options) (*Bus, error) {
	if db == nil {
		return nil, events.ErrInvalid.Wrap(nil, "sqlevents: the database is nil")
	}
	if _, err := Migrations().FS(db.Dialect()); err != nil {
		return nil, err
	}
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Bus{db: db, opts: opts, live: map[*consumer]struct{}{}}, nil
}

// Close refuses new events and subscriptions with [events.ErrClosed] and drains
// every subscription; its Consumer.Err is then ErrClosed. At the end of ctx it
// stops the handlers and returns the cause, without waiting. What was not
// handled stays in the tables. Close is idempotent.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	b.closed = true
	var live []*consumer
	for c := range b.live {
		live = append(live, c)
	}
	b.mu.Unlock()
	failed := make([]error, len(live))
	var all sync.WaitGroup
	for i, c := range live {
		c.fail(events.ErrClosed)
		all.Go(func() { failed[i] = c.Drain(ctx) })
	}
	all.Wait()
	b.hearing.Lock()
	if b.ears != nil {
		b.ears()
	}
	b.hearing.Unlock()
	b.hears.Wait()
	return errors.Join(failed...)
}

func (b *Bus) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

func (b *Bus) forget(c *consumer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.live, c)
}

// wake has the consumers of this process look at the table.
func (b *Bus) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.live {
		select {
		case c.wake <- struct{}{}:
		default: // one is on its way
		}
	}
}

// listen has the consumers woken by commits of other processes, where the
// database tells of them.
func (b *Bus) listen(ctx context.Context) error {
	l, ok := b.db.(sqldb.Listener)
	if !ok {
		return nil
	}
	b.hearing.Lock()
	defer b.hearing.Unlock()
	if b.ears != nil || b.isClosed() {
		return nil
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	notes, err := l.Listen(run, channel)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		cancel()
		return nil
	case err != nil:
		cancel()
		return events.Err.Wrap(err, "sqlevents: listen")
	}
	b.ears = cancel
	b.hears.Go(func() {
		for range notes { // closed when run ends, or the database is closed
			b.wake()
		}
	})
	return nil
}

// notify wakes consumers everywhere once the transaction of ctx has committed.
func (b *Bus) notify(ctx context.Context) error {
	sqldb.OnCommit(ctx, func(context.Context) { b.wake() })
	l, ok := b.db.(sqldb.Listener)
	if !ok {
		return nil
	}
	if err := l.Notify(ctx, channel); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// queue returns that of a group.
func (b *Bus) queue(group int64) *sqlqueue.Table {
	return sqlqueue.Part(b.db, table, "group_id", group)
}

// CheckHealth is Unhealthy once Close began or if the tables cannot be read,
// Degraded if there are dead letters or a group has an event that waits for
// longer than Options.Lag, and Healthy otherwise.
func (b *Bus) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	res := b.check(sqldb.Detach(ctx))
	res.Took = time.Since(start)
	return res
}

func (b *Bus) check(ctx context.Context) health.Result {
	if b.isClosed() {
		return health.Result{Status: health.Unhealthy, Message: "closed"}
	}
	set, err := b.load(ctx)
	if err != nil {
		return health.Result{Status: health.Unhealthy, Message: err.Error()}
	}
	now := b.opts.Clock.Now()
	res := health.Result{Status: health.Healthy}
	var dead int64
	worst, of := time.Duration(0), ""
	for _, g := range set.groups {
		oldest, n, err := b.queue(g.id).State(ctx, now)
		if err != nil {
			return health.Result{Status: health.Unhealthy, Message: err.Error()}
		}
		dead += n
		if lag := now.Sub(oldest); lag > worst {
			worst, of = lag, g.name
		}
	}
	res.Details = map[string]string{"dead": strconv.FormatInt(dead, 10), "lag": worst.Round(time.Millisecond).String(), "groups": strconv.Itoa(len(set.groups))}
	switch {
	case worst > b.opts.Lag:
		res.Status, res.Message = health.Degraded, fmt.Sprintf("group %q has an event that waits for %v", of, worst.Round(time.Second))
	case dead > 0:
		res.Status, res.Message = health.Degraded, fmt.Sprintf("%d dead letters", dead)
	}
	return res
}
