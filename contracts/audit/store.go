package audit

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A Logger records without failing who calls it. It is safe for concurrent use. An
// entry that cannot be kept is reported elsewhere, as the logger says, never in silence.
type Logger interface {
	// Log records e, after it has filled in what [Entry] says. The end of ctx does not
	// keep it from it: that a request was cancelled is no reason to forget it.
	Log(ctx context.Context, e Entry)
}

// An Appender keeps entries for ever, or until they expire.
type Appender interface {
	// Append adds e, whole or not at all. What [CheckEntry] refuses is an error wrapping
	// [ErrInvalid], an ID that is there one wrapping [ErrDuplicate], and a store without room
	// answers [ErrFull]. Where ctx carries a transaction of the store's database, e is part of
	// it.
	Append(ctx context.Context, e Entry) error
}

// A Reader finds entries.
type Reader interface {
	// Query yields the entries that q selects, newest first: by Time, and of one time by ID,
	// from the greatest. An error comes once, last; what [CheckQuery] refuses is one wrapping
	// [ErrInvalid]. What is appended meanwhile may be missing. The sequence may be ranged over
	// again, and its body may use the store.
	Query(ctx context.Context, q Query) iter.Seq2[Entry, error]
}

// A Store keeps entries and finds them. It is safe for concurrent use, copies what it is given
// and what it yields, and changes no entry. After what the methods tell, a ctx that has
// ended is an error wrapping its cause ([context.Cause]), without effect.
type Store interface {
	Appender
	Reader
}

// A Query selects entries. Each field that is not zero is a condition, and all of them hold.
type Query struct {
	Actor, Action            string
	ResourceType, ResourceID string
	Source                   string
	Outcome                  Outcome
	Severity                 Severity
	// Tenant selects one tenant's entries, and "" those of all: code that shows tenants
	// their own sets it from [tenancy.From].
	Tenant        tenancy.ID
	CorrelationID string
	Since, Until  time.Time // both inclusive
	// Before selects what is older than a place, such as the Position of the last entry
	// of the page before.
	Before Position
	Limit  int // how many at most; 0 is no limit
}

// CheckQuery returns an error wrapping [ErrInvalid] if q has a negative limit, or an
// outcome or severity that does not exist. Every store calls it first.
func CheckQuery(q Query) error {
	switch {
	case q.Limit < 0:
		return ErrInvalid.Wrap(nil, "audit: query: a limit of %d", q.Limit)
	case q.Outcome != "" && q.Outcome != Success && q.Outcome != Failure:
		return ErrInvalid.Wrap(nil, "audit: query: outcome %.40q is not success or failure", q.Outcome)
	case q.Severity != "" && !q.Severity.known():
		return ErrInvalid.Wrap(nil, "audit: query: severity %.40q is not low, medium, high or critical", q.Severity)
	}
	return nil
}

// Matches reports whether q selects e, its Limit aside.
func (q Query) Matches(e Entry) bool {
	return is(q.Actor, e.Actor) && is(q.Action, e.Action) && is(q.ResourceType, e.ResourceType) && is(q.ResourceID, e.ResourceID) &&
		is(q.Source, e.Source) && is(q.Outcome, e.Outcome) && is(q.Severity, e.Severity) && is(q.Tenant, e.Tenant) &&
		is(q.CorrelationID, e.CorrelationID) &&
		(q.Since.IsZero() || !e.Time.Before(q.Since)) && (q.Until.IsZero() || !e.Time.After(q.Until)) &&
		(q.Before == Position{} || e.Position().Before(q.Before))
}

func is[T ~string](want, got T) bool { return want == "" || want == got }

// A Counter is a [Reader] that counts without reading. Use [Count], which falls back.
type Counter interface {
	Reader
	// Count returns how many entries q selects, its Limit aside.
	Count(ctx context.Context, q Query) (int64, error)
}

// Count returns how many entries q selects, its Limit aside, in one step if r is a [Counter].
func Count(ctx context.Context, r Reader, q Query) (int64, error) {
	if c, ok := r.(Counter); ok {
		if n, err := c.Count(ctx, q); !errors.Is(err, errors.ErrUnsupported) {
			return n, err
		}
	}
	q.Limit = 0
	n := int64(0)
	for _, err := range r.Query(ctx, q) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// An Expirer is a [Store] that forgets entries whose time has come, and no other.
type Expirer interface {
	Store
	// DeleteExpired deletes the entries whose Expires is not zero and not after now,
	// and returns how many.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
