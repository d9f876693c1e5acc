package projection

import (
	"context"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// Errors of projections. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_EVT_015", errs.Unknown, "projection")
	// ErrNotFound reports a name that the projector has no projection of.
	ErrNotFound = Err.Sub("LEX_ERR_EVT_017", errs.NotFound, "projection: no such projection")
	// ErrInvalid reports a projection or options that are not whole.
	ErrInvalid = Err.Sub("LEX_ERR_EVT_070", errs.Invalid, "projection: invalid")
	// ErrHalted reports a projection that an event has stopped, which the error names.
	ErrHalted = Err.Sub("LEX_ERR_EVT_071", errs.Internal, "projection: halted by an event")
	// ErrRestored reports a log that does not go as far as the read model: it
	// was restored from an older backup, or is another one. Only a rebuild helps.
	ErrRestored = Err.Sub("LEX_ERR_EVT_072", errs.Conflict, "projection: the log does not have the position that the read model is at")
	// ErrNewer reports a read model of a Version that this process does not know: it is left alone.
	ErrNewer = Err.Sub("LEX_ERR_EVT_073", errs.Unavailable, "projection: the read model is of a newer version")
)

// A Generation numbers the read models of one projection: those that are read,
// that are being built, and that are gone, from 1. It is a column in the key of
// its rows, or the suffix of its tables.
type Generation int64

// A Projection makes a read model of events. Its functions are called one at a
// time for one generation; two generations may be worked on at once.
type Projection struct {
	Name    string // 1 to 100 of a-z, 0-9, ".", "-" and "_"
	Version int    // from 1; whoever changes what Handle makes of events raises it
	// Types has patterns of the types of the events that are handled; nil is all.
	Types []string

	// Handle changes the read model of g for one event. Over a database
	// ([New]) the ctx is in the transaction that records it as handled: what is
	// written to that database with it happens exactly once, whatever dies. It may
	// be called again for an event when the transaction is repeated, so it has
	// no effect elsewhere. Over a store of state ([NewInState]) an event is
	// handled again after a crash.
	Handle func(ctx context.Context, g Generation, rec eventstore.Recorded) error

	// Prepare makes room for a generation, such as its tables, before the first
	// event; Drop removes one that is no longer read. Both may be called again
	// for one generation. nil does nothing. Over a database nothing of a
	// generation is handled after its Drop; over a store of state a process that
	// is late may, unless there is an Options.Lock.
	Prepare, Drop func(ctx context.Context, g Generation) error

	// Retry says how often an event is handled that fails, and when. Failures
	// of kinds Unavailable, Timeout and Canceled are not the event's: they are
	// tried until they pass, and do not count.
	Retry resilience.RetryConfig
	// Dead takes over an event that failed for good, in the transaction that
	// passes over it. With nil such an event halts the projection ([ErrHalted]).
	Dead func(ctx context.Context, g Generation, rec eventstore.Recorded, cause error) error
}

func (p *Projection) check() error {
	switch {
	case len(p.Name) == 0 || len(p.Name) > 100 || strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "":
		return ErrInvalid.Wrap(nil, "projection: name %.40q is not 1 to 100 of a-z, 0-9, \".\", \"-\" and \"_\"", p.Name)
	case p.Version < 1:
		return ErrInvalid.Wrap(nil, "projection: version %d of %q is under 1", p.Version, p.Name)
	case p.Handle == nil:
		return ErrInvalid.Wrap(nil, "projection: %q has no Handle", p.Name)
	}
	for _, t := range p.Types {
		if err := events.CheckPattern(t); err != nil {
			return ErrInvalid.Wrap(err, "projection: %q", p.Name)
		}
	}
	if err := p.Retry.Validate(); err != nil {
		return ErrInvalid.Wrap(err, "projection: %q", p.Name)
	}
	return nil
}

// wants reports whether events of the type are handled.
func (p *Projection) wants(typ string) bool {
	if p.Types == nil {
		return true
	}
	for _, t := range p.Types {
		if events.Match(t, typ) {
			return true
		}
	}
	return false
}

// prepare and drop call the functions that p may have.
func (p *Projection) prepare(ctx context.Context, g Generation) error { return call(ctx, p.Prepare, g) }

func (p *Projection) drop(ctx context.Context, g Generation) error { return call(ctx, p.Drop, g) }

func call(ctx context.Context, fn func(context.Context, Generation) error, g Generation) error {
	if fn == nil {
		return nil
	}
	return errs.Catch(func() error { return fn(ctx, g) })
}
