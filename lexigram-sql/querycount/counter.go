package querycount

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

// A Repeat is a statement and the place that ran it.
type Repeat struct {
	Times     int
	Statement string // its [sqlwatch.Fingerprint]
	Site      string // see [sqlwatch.Site]
}

// A Counter counts statements by what they are and where they are run. The zero
// value is empty; it is safe for concurrent use. It is the Logger of a [sqlwatch.DB]
// whose option Callers is on.
type Counter struct {
	mu    sync.Mutex
	times map[key]int
}

type key struct {
	statement string
	pc        uintptr
}

var _ sqldb.QueryLogger = (*Counter)(nil)

// LogQuery implements [sqldb.QueryLogger].
func (c *Counter) LogQuery(_ context.Context, e sqldb.QueryLogEntry) {
	k := key{sqlwatch.Fingerprint(e.SQL, e.Dialect), e.PC}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = map[key]int{}
	}
	c.times[k]++
}

// Repeats returns what was run more than limit times, the most frequent first.
func (c *Counter) Repeats(limit int) []Repeat {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Repeat
	for k, n := range c.times {
		if n > limit {
			all = append(all, Repeat{n, k.statement, cmp.Or(sqlwatch.Site(k.pc), "an unknown place")})
		}
	}
	slices.SortFunc(all, func(a, b Repeat) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(a.Statement, b.Statement), cmp.Compare(a.Site, b.Site))
	})
	return all
}

// Reset forgets what was counted, such as what the test itself set up.
func (c *Counter) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.times)
}

// Watch returns a view of db whose statements are counted. When t ends, it fails
// for each line of the program that ran one statement more than limit times, and
// names it. Packages of lexigram-sql and contracts/sqldb are not where a
// statement is run: who calls them is.
func Watch(t testing.TB, db sqldb.DB, limit int) *sqlwatch.DB {
	t.Helper()
	var c Counter
	watched, err := sqlwatch.New(db, sqlwatch.Options{Logger: &c, Callers: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		t.Helper()
		for _, r := range c.Repeats(limit) {
			t.Error(r)
		}
	})
	return watched
}

// String returns one line.
func (r Repeat) String() string {
	return fmt.Sprintf("%s ran %d times: %s: ask for all of it at once", r.Site, r.Times, r.Statement)
}
