package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func pinRules() []Rule {
	return []Rule{
		{"pinned", "Pinned runs the statements and transactions of the ctx given to fn on one connection", pinned},
		{"pinned fails", "Pinned: outside a transaction, so a statement that was refused spoils nothing", pinnedFails},
		{"pinned busy", "Pinned: one at a time (ErrTxBusy)", pinnedBusy},
		{"pinned leaves nothing", "What they leave on it, locks and settings and temporary tables, ends with fn, however that ends", pinnedLeaves},
		{"pinned changes", "Outside Pinned a statement that changes its connection for those after it is errors.ErrUnsupported, before any effect", pinnedChanges},
		{"pinned in a transaction", "A Pinned inside runs on the same connection; one inside a transaction is ErrTxOptions", pinnedInTx},
	}
}

// pin runs fn pinned, or skips.
func (e *env) pin(ctx context.Context, fn func(ctx context.Context) error) error {
	p, ok := e.db.(sqldb.Pinner)
	if !ok {
		return errSkip
	}
	return able(p.Pinned(ctx, fn))
}

// only makes a table that the connection alone has.
func (e *env) only(ctx context.Context) error {
	_, err := e.db.Exec(ctx, "CREATE TEMPORARY TABLE lexigram_test_pinned (n bigint NOT NULL PRIMARY KEY)")
	if errors.Is(err, errors.ErrUnsupported) { // which is no answer of Pinned
		return fmt.Errorf("CREATE TEMPORARY TABLE inside Pinned: %v", err)
	}
	return err
}

const onlyName = "lexigram_test_pinned"

func pinned(ctx context.Context, e *env) error {
	return e.pin(ctx, func(pinned context.Context) error {
		if err := errors.Join(e.only(pinned), e.insert(pinned, onlyName, 1)); err != nil {
			return err
		}
		err := e.db.InTx(pinned, func(ctx context.Context) error { return e.insert(ctx, onlyName, 2) })
		if err != nil {
			return fmt.Errorf("a transaction of it: %w", err)
		}
		err = e.db.InTx(pinned, func(ctx context.Context) error { return errors.Join(e.insert(ctx, onlyName, 3), errOwn) })
		if err := wantIs("a transaction of it", err, errOwn); err != nil {
			return err
		}
		if _, err := e.all(sqldb.Detach(pinned), onlyName); err == nil {
			return errors.New("a statement whose ctx was detached ran on the pinned connection")
		}
		err = e.pin(pinned, func(ctx context.Context) error { return e.insert(ctx, onlyName, 4) })
		return errors.Join(err, e.want(pinned, onlyName, 1, 2, 4))
	})
}

func pinnedFails(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	err = e.pin(ctx, func(ctx context.Context) error {
		if err := wantIs("Exec", e.insert(ctx, name, 1), sqldb.ErrUnique); err != nil {
			return err
		}
		return e.insert(ctx, name, 2)
	})
	if err != nil {
		return err
	}
	return e.want(ctx, name, 1, 2)
}

func pinnedBusy(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1, 2)
	if err != nil {
		return err
	}
	return e.pin(ctx, func(ctx context.Context) error {
		rows, err := e.db.Query(ctx, "SELECT n FROM "+name)
		if err != nil {
			return err
		}
		_, exec := e.db.Exec(ctx, "DELETE FROM "+name)
		inTx := e.db.InTx(ctx, func(context.Context) error { return nil })
		err = errors.Join(wantIs("Exec", exec, sqldb.ErrTxBusy), wantIs("InTx", inTx, sqldb.ErrTxBusy), rows.Close())
		if err != nil {
			return err
		}
		return e.db.InTx(ctx, func(context.Context) error {
			_, err := e.db.Exec(ctx, "DELETE FROM "+name)
			return wantIs("Exec with the ctx around the transaction", err, sqldb.ErrTxBusy)
		})
	})
}

func pinnedLeaves(ctx context.Context, e *env) error {
	var kept context.Context
	for range 12 { // more often than most pools have connections
		err := e.pin(ctx, func(ctx context.Context) error {
			kept = ctx
			return errors.Join(e.only(ctx), errOwn)
		})
		if errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		if err := wantIs("Pinned", err, errOwn); err != nil {
			return err
		}
	}
	if _, err := e.db.Exec(kept, "SELECT 1"); err == nil {
		return errors.New("a statement after its Pinned returned = nil")
	}
	if _, err := e.all(ctx, onlyName); err == nil {
		return errors.New("another statement saw the temporary table")
	}
	return nil
}

func pinnedInTx(ctx context.Context, e *env) error {
	if err := e.pin(ctx, func(context.Context) error { return nil }); err != nil {
		return err
	}
	called := false
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		return e.pin(ctx, func(context.Context) error { called = true; return nil })
	})
	if err := wantIs("Pinned inside InTx", err, sqldb.ErrTxOptions); err != nil || called {
		return errors.Join(err, fmt.Errorf("fn called: %v", called))
	}
	return nil
}

// changes are statements that change their connection, by dialect, and one that
// tells how it is.
var changes = map[sqldb.Dialect][2]string{
	sqldb.Postgres: {"SET lexigram.test = 'changed'", "SELECT COALESCE(current_setting('lexigram.test', true), '')"},
	sqldb.SQLite:   {"PRAGMA cache_size = 4321", "SELECT CAST(cache_size AS text) FROM pragma_cache_size"},
}

func pinnedChanges(ctx context.Context, e *env) error {
	sql, ok := changes[e.db.Dialect()]
	if !ok {
		return errSkip
	}
	change, read := sql[0], sql[1]
	refused := func(ctx context.Context) (err error) {
		for _, change := range []string{change, "CREATE TEMPORARY TABLE lexigram_test_changes (n bigint)"} {
			_, exec := e.db.Exec(ctx, change)
			rows, query := e.db.Query(ctx, change)
			if query == nil {
				query = rows.Close()
			}
			err = errors.Join(err, wantIs("Exec of "+change, exec, errors.ErrUnsupported), wantIs("Query of "+change, query, errors.ErrUnsupported))
		}
		return err
	}
	if err := errors.Join(refused(ctx), e.db.InTx(ctx, refused)); err != nil {
		return err
	}
	state := func(ctx context.Context) (s string, err error) {
		err = sqldb.QueryRow(ctx, e.db, read).Scan(&s)
		return s, err
	}
	before, err := state(ctx)
	if err != nil {
		return err
	}
	err = e.pin(ctx, func(ctx context.Context) error {
		if _, err := e.db.Exec(ctx, change); err != nil {
			return err
		}
		return e.db.InTx(ctx, func(ctx context.Context) error {
			if after, err := state(ctx); err != nil || after == before {
				return fmt.Errorf("a statement after %s, on the pinned connection, sees %q, %w", change, after, err)
			}
			return nil
		})
	})
	for range 12 { // more often than most pools have connections
		if after, serr := state(ctx); err == nil && (serr != nil || after != before) {
			err = fmt.Errorf("%s outlived Pinned: %q, %w", change, after, serr)
		}
	}
	return err
}
