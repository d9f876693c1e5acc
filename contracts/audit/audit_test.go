package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

func entry(id string) audit.Entry {
	return audit.Entry{ID: id, Time: time.Unix(0, 0).UTC(), Action: "a.b", Actor: "c", Outcome: audit.Success, Severity: audit.Low}
}

func TestCheckNamesEveryField(t *testing.T) {
	err := audit.CheckEntry(audit.Entry{Old: json.RawMessage("1"), Seq: -1, Expires: time.Unix(0, 1)})
	want := `audit: entry "": validation failed: id is required; action is required; actor is required; ` +
		`time is not a time in UTC of whole microseconds; expires is not a time in UTC of whole microseconds; ` +
		`outcome is not success or failure; severity is not low, medium, high or critical; payload_size and seq must not be negative; old and new must be JSON objects or nil`
	if err == nil || err.Error() != want || !errors.Is(err, audit.ErrInvalid) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if err := audit.CheckEntry(entry("a")); err != nil {
		t.Error(err)
	}
}

func TestPosition(t *testing.T) {
	now := time.Unix(9, 0)
	order := []audit.Position{{now.Add(-1), "z"}, {now, "a"}, {now, "b"}, {now.Add(1), "a"}}
	for i, p := range order {
		for j, q := range order {
			if p.Before(q) != (i < j) {
				t.Errorf("%v before %v: %v", p, q, p.Before(q))
			}
		}
	}
}

// reader yields entries and then an error, if it has one.
type reader struct {
	entries []audit.Entry
	err     error
}

func (r reader) Query(_ context.Context, q audit.Query) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		for i, e := range r.entries {
			if q.Limit > 0 && i == q.Limit || !yield(e, nil) {
				return
			}
		}
		if r.err != nil {
			yield(audit.Entry{}, r.err)
		}
	}
}

// counter says that it cannot, or counts.
type counter struct {
	reader
	n   int64
	err error
}

func (c counter) Count(context.Context, audit.Query) (int64, error) { return c.n, c.err }

func TestCount(t *testing.T) {
	two, failed := reader{entries: []audit.Entry{entry("a"), entry("b")}}, errors.New("failed")
	for name, c := range map[string]struct {
		r    audit.Reader
		want int64
		err  error
	}{
		"reader":              {two, 2, nil},
		"reader that fails":   {reader{two.entries, failed}, 0, failed},
		"counter":             {counter{two, 7, nil}, 7, nil},
		"counter that cannot": {counter{two, 0, errors.ErrUnsupported}, 2, nil},
		"counter that fails":  {counter{two, 0, failed}, 0, failed},
	} {
		if n, err := audit.Count(t.Context(), c.r, audit.Query{Limit: 1}); n != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

func ExampleReader() {
	var log audit.Reader = reader{entries: []audit.Entry{entry("b"), entry("a")}} // of a store
	for e, err := range log.Query(context.Background(), audit.Query{Actor: "user/7", Limit: 20}) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(e.ID, e.Action, e.Outcome)
	}
	// Output:
	// b a.b success
	// a a.b success
}

func TestQuery(t *testing.T) {
	e := entry("m")
	e.Tenant, e.Source = "acme", "shop"
	for name, c := range map[string]struct {
		q    audit.Query
		want bool
	}{
		"everything":     {audit.Query{}, true},
		"both hold":      {audit.Query{Tenant: "acme", Source: "shop"}, true},
		"one does not":   {audit.Query{Tenant: "acme", Source: "shops"}, false},
		"since":          {audit.Query{Since: e.Time}, true},
		"since later":    {audit.Query{Since: e.Time.Add(1)}, false},
		"until":          {audit.Query{Until: e.Time}, true},
		"until earlier":  {audit.Query{Until: e.Time.Add(-1)}, false},
		"before itself":  {audit.Query{Before: e.Position()}, false},
		"before another": {audit.Query{Before: audit.Position{Time: e.Time, ID: "n"}}, true},
		"a limit":        {audit.Query{Limit: 1}, true},
	} {
		if got := c.q.Matches(e); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if err := audit.CheckQuery(c.q); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, q := range []audit.Query{{Limit: -1}, {Outcome: "maybe"}, {Severity: "severe"}} {
		if err := audit.CheckQuery(q); !errors.Is(err, audit.ErrInvalid) {
			t.Errorf("CheckQuery(%+v) = %v", q, err)
		}
	}
}
