package outbox

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// An Inbox has a consumer handle an event once, although the bus may deliver
// it again, if what the consumer does is in the same database. It is safe for
// concurrent use; make one with [NewInbox].
type Inbox struct {
	db    sqldb.DB
	clock clock.Clock
}

// NewInbox returns an inbox in db, which has the tables of [Migrations]. c
// may be nil, for clock.System{}. It does no I/O.
func NewInbox(db sqldb.DB, c clock.Clock) (*Inbox, error) {
	if err := speaks(db); err != nil {
		return nil, err
	}
	if c == nil {
		c = clock.System{}
	}
	return &Inbox{db: db, clock: c}, nil
}

// Once calls fn in a transaction that also records that consumer handled ev,
// and returns nil without calling it if that is recorded. Of several calls at
// the same time, one calls fn and the others wait for its outcome. If fn fails
// nothing is recorded. Effects outside the database are not undone and may
// happen twice: [sqldb.Transactor] calls fn again when it loses a race.
//
// A [Relay] forgets the record after RelayOptions.InboxRetention.
func (in *Inbox) Once(ctx context.Context, consumer string, ev events.Event, fn func(ctx context.Context) error) error {
	if consumer == "" || !utf8.ValidString(consumer) || strings.Contains(consumer, "\x00") {
		return events.ErrInvalid.Wrap(nil, "outbox: inbox: consumer %.40q is empty or not UTF-8 without NUL", consumer)
	}
	if err := events.Check(ev); err != nil {
		return err
	}
	return in.db.InTx(ctx, func(ctx context.Context) error {
		n, err := in.db.Exec(ctx, "INSERT INTO lexigram_inbox (consumer, tenant, source, id, handled_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			consumer, ev.Headers[events.HeaderTenant], ev.Source, ev.ID, in.clock.Now().UnixMicro())
		if err != nil {
			return events.Err.Wrap(err, "outbox: inbox of %q: event %q", consumer, ev.ID)
		}
		if n == 0 {
			return nil
		}
		return fn(ctx)
	})
}
