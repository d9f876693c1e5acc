package sqlite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
)

// TestBroken shows that each rule of the suite catches a database that breaks
// it. A rule that SQLite says it cannot keep is shown by the Postgres module.
func TestBroken(t *testing.T) {
	breakers := map[string]func(*broken){}
	for _, some := range []map[string]func(*broken){breakStatements(), breakTypes(), breakErrors(), breakTx(), breakHooks(), breakAbilities()} {
		for name, f := range some {
			breakers[name] = f
		}
	}
	tick := sqldbtest.Tick(20 * time.Millisecond)
	for _, r := range sqldbtest.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			breaker, ok := breakers[r.Name]
			if !ok {
				if err := r.Check(t.Context(), db, tick); errors.Is(err, errors.ErrUnsupported) {
					t.Skip(err)
				}
				t.Fatal("no database breaks the rule, so nothing shows that its check works")
			}
			b := &broken{DB: db}
			breaker(b)
			if err := r.Check(t.Context(), b, tick); err == nil || errors.Is(err, errors.ErrUnsupported) && r.Name != "options unknown" {
				t.Errorf("the database that breaks it passed: %v", err)
			}
		})
	}
	for name := range breakers {
		if !isRule(name) {
			t.Errorf("%q is broken, and no rule", name)
		}
	}
}

func isRule(name string) bool {
	for _, r := range sqldbtest.Rules() {
		if r.Name == name {
			return true
		}
	}
	return false
}

// hide turns errors that are target into others.
func hide(target error) func(error) error {
	return func(err error) error {
		if errors.Is(err, target) {
			return sqldb.Err.Wrap(errors.New(err.Error()), "hidden")
		}
		return err
	}
}

// forget turns every error into one that nobody knows.
func forget(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(err.Error())
}

var errBreak = errors.New("the breaker's own error")

func plain(ctx context.Context, fn txFunc, _ []sqldb.TxOption) error { return fn(ctx) }
