// Package sqldbtest checks that a [sqldb.DB] keeps its contract.
//
// A backend's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		sqldbtest.Run(t, func(t *testing.T) sqldb.DB { return open(t) })
//	}
package sqldbtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Run checks every rule of [sqldb.DB]. newDB returns a database in which the
// rules may make tables, and registers its own cleanup on t; it may be the same
// one each time: tables have names drawn at random, and are dropped. A rule
// about what the database says that it cannot do is skipped.
func Run(t *testing.T, newDB func(t *testing.T) sqldb.DB, opts ...Option) {
	t.Helper()
	for _, r := range Rules() {
		t.Run(r.Name, func(t *testing.T) {
			err := r.Check(t.Context(), newDB(t), opts...)
			if errors.Is(err, errSkip) {
				t.Skip(err)
			}
			if err != nil {
				t.Errorf("%v\nsqldb: %s", err, r.Says)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

// Tick sets how long a rule lets a statement run before it cancels it, 50 ms by
// default. A rule that waits for what must not happen waits a hundred of them.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A Rule is one promise of the contract and the check that tries to break it.
// It is exported for the tests of the suite, which are in the SQLite module: a
// database that breaks one rule is a decorator of one that keeps them all.
type Rule struct {
	Name string // of the subtest
	Says string // the promise, as package sqldb words it

	check func(ctx context.Context, e *env) error
}

// Check returns how db breaks the rule, or nil, or an error wrapping
// errors.ErrUnsupported if db says that it cannot do what the rule is about.
func (r Rule) Check(ctx context.Context, db sqldb.DB, opts ...Option) error {
	o := options{tick: 50 * time.Millisecond}
	for _, opt := range opts {
		opt(&o)
	}
	ctx, cancel := context.WithTimeout(ctx, 600*o.tick)
	defer cancel()
	e := &env{db: db, tick: o.tick}
	return errors.Join(r.check(ctx, e), e.drop(ctx))
}

// errSkip reports that the database cannot do what a rule is about.
var errSkip = sqldb.Err.Wrap(errors.ErrUnsupported, "not checked")

// able makes the answer of a database without an ability a skip.
func able(err error) error {
	if errors.Is(err, errors.ErrUnsupported) {
		return errSkip
	}
	return err
}

// Rules returns every rule, in the order of Run.
func Rules() []Rule {
	var all []Rule
	for _, some := range [][]Rule{
		statementRules(), typeRules(), timeRules(), errorRules(), cancelRules(),
		txRules(), nestedRules(), refusalRules(), repeatRules(), hookRules(), detachRules(), optionRules(), concurrencyRules(),
		propagationRules(), pinRules(), settingRules(), listenRules(), bulkRules(), openRules(), poolRules(),
	} {
		all = append(all, some...)
	}
	return all
}
