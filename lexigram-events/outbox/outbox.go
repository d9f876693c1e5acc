package outbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/eventrow"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
)

// Options say how an [Outbox] behaves. The zero value is ready to use.
type Options struct {
	// Lag is how old the oldest unsent event may be before CheckHealth is
	// Degraded. 0 means one minute.
	Lag      time.Duration
	Clock    clock.Clock      // nil means clock.System{}
	Observer observe.Observer // the zero value reports nothing
}

// An Outbox is an [events.Publisher] that keeps events in a table. It is safe
// for concurrent use; make one with [New].
type Outbox struct {
	db        sqldb.DB
	queue     *sqlqueue.Table
	opts      Options
	committed chan struct{}
}

var (
	_ events.Publisher = (*Outbox)(nil)
	_ health.Checker   = (*Outbox)(nil)
)

// channel is what relays listen on where the database notifies.
const channel = "lexigram_outbox"

// New returns an outbox in db, which has the tables of [Migrations]. It does no I/O.
func New(db sqldb.DB, opts Options) (*Outbox, error) {
	if err := speaks(db); err != nil {
		return nil, err
	}
	if opts.Lag < 0 {
		return nil, events.ErrInvalid.Wrap(nil, "outbox: Lag is %v: it must not be negative", opts.Lag)
	}
	if opts.Lag == 0 {
		opts.Lag = time.Minute
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	return &Outbox{db: db, queue: sqlqueue.Whole(db, table), opts: opts, committed: make(chan struct{}, 1)}, nil
}

func speaks(db sqldb.DB) error {
	if db == nil {
		return events.ErrInvalid.Wrap(nil, "outbox: the database is nil")
	}
	_, err := Migrations().FS(db.Dialect())
	return err
}

// Publish implements [events.Publisher]: the events are taken when the ambient
// transaction of ctx commits, or when Publish returns if there is none, and
// are as durable as the database. An event whose Source, ID and tenant the table
// still holds, sent or not, is the same event. Time is kept to the microsecond, in
// UTC. What [events.Check] refuses is [events.ErrInvalid].
func (o *Outbox) Publish(ctx context.Context, evs ...events.Event) error {
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	if len(evs) == 0 {
		return nil
	}
	var err error
	if len(evs) <= perInsert {
		err = o.insert(ctx, evs)
	} else {
		err = o.db.InTx(ctx, func(ctx context.Context) error {
			for part := range slices.Chunk(evs, perInsert) {
				if err := o.insert(ctx, part); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return events.Err.Wrap(err, "outbox: publish %q", evs[0].ID)
	}
	if err := o.notify(ctx); err != nil {
		return events.Err.Wrap(err, "outbox: notify after %q", evs[0].ID)
	}
	o.opts.Observer.Count(ctx, "outbox.published", int64(len(evs)))
	return nil
}

const (
	table     = "lexigram_outbox"
	perInsert = sqldb.MaxParams / sqlqueue.NumColumns
)

func (o *Outbox) insert(ctx context.Context, evs []events.Event) error {
	var sql strings.Builder
	sql.WriteString("INSERT INTO " + table + " (" + sqlqueue.Columns + ") VALUES ")
	args := make([]any, 0, len(evs)*sqlqueue.NumColumns)
	now := o.opts.Clock.Now()
	for i := range evs {
		if i > 0 {
			sql.WriteByte(',')
		}
		sql.WriteByte('(')
		eventrow.Placeholders(&sql, len(args)+1, sqlqueue.NumColumns)
		sql.WriteByte(')')
		ev := &evs[i]
		var err error
		if args, err = sqlqueue.AppendArgs(args, ev, sqlqueue.Headers(ctx, o.opts.Observer, ev), now); err != nil {
			return err
		}
	}
	sql.WriteString(" ON CONFLICT (tenant, source, id) DO NOTHING")
	_, err := o.db.Exec(ctx, sql.String(), args...)
	return err
}

// notify wakes the relays once the transaction has committed.
func (o *Outbox) notify(ctx context.Context) error {
	sqldb.OnCommit(ctx, func(context.Context) {
		select {
		case o.committed <- struct{}{}:
		default: // one is on its way
		}
	})
	l, ok := o.db.(sqldb.Listener)
	if !ok {
		return nil
	}
	if err := l.Notify(ctx, channel); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// Committed yields a value soon after a transaction of this process has
// committed events. Values coalesce; it is for [RelayOptions].Wake of one relay.
func (o *Outbox) Committed() <-chan struct{} { return o.committed }

// CheckHealth is Unhealthy if the table cannot be read, Degraded if there are
// dead letters or the oldest unsent event is older than Options.Lag, and
// Healthy otherwise.
func (o *Outbox) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	res := o.check(sqldb.Detach(ctx))
	res.Took = time.Since(start)
	return res
}

func (o *Outbox) check(ctx context.Context) health.Result {
	now := o.opts.Clock.Now()
	oldest, dead, err := o.queue.State(ctx, now)
	if err != nil {
		return health.Result{Status: health.Unhealthy, Message: err.Error()}
	}
	res := health.Result{Status: health.Healthy, Details: map[string]string{"dead": strconv.FormatInt(dead, 10)}}
	lag := now.Sub(oldest)
	res.Details["lag"] = lag.Round(time.Millisecond).String()
	switch {
	case lag > o.opts.Lag:
		res.Status, res.Message = health.Degraded, "the oldest unsent event is "+lag.Round(time.Second).String()+" old"
	case dead > 0:
		res.Status, res.Message = health.Degraded, strconv.FormatInt(dead, 10)+" dead letters"
	}
	return res
}

// ErrNoLetter reports a dead letter that does not exist.
var ErrNoLetter = events.Err.Sub("LEX_ERR_EVT_040", errs.NotFound, "events: no such dead letter")
