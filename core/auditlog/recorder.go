package auditlog

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Options are those of [NewRecorder]. The zero value fills in, hides secrets, and
// neither signs nor lets anything expire.
type Options struct {
	// Source is that of entries that name none, such as the application's name.
	Source string
	// Actor tells who acts in a context, and Correlation which request and message it
	// is about, "" if it does not know; nil knows nothing. They are called for each entry that
	// has none. An entry without an actor in the end is one of "unknown".
	Actor       func(ctx context.Context) string
	Correlation func(ctx context.Context) (correlation, causation string)
	// Keys sign entries and chain those of Log, so that a [Verifier] finds what was changed
	// or removed; nil does not. Log then appends one entry at a time.
	Keys security.KeySource
	// Retention says how long entries are kept.
	Retention Retention
	// Timeout bounds one Append of [Recorder.Log], which does not end with its context;
	// 0 means 10 s.
	Timeout time.Duration
	// Logger is told of entries that could not be kept; nil means [slog.Default], because
	// nobody is told otherwise.
	Logger   *slog.Logger
	Observer observe.Observer // of appends, and of the counter "audit.lost"
	Clock    clock.Clock      // nil means [clock.System]
	NewID    func() string    // nil means text of 130 random bits
}

// A Recorder makes whole entries of what it is given, and appends them to a store. It is
// an [audit.Logger], and an [audit.Appender] for those who would rather fail than act
// unrecorded. It is safe for concurrent use; the zero value is not usable.
type Recorder struct {
	to   audit.Appender
	opts Options

	turn   chan struct{}           // holds one while a link is added, and guards chains
	chains map[time.Duration]chain // by how long entries are kept
}

var (
	_ audit.Logger   = (*Recorder)(nil)
	_ audit.Appender = (*Recorder)(nil)
)

// NewRecorder returns a recorder that appends to a store, or an error wrapping
// [audit.Err] if to is nil or opts are not valid.
func NewRecorder(to audit.Appender, opts Options) (*Recorder, error) {
	var invalid errs.ValidationError
	if to == nil {
		invalid.Add("store", "is nil", "")
	}
	if opts.Timeout < 0 {
		invalid.Add("timeout", "must not be negative; leave it out for 10s", "")
	}
	opts.Retention.check(&invalid)
	if err := invalid.Err(); err != nil {
		return nil, audit.Err.Wrap(err, "auditlog: recorder")
	}
	opts.Timeout = cmp.Or(opts.Timeout, 10*time.Second)
	if opts.Logger == nil {
		opts.Logger = slog.Default()
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.NewID == nil {
		opts.NewID = rand.Text
	}
	return &Recorder{to: to, opts: opts, turn: make(chan struct{}, 1), chains: map[time.Duration]chain{}}, nil
}

// Log records e; see [audit.Logger]. It does so apart from a transaction that ctx carries:
// what was tried is recorded, whatever becomes of it. (Within a transaction on SQLite,
// call Append, or keep the log in a file of its own: one writer at a time.) An entry that
// cannot be kept is an error in the log, with its ID, action, actor and the reason, and
// one more of the counter "audit.lost".
func (r *Recorder) Log(ctx context.Context, e audit.Entry) {
	ctx, cancel := context.WithTimeout(sqldb.Detach(context.WithoutCancel(ctx)), r.opts.Timeout)
	defer cancel()
	e, err := r.record(ctx, e, true)
	if err == nil {
		return
	}
	r.opts.Observer.Count(ctx, "audit.lost", 1)
	// Nothing is said about a panic of the handler: there is nobody left to tell.
	_ = errs.Catch(func() error {
		r.opts.Logger.LogAttrs(ctx, slog.LevelError, "audit entry was lost",
			slog.String("id", e.ID), slog.String("action", e.Action), slog.String("actor", e.Actor), slog.String("error", err.Error()))
		return nil
	})
}

// Append records e, tells its error, and ends with ctx; see [audit.Appender]. The entry
// is part of a transaction that ctx carries, and so it is signed, and no link of a
// chain, in which a rollback would leave a gap.
func (r *Recorder) Append(ctx context.Context, e audit.Entry) error {
	if ctx.Err() != nil {
		return audit.Err.Wrap(context.Cause(ctx), "auditlog: record %q", e.Action)
	}
	_, err := r.record(ctx, e, false)
	return err
}

// fill adds what e does not say.
func (r *Recorder) fill(ctx context.Context, e audit.Entry) audit.Entry {
	e.ID = cmp.Or(e.ID, r.opts.NewID())
	if e.Time.IsZero() {
		e.Time = r.opts.Clock.Now()
	}
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	e.Outcome, e.Severity = cmp.Or(e.Outcome, audit.Success), cmp.Or(e.Severity, audit.Medium)
	e.Source = cmp.Or(e.Source, r.opts.Source)
	if e.Actor == "" && r.opts.Actor != nil {
		e.Actor = r.opts.Actor(ctx)
	}
	e.Actor = cmp.Or(e.Actor, "unknown")
	if tenant, err := tenancy.From(ctx); err == nil && e.Tenant == "" {
		e.Tenant = tenant
	}
	if r.opts.Correlation != nil && e.CorrelationID == "" && e.CausationID == "" {
		e.CorrelationID, e.CausationID = r.opts.Correlation(ctx)
	}
	if e.Expires.IsZero() {
		e.Expires = r.opts.Retention.expires(e)
	}
	if !e.Expires.IsZero() {
		e.Expires = e.Expires.UTC().Truncate(time.Microsecond)
	}
	e.Chain, e.Seq, e.Previous, e.Checksum = "", 0, "", ""
	return e
}

// record hides, signs and keeps an entry.
func (r *Recorder) record(ctx context.Context, e audit.Entry, chained bool) (_ audit.Entry, err error) {
	ctx, end := r.opts.Observer.Start(ctx, "audit.append", slog.String("action", e.Action))
	defer func() { end(err) }()
	stamped, fixed := e.Time.IsZero(), !e.Expires.IsZero()
	if err := errs.Catch(func() error { e = r.fill(ctx, e); return audit.CheckEntry(e) }); err != nil {
		return e, err
	}
	if e, err = redact(e); err != nil {
		return e, audit.ErrInvalid.Wrap(err, "auditlog: record %q", e.ID)
	}
	switch {
	case r.opts.Keys == nil:
		return e, r.keep(ctx, e)
	case chained && !fixed:
		kept := time.Duration(0)
		if !e.Expires.IsZero() {
			kept = e.Expires.Sub(e.Time)
		}
		return e, r.link(ctx, e, kept, stamped)
	}
	return e, r.sign(ctx, e)
}

func (r *Recorder) keep(ctx context.Context, e audit.Entry) error {
	err := errs.Catch(func() error { return r.to.Append(ctx, e) })
	if err == nil {
		return nil
	}
	return audit.Err.Wrap(err, "auditlog: keep %q", e.ID)
}
