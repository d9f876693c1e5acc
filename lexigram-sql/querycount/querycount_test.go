package querycount_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/querycount"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake affects nothing.
type fake struct{ sqldb.DB }

func (fake) Dialect() sqldb.Dialect { return sqldb.SQLite }

func (fake) Exec(context.Context, string, ...any) (int64, error) { return 0, nil }

// recorder is a test that fails without failing this one.
type recorder struct {
	testing.TB
	errors  []string
	cleanup func()
}

func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }

func (r *recorder) Cleanup(fn func()) { r.cleanup = fn }

func touch(t *testing.T, db sqldb.DB, id int) {
	if _, err := db.Exec(t.Context(), fmt.Sprintf("UPDATE t SET seen = 1 WHERE id = %d", id)); err != nil {
		t.Fatal(err)
	}
}

func TestWatch(t *testing.T) {
	r := &recorder{TB: t}
	db := querycount.Watch(r, fake{}, 5)
	for id := range 6 {
		touch(t, db, id)
	}
	for range 5 {
		if _, err := db.Exec(t.Context(), "DELETE FROM t"); err != nil { // as often as it may
			t.Fatal(err)
		}
	}
	r.cleanup()
	if len(r.errors) != 1 {
		t.Fatalf("%d failures, want 1: %q", len(r.errors), r.errors)
	}
	for _, want := range []string{"querycount_test.touch", "querycount_test.go:", "6 times", "update t set seen = ? where id = ?"} {
		if !strings.Contains(r.errors[0], want) {
			t.Errorf("%q lacks %q", r.errors[0], want)
		}
	}
}

func TestCounter(t *testing.T) {
	var c querycount.Counter
	log := func(sql string, n int) {
		for range n {
			c.LogQuery(t.Context(), sqldb.QueryLogEntry{SQL: sql})
		}
	}
	log("SELECT 1", 2)
	log("SELECT a", 3)
	got := c.Repeats(1)
	if len(got) != 2 || got[0].Times != 3 || got[0].Statement != "select a" || got[0].Site == "" || got[1].Times != 2 {
		t.Errorf("%+v", got)
	}
	if len(c.Repeats(3)) != 0 {
		t.Error("what was run as often as the limit is a repeat")
	}
	if c.Reset(); len(c.Repeats(0)) != 0 {
		t.Error("Reset forgets nothing")
	}
}

func ExampleCounter() {
	var c querycount.Counter
	for id := range 3 {
		c.LogQuery(context.Background(), sqldb.QueryLogEntry{SQL: fmt.Sprint("SELECT name FROM users WHERE id = ", id)})
	}
	for _, r := range c.Repeats(2) {
		fmt.Println(r)
	}
	// Output: an unknown place ran 3 times: select name from users where id = ?: ask for all of it at once
}
