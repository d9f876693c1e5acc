// Package querylogtest checks that a [sqldb.QueryLogger] that is a
// [sqldb.QueryInspector] keeps its contract.
//
// A logger's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		querylogtest.Run(t, func(t *testing.T) querylogtest.Log { return open(t) })
//	}
package querylogtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Log is what is checked.
type Log interface {
	sqldb.QueryLogger
	sqldb.QueryInspector
}

// Run checks every rule, each on a log of its own. newLog returns an empty one
// that keeps at least 100 entries, all that it is told of, and has a bound of a
// second for what is slow; it registers its own cleanup on t.
func Run(t *testing.T, newLog func(t *testing.T) Log) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newLog(t)); err != nil {
				t.Errorf("%v\nsqldb: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name, says string
	check      func(ctx context.Context, l Log) error
}

var rules = []rule{
	{"recent", "Recent returns the newest n, oldest first", recent},
	{"slow", "Slow returns at most n that took longer than bound, slowest first", slow},
	{"stats", "Stats counts those that ended in the last window", stats},
	{"no stats", "Mean: 0 if there was none; SuccessRate: 1 if there was none", noStats},
	{"ended", "That ctx has ended does not matter to it", ended},
	{"arguments", "LogQuery does not keep or change e.Args: what it keeps of them it copies", arguments},
	{"owner", "The caller owns what it returns", owner},
	{"concurrency", "It is safe for concurrent use", concurrency},
}

// entry is the nth of some, which took n milliseconds and has n rows.
func entry(n int) sqldb.QueryLogEntry {
	took := time.Duration(n) * time.Millisecond
	return sqldb.QueryLogEntry{SQL: "SELECT n FROM t", Dialect: sqldb.SQLite, At: time.Now().Add(-took), Took: took, Rows: int64(n)}
}

func fill(ctx context.Context, l Log, ns ...int) {
	for _, n := range ns {
		l.LogQuery(ctx, entry(n))
	}
}

// want returns an error unless got are the entries of ns.
func want(what string, got []sqldb.QueryLogEntry, ns ...int64) error {
	var rows []int64
	for _, e := range got {
		rows = append(rows, e.Rows)
	}
	if !slices.Equal(rows, ns) {
		return fmt.Errorf("%s = entries %v, want %v", what, rows, ns)
	}
	return nil
}

func recent(ctx context.Context, l Log) error {
	fill(ctx, l, 3, 1, 2)
	return errors.Join(
		want("Recent(2)", l.Recent(2), 1, 2), want("Recent(9)", l.Recent(9), 3, 1, 2), want("Recent(0)", l.Recent(0)))
}

func slow(ctx context.Context, l Log) error {
	fill(ctx, l, 3, 1, 4, 2)
	return errors.Join(
		want("Slow(1ms, 2)", l.Slow(time.Millisecond, 2), 4, 3),
		want("Slow(2ms, 9), which is longer than", l.Slow(2*time.Millisecond, 9), 4, 3),
		want("Slow(0, 0)", l.Slow(0, 0)))
}

func stats(ctx context.Context, l Log) error {
	failed := entry(2)
	failed.Err = sqldb.ErrUnique
	old := entry(3)
	old.At = old.At.Add(-20 * time.Minute)
	for _, e := range []sqldb.QueryLogEntry{entry(1), failed, entry(3000), old} {
		l.LogQuery(ctx, e)
	}
	s := l.Stats(10 * time.Minute)
	if s.Total != 3 || s.Fails != 1 || s.Slow != 1 || s.Took != 3003*time.Millisecond {
		return fmt.Errorf("stats %+v, want 3, 1 failed, 1 slow, 3.003s", s)
	}
	if since := time.Since(s.Since); since < 10*time.Minute || since > 20*time.Minute {
		return fmt.Errorf("stats of 10 minutes are since %v ago", since)
	}
	if s.Mean() != 1001*time.Millisecond || s.SuccessRate() != 2./3 {
		return fmt.Errorf("mean %v, success %v", s.Mean(), s.SuccessRate())
	}
	return nil
}

func noStats(_ context.Context, l Log) error {
	s := l.Stats(time.Minute)
	if s.Total != 0 || s.Mean() != 0 || s.SuccessRate() != 1 || s.Since.IsZero() {
		return fmt.Errorf("of none: %+v, mean %v, success %v", s, s.Mean(), s.SuccessRate())
	}
	return nil
}

func ended(ctx context.Context, l Log) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	fill(ctx, l, 1)
	return want("Recent(1)", l.Recent(1), 1)
}

func arguments(ctx context.Context, l Log) error {
	secret := []byte("abc")
	e := entry(2000)
	e.Args = []any{secret, int64(7)}
	l.LogQuery(ctx, e)
	if string(secret) != "abc" || e.Args[1] != int64(7) {
		return fmt.Errorf("the arguments are %v afterwards", e.Args)
	}
	secret[0], e.Args[1] = 'x', int64(8)
	for _, got := range l.Recent(1) {
		if s := fmt.Sprintf("%s", got.Args); strings.Contains(s, "xbc") || strings.Contains(s, "8") {
			return fmt.Errorf("the entry has arguments that were changed after LogQuery: %s", s)
		}
	}
	return nil
}

func owner(ctx context.Context, l Log) error {
	fill(ctx, l, 1, 2)
	l.Recent(2)[0].Rows = 9
	l.Slow(0, 2)[0].Rows = 9
	return errors.Join(want("Recent(2)", l.Recent(2), 1, 2), want("Slow(0, 2)", l.Slow(0, 2), 2, 1))
}

func concurrency(ctx context.Context, l Log) error {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 20 {
				fill(ctx, l, n)
				l.Recent(3)
				l.Slow(0, 3)
				l.Stats(time.Hour)
			}
		})
	}
	wg.Wait()
	if n := len(l.Recent(100)); n != 80 || l.Stats(time.Minute).Total != 80 {
		return fmt.Errorf("%d entries and %+v of 80", n, l.Stats(time.Minute))
	}
	return nil
}
