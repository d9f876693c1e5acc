package migrate

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A step is one migration in one direction.
type step struct {
	Migration
	action
	// wanted reports whether it is still to be done; the lock is held.
	wanted func(records []Record) (bool, error)
	record func(ctx context.Context, f Migration) error
}

// apply applies f, unless another process was faster.
func (m *Migrator) apply(ctx context.Context, f Migration) (applied bool, err error) {
	return m.do(ctx, step{f, f.up, func(records []Record) (bool, error) { return m.next(records, f) }, m.insert})
}

// undo undoes f, unless another process was faster.
func (m *Migrator) undo(ctx context.Context, f Migration) (undone bool, err error) {
	return m.do(ctx, step{f, f.down, func(records []Record) (bool, error) { return m.last(records, f) }, m.remove})
}

func (m *Migrator) do(ctx context.Context, c step) (done bool, err error) {
	if c.noTx {
		return m.doOutside(ctx, c)
	}
	err = m.locked(ctx, func(ctx context.Context) error {
		done = false // of an attempt before
		wanted, err := m.wanted(ctx, c)
		if err != nil || !wanted {
			return err
		}
		if err := m.settings(ctx, c, true); err != nil {
			return err
		}
		if err := m.run(ctx, c, nil); err != nil {
			return err
		}
		done = true
		return c.record(ctx, c.Migration)
	})
	return done && err == nil, err
}

// doOutside does c without a transaction.
func (m *Migrator) doOutside(ctx context.Context, c step) (done bool, err error) {
	err = m.apart(ctx, func(ctx context.Context, keep func() error) error {
		wanted, err := m.wanted(ctx, c)
		if err != nil || !wanted {
			return err
		}
		if err := m.settings(ctx, c, false); err != nil {
			return err
		}
		if err := m.run(ctx, c, keep); err != nil {
			return err
		}
		if err := c.record(ctx, c.Migration); err != nil {
			return err
		}
		done = true
		return nil
	})
	return done, err
}

func (m *Migrator) wanted(ctx context.Context, c step) (bool, error) {
	records, err := m.records(ctx)
	if err != nil {
		return false, Err.Wrap(err, "migrate: read %s", m.table)
	}
	return c.wanted(records)
}

// run runs the statements or the function. keep, if not nil, is called before each.
func (m *Migrator) run(ctx context.Context, c step, keep func() error) error {
	if c.fn != nil {
		if err := errs.Catch(func() error { return c.fn(ctx, m.db) }); err != nil {
			return Err.Wrap(err, "migrate: %s %s", c.Source, c.file)
		}
		return nil
	}
	for i, s := range c.statements {
		if keep != nil {
			if err := keep(); err != nil {
				return Err.Wrap(err, "migrate: %s %s: keep the lease", c.Source, c.file)
			}
		}
		if _, err := m.db.Exec(ctx, s.text); err != nil {
			return Err.Wrap(err, "migrate: %s %s: statement %d", c.Source, c.file, i+1)
		}
	}
	return nil
}

// settings makes what the options ask for, for the transaction or the connection.
func (m *Migrator) settings(ctx context.Context, c step, local bool) error {
	set := func(name, value string) error {
		if _, err := m.db.Exec(ctx, "SELECT set_config($1, $2, $3)", name, value, local); err != nil {
			return Err.Wrap(err, "migrate: %s %s: set %s", c.Source, c.file, name)
		}
		return nil
	}
	if m.opts.Schema != "" {
		if err := set("search_path", quote(m.opts.Schema)); err != nil {
			return err
		}
	}
	if m.opts.LockTimeout == 0 || !local || m.db.Dialect() != sqldb.Postgres {
		return nil
	}
	return set("lock_timeout", strconv.FormatInt(max(1, int64(m.opts.LockTimeout/time.Millisecond)), 10)+"ms")
}

// last reports whether f is to be undone now; the lock is held.
func (m *Migrator) last(records []Record, f Migration) (bool, error) {
	var newest Record
	there := false
	for _, r := range records { // by version
		if r.Source == f.Source {
			newest, there = r, there || r.Version == f.Version
		}
	}
	switch {
	case !there:
		return false, nil
	case newest.Version != f.Version:
		return false, ErrOrder.Wrap(fmt.Errorf("%s was applied meanwhile: begin anew", newest.Name), "migrate: %s %s: down", f.Source, f.Name)
	case newest.Checksum != f.Checksum:
		return false, ErrChanged.Wrap(errors.New("it was applied meanwhile: restore it"), "migrate: %s %s: down", f.Source, f.Name)
	}
	return true, nil
}
