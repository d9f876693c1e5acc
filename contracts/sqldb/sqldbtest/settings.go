package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func settingRules() []Rule {
	return []Rule{
		{"settings", "WithSettings returns a view of the database each statement of which has the settings", settings},
		{"settings are local", "no other statement sees them, one of the same transaction neither", settingsLocal},
		{"settings are given back", "no other statement sees them: it sees what its transaction has set", settingsGivenBack},
		{"settings and errors", "a setting that the database refuses fails the statement", settingsErrors},
	}
}

// set returns a view with the setting, or skips.
func (e *env) set(value string) (sqldb.Querier, error) {
	s, ok := e.db.(sqldb.Settings)
	if !ok {
		return nil, errSkip
	}
	q, err := s.WithSettings(sqldb.Setting{Name: "lexigram.test", Value: value}, sqldb.Setting{Name: "lexigram.other", Value: "x"})
	return q, able(err)
}

// setting returns the value that a statement of q sees. Only a database that
// has settings is asked, so the words are PostgreSQL's.
func setting(ctx context.Context, q sqldb.Querier) (value string, err error) {
	err = sqldb.QueryRow(ctx, q, "SELECT COALESCE(current_setting('lexigram.test', true), '')").Scan(&value)
	return value, err
}

// wantSetting returns an error unless a statement of q sees value.
func wantSetting(ctx context.Context, what string, q sqldb.Querier, value string) error {
	got, err := setting(ctx, q)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if got != value {
		return fmt.Errorf("%s sees the setting %q, want %q", what, got, value)
	}
	return nil
}

func settings(ctx context.Context, e *env) error {
	view, err := e.set("it's $1")
	if err != nil {
		return err
	}
	name, err := e.table(ctx, "t text NOT NULL")
	if err != nil {
		return err
	}
	check := func(ctx context.Context) error {
		n, err := view.Exec(ctx, "INSERT INTO "+name+" (t) SELECT current_setting('lexigram.test') || CAST($1 AS text)", "!")
		if err != nil || n != 1 {
			return fmt.Errorf("Exec = %d, %w", n, err)
		}
		var t string
		err = sqldb.QueryRow(ctx, view, "INSERT INTO "+name+" (t) VALUES ($1) RETURNING t || current_setting('lexigram.test')", "?").Scan(&t)
		if err != nil || t != "?it's $1" {
			return fmt.Errorf("INSERT … RETURNING = %q, %w", t, err)
		}
		return wantSetting(ctx, "a statement of the view", view, "it's $1")
	}
	if err := check(ctx); err != nil {
		return err
	}
	if err := e.db.InTx(ctx, check); err != nil {
		return fmt.Errorf("in a transaction: %w", err)
	}
	var n int64
	err = sqldb.QueryRow(ctx, e.db, "SELECT count(*) FROM "+name+" WHERE t = $1", "it's $1!").Scan(&n)
	if err == nil && n != 2 {
		err = fmt.Errorf("%d rows were written with the setting, want 2", n)
	}
	return err
}

func settingsLocal(ctx context.Context, e *env) error {
	view, err := e.set("one")
	if err != nil {
		return err
	}
	two, err := e.set("two")
	if err != nil {
		return err
	}
	for range 12 { // more often than most pools have connections
		err := errors.Join(wantSetting(ctx, "a statement of the view", view, "one"), wantSetting(ctx, "another statement", e.db, ""))
		if err != nil {
			return err
		}
	}
	return e.db.InTx(ctx, func(ctx context.Context) error {
		for range 2 {
			err := errors.Join(
				wantSetting(ctx, "a statement of one view", view, "one"), wantSetting(ctx, "one of no view", e.db, ""),
				wantSetting(ctx, "a statement of the other view", two, "two"), wantSetting(ctx, "one of no view", e.db, ""),
			)
			if err != nil {
				return fmt.Errorf("in a transaction: %w", err)
			}
		}
		return nil
	})
}

func settingsGivenBack(ctx context.Context, e *env) error {
	view, err := e.set("one")
	if err != nil {
		return err
	}
	for _, own := range []string{"own", "=", ""} {
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			if _, err := e.db.Exec(ctx, "SELECT set_config('lexigram.test', $1, true)", own); err != nil {
				return err
			}
			for range 2 {
				err := errors.Join(wantSetting(ctx, "a statement of the view", view, "one"), wantSetting(ctx, "one of no view", e.db, own))
				if err != nil {
					return fmt.Errorf("in a transaction that has set %q: %w", own, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return wantSetting(ctx, "a statement after the transactions", e.db, "")
}

func settingsErrors(ctx context.Context, e *env) error {
	good, err := e.set("x")
	if err != nil {
		return err
	}
	bad, err := e.db.(sqldb.Settings).WithSettings(sqldb.Setting{Name: "no such setting", Value: "x"})
	if err == nil {
		_, err = bad.Exec(ctx, "SELECT 1")
	}
	if err := wantIs("Exec with a setting that does not exist", err, sqldb.Err); err != nil {
		return err
	}
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	_, err = good.Exec(ctx, "INSERT INTO "+name+" (n) VALUES ($1)", 1)
	return wantIs("Exec of a key that exists, with a setting", err, sqldb.ErrUnique)
}
