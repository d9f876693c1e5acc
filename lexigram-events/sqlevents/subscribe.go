package sqlevents

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/subscription"
)

// Subscribe implements [events.Subscriber]. A named group keeps its place in the
// tables until [Bus.Forget] ends it. A subscription that differs from that of the
// group becomes the group's if no consumer of it is alive anywhere; a process
// that was killed counts as alive for two Leases. It returns errors wrapping
// [events.ErrInvalid], [events.ErrGroup], [events.ErrClosed] or the cause of ctx.
//
// On PostgreSQL a new group that begins with [events.Earliest] waits for the
// transactions that are publishing, so that it misses nothing of theirs.
func (b *Bus) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	lanes, err := subscription.Normalize("sqlevents", &s, h)
	if err != nil {
		return nil, err
	}
	if strings.ContainsRune(s.Group, 0) || len(s.Group) > 255 {
		return nil, events.ErrInvalid.Wrap(nil, "sqlevents: group %.40q is over 255 bytes or has a NUL", s.Group)
	}
	if ctx.Err() != nil {
		return nil, events.Err.Wrap(context.Cause(ctx), "sqlevents: subscribe group %q", s.Group)
	}
	if b.isClosed() {
		return nil, events.ErrClosed.Wrap(nil, "sqlevents: subscribe group %q", s.Group)
	}
	db := sqldb.Detach(ctx)
	if err := b.listen(db); err != nil {
		return nil, err
	}
	c := &consumer{bus: b, id: rand.Text(), sub: s, handler: h, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	if err := b.join(db, c); err != nil {
		return nil, errors.Join(err, b.leave(context.WithoutCancel(db), c))
	}
	c.pump = sqlqueue.New(b.queue(c.group), c.options(lanes))
	if err := b.begin(ctx, c); err != nil {
		return nil, errors.Join(err, b.leave(context.WithoutCancel(db), c))
	}
	go c.watch()
	return c, nil
}

// begin has c woken from now on, and starts it.
func (b *Bus) begin(ctx context.Context, c *consumer) error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return events.ErrClosed.Wrap(nil, "sqlevents: subscribe group %q", c.sub.Group)
	}
	b.live[c] = struct{}{}
	b.mu.Unlock()
	err := c.pump.Start(ctx, nil)
	if err != nil {
		b.forget(c)
		close(c.closed) // for a Close that came between
	}
	return err
}

// join makes the group of c, if it is new, and c one of its consumers.
func (b *Bus) join(ctx context.Context, c *consumer) error {
	ready := false
	err := b.db.InTx(ctx, func(ctx context.Context) (err error) {
		// Who joins takes turns at this row.
		if _, err := b.db.Exec(ctx, "UPDATE lexigram_event_version SET version = version WHERE id = 1"); err != nil {
			return err
		}
		if c.group, ready, err = b.groupOf(ctx, c.sub); err != nil {
			return err
		}
		if !ready && b.db.Dialect() != sqldb.Postgres { // the only writer: what is kept is all there
			ready, err = true, b.replay(ctx, c)
		}
		return errors.Join(err, b.alive(ctx, c))
	})
	if err == nil && !ready {
		if err = b.settle(ctx); err == nil {
			err = b.db.InTx(ctx, func(ctx context.Context) error { return b.replay(ctx, c) })
		}
	}
	switch {
	case errors.Is(err, events.ErrGroup):
		return err
	case err != nil:
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = errors.Join(cause, err)
		}
		return events.Err.Wrap(err, "sqlevents: subscribe group %q", c.sub.Group)
	}
	return nil
}

// groupOf returns the group of s, which it makes or changes where it must.
func (b *Bus) groupOf(ctx context.Context, s events.Subscription) (id int64, ready bool, err error) {
	text, err := write(s)
	if err != nil {
		return 0, false, err
	}
	var old string
	err = sqldb.ErrNoRows
	if s.Group != "" {
		err = sqldb.QueryRow(ctx, b.db, "SELECT id, subscription, ready = 1 FROM lexigram_event_groups WHERE name = $1", s.Group).Scan(&id, &old, &ready)
	}
	if errors.Is(err, sqldb.ErrNoRows) {
		return b.newGroup(ctx, s, text)
	}
	if err != nil {
		return 0, false, err
	}
	was, err := read(old)
	if err != nil || subscription.Same(was, s) {
		return id, ready, err
	}
	var others int64
	err = sqldb.QueryRow(ctx, b.db, "SELECT COUNT(*) FROM lexigram_event_consumers WHERE group_id = $1 AND alive_until > $2", id, b.opts.Clock.Now().UnixMicro()).Scan(&others)
	if err != nil {
		return 0, false, err
	}
	if others > 0 {
		return 0, false, events.ErrGroup.Wrap(nil, "sqlevents: subscribe group %q: its types, begin, timeout and retry must be those of its %d consumers: group subscribed otherwise", s.Group, others)
	}
	if _, err := b.db.Exec(ctx, "UPDATE lexigram_event_groups SET subscription = $2 WHERE id = $1", id, text); err != nil {
		return 0, false, err
	}
	return id, ready, b.changed(ctx)
}

func (b *Bus) newGroup(ctx context.Context, s events.Subscription, text string) (id int64, ready bool, err error) {
	ready = s.Begin == events.Latest
	n := 0
	if ready {
		n = 1
	}
	err = sqldb.QueryRow(ctx, b.db, "INSERT INTO lexigram_event_groups (name, subscription, ready) VALUES ($1, $2, $3) RETURNING id", s.Group, text, n).Scan(&id)
	if err == nil {
		_, err = b.db.Exec(ctx, "INSERT INTO "+table+"_claim (id, claims) VALUES ($1, 0)", id)
	}
	if err == nil {
		err = b.changed(ctx)
	}
	return id, ready, err
}

// changed has publishers see that what they know of the groups is old.
func (b *Bus) changed(ctx context.Context) error {
	_, err := b.db.Exec(ctx, "UPDATE lexigram_event_version SET version = version + 1 WHERE id = 1")
	return err
}

// replay gives a group that begins with the earliest what the bus has kept.
//
// On SQLite that is in the transaction that makes the group. On Postgres it
// follows it: publishers that do not know the group are those that were in
// progress then, and have been waited for. What a publisher that knew the group
// has given it already is left alone; the order is that of the publishers'
// transactions in any case.
func (b *Bus) replay(ctx context.Context, c *consumer) error {
	var types []string
	scan := func(rows sqldb.Rows) (typ string, err error) { return typ, rows.Scan(&typ) }
	for typ, err := range sqldb.Select(ctx, b.db, scan, "SELECT DISTINCT event_type FROM "+table+" WHERE group_id = 0") {
		if err != nil {
			return err
		}
		if subscription.Wants(&c.sub, typ) {
			types = append(types, typ)
		}
	}
	if len(types) > 0 {
		if _, err := b.db.Exec(ctx, copying(b.db.Dialect(), c.group), strings.Join(types, ",")); err != nil {
			return err
		}
	}
	_, err := b.db.Exec(ctx, "UPDATE lexigram_event_groups SET ready = 1 WHERE id = $1", c.group)
	return err
}

// settle waits, on Postgres, until every transaction has ended that may be
// writing to the queue with a look at the groups of before. A statement takes
// its lock on the table before it looks, and keeps it to the end of its
// transaction; the number of the transaction it may take later, so to wait for
// those that have one is not enough.
func (b *Bus) settle(ctx context.Context) error {
	const writers = `SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = CAST('` + table + `' AS regclass)
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()`
	before := map[string]bool{}
	for pause := time.Duration(0); ; pause = min(2*pause+time.Millisecond, time.Second) {
		still := map[string]bool{}
		scan := func(rows sqldb.Rows) (vt string, err error) { return vt, rows.Scan(&vt) }
		for vt, err := range sqldb.Select(ctx, b.db, scan, writers) {
			if err != nil {
				return err
			}
			if pause == 0 || before[vt] {
				still[vt] = true
			}
		}
		if before = still; len(before) == 0 {
			return nil
		}
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return context.Cause(ctx)
		}
	}
}

// copying returns the statement that gives a group what is kept of the types $1.
func copying(d sqldb.Dialect, group int64) string {
	columns, order, among := sqlqueue.Columns, "seq", "IN (SELECT value FROM json_each('[\"' || replace($1, ',', '\",\"') || '\"]'))"
	if d == sqldb.Postgres {
		columns, order, among = columns+", xid", "xid, seq", "= ANY (string_to_array($1, ','))"
	}
	return "INSERT INTO " + table + " (group_id, " + columns + ") SELECT " + itoa(group) + ", " + columns +
		" FROM " + table + " WHERE group_id = 0 AND event_type " + among + " ORDER BY " + order + " ON CONFLICT (group_id, tenant, source, id) DO NOTHING"
}
