package migrate

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Whoever changes the schema keeps others out. A file in a transaction holds an
// advisory lock of the transaction on Postgres, which is good behind every pool,
// and the whole file on SQLite. One outside holds the same lock for the session,
// or, where a connection cannot be held (behind a pooler in transaction mode), a
// lease in a table beside the records, which the others look for under the lock.
//
// Nobody waits inside a statement: CREATE INDEX CONCURRENTLY waits for every
// statement that runs: who holds the lock would wait for who waits for it.

// errHeld reports that another process has the lock.
var errHeld = errors.New("another process is migrating")

// locked calls fn in a transaction that holds the lock; the table is there. It
// waits for the lock until ctx ends.
func (m *Migrator) locked(ctx context.Context, fn func(ctx context.Context) error) error {
	return m.wait(ctx, func() error {
		begun := false
		err := m.db.InTx(ctx, func(ctx context.Context) error {
			begun = true
			if err := m.enter(ctx); err != nil {
				return err
			}
			return fn(ctx)
		}, sqldb.WithIsolation(sqldb.ReadCommitted)) // a snapshot taken with the first statement would be older than the lock
		if errors.Is(err, sqldb.ErrSerialization) && !begun { // SQLite: others write
			return errHeld
		}
		return err
	})
}

// enter takes the lock for the transaction of ctx, or fails with errHeld.
func (m *Migrator) enter(ctx context.Context) error {
	if m.db.Dialect() == sqldb.Postgres {
		if err := m.try(ctx, "SELECT pg_try_advisory_xact_lock($1)"); err != nil {
			return err
		}
	}
	leased, err := m.leased(ctx)
	if err != nil {
		return err
	}
	if leased {
		return errHeld
	}
	if err := m.create(ctx); err != nil {
		return Err.Wrap(err, "migrate: create %s", m.table)
	}
	return nil
}

// try takes an advisory lock, or fails with errHeld.
func (m *Migrator) try(ctx context.Context, query string) error {
	var got bool
	if err := sqldb.QueryRow(ctx, m.db, query, m.key).Scan(&got); err != nil {
		return Err.Wrap(err, "migrate: lock")
	}
	if !got {
		return errHeld
	}
	return nil
}

// wait calls try until it fails otherwise than with errHeld.
func (m *Migrator) wait(ctx context.Context, try func() error) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := try()
		if !errors.Is(err, errHeld) {
			return err
		}
		t := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return Err.Wrap(errors.Join(errHeld, context.Cause(ctx)), "migrate: wait for the lock")
		}
	}
}

// apart calls fn outside a transaction while it keeps other processes out; the
// table is there. fn calls keep before each statement.
func (m *Migrator) apart(ctx context.Context, fn func(ctx context.Context, keep func() error) error) error {
	if err := m.locked(ctx, func(context.Context) error { return nil }); err != nil { // makes the table
		return err
	}
	pinner, pins := m.db.(sqldb.Pinner)
	switch {
	case !pins:
	case m.db.Dialect() == sqldb.SQLite:
		return m.pinnedLease(ctx, pinner, fn)
	default:
		if err := m.pinnedLock(ctx, pinner, fn); !errors.Is(err, errNoPin) {
			return err
		}
	}
	if m.opts.Schema != "" {
		return Err.Wrap(errors.ErrUnsupported, "migrate: Options.Schema: a file outside a transaction needs a connection of its own, which the database does not lend")
	}
	return lock.With(ctx, leases{m}, m.table, leaseTime, func(ctx context.Context, _ uint64) error {
		return fn(ctx, func() error { return nil })
	})
}

// errNoPin reports that the database lends no connection.
var errNoPin = errors.New("no connection is lent")

// pinnedLock calls fn on a connection of its own that holds the lock.
func (m *Migrator) pinnedLock(ctx context.Context, p sqldb.Pinner, fn func(context.Context, func() error) error) error {
	begun := false
	err := m.wait(ctx, func() error {
		return p.Pinned(ctx, func(ctx context.Context) error {
			begun = true
			if err := m.try(ctx, "SELECT pg_try_advisory_lock($1)"); err != nil {
				return err
			}
			leased, err := m.leased(ctx)
			switch {
			case err != nil:
			case leased:
				err = errHeld
			default:
				err = fn(ctx, func() error { return nil })
			}
			// The end of Pinned would do so; this is for whoever waits. If the
			// connection is broken, the lock has gone with it.
			_, unlock := m.db.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", m.key)
			if err == nil && unlock != nil {
				err = Err.Wrap(unlock, "migrate: unlock")
			}
			return err
		})
	})
	if !begun && errors.Is(err, errors.ErrUnsupported) {
		return errNoPin
	}
	return err
}

// pinnedLease calls fn on a connection of its own, the only one that writes: the
// lease is kept between the statements.
func (m *Migrator) pinnedLease(ctx context.Context, p sqldb.Pinner, fn func(context.Context, func() error) error) (err error) {
	l, err := lock.Acquire(ctx, leases{m}, m.table, longLease)
	if err != nil {
		return err
	}
	defer func() {
		if failed := l.Release(ctx); failed != nil {
			err = Err.Wrap(errors.Join(err, failed), "migrate: release the lease")
		}
	}()
	return p.Pinned(l.Context(), func(ctx context.Context) error {
		return fn(ctx, func() error { return l.Extend(ctx, longLease) })
	})
}
