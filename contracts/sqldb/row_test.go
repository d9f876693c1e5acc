package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// list is a Querier whose every statement returns its names.
type list struct {
	names              []string
	queryErr, err, end error // of Query, Rows.Err and Rows.Close
	closed             *int
}

func (l list) Query(context.Context, string, ...any) (sqldb.Rows, error) {
	if l.queryErr != nil {
		return nil, l.queryErr
	}
	return &listRows{list: l}, nil
}

func (list) Exec(context.Context, string, ...any) (int64, error) { return 0, errors.ErrUnsupported }
func (list) Dialect() sqldb.Dialect                              { return sqldb.SQLite }

type listRows struct {
	list
	at int
}

func (r *listRows) Next() bool { r.at++; return r.at <= len(r.names) }
func (r *listRows) Scan(dest ...any) error {
	*dest[0].(*string) = r.names[r.at-1]
	return nil
}
func (r *listRows) Columns() []string { return []string{"name"} }
func (r *listRows) Err() error        { return r.err }
func (r *listRows) Close() error {
	if r.closed != nil {
		*r.closed++
	}
	return r.end
}

func scanName(r sqldb.Rows) (s string, err error) { err = r.Scan(&s); return s, err }

func TestQueryRow(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		q    list
		want error
	}{
		"row":                  {list{names: []string{"a", "b"}}, nil},
		"none":                 {list{}, sqldb.ErrNoRows},
		"statement fails":      {list{queryErr: boom}, boom},
		"rows fail":            {list{err: boom}, boom},
		"close fails":          {list{names: []string{"a"}, end: boom}, boom},
		"none and close fails": {list{end: boom}, boom},
	} {
		var closed int
		c.q.closed = &closed
		var got string
		err := sqldb.QueryRow(t.Context(), c.q, "SELECT").Scan(&got)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || err == nil && got != "a" {
			t.Errorf("%s: %q, %v, want %v", name, got, err, c.want)
		}
		if closed != 1 && c.q.queryErr == nil {
			t.Errorf("%s: closed %d times", name, closed)
		}
	}
}

// What a Scanner does is not known here: the rows of one that panics are closed,
// or their connection would be lost.
func TestQueryRowPanic(t *testing.T) {
	var closed int
	defer func() {
		if recover() == nil || closed != 1 {
			t.Error("a panic of a Scanner leaves the rows open")
		}
	}()
	_ = sqldb.QueryRow(t.Context(), list{names: []string{"a"}, closed: &closed}, "SELECT").Scan(new(int)) // which the rows panic at
}

func TestSelect(t *testing.T) {
	boom := errors.New("boom")
	for name, q := range map[string]list{
		"statement": {queryErr: boom},
		"rows":      {names: []string{"a"}, err: boom},
		"close":     {names: []string{"a"}, end: boom},
	} {
		var errs int
		for _, err := range sqldb.Select(t.Context(), q, scanName, "SELECT") {
			if err != nil {
				errs++
			}
		}
		if errs != 1 {
			t.Errorf("%s fails: %d errors, want one, last", name, errs)
		}
	}
	var closed int
	for range sqldb.Select(t.Context(), list{names: []string{"a", "b"}, end: boom, closed: &closed}, scanName, "SELECT") {
		break
	}
	if closed != 1 {
		t.Error("rows of a loop that was left stay open")
	}
}

func TestSelectPanic(t *testing.T) {
	var closed int
	defer func() {
		if recover() == nil || closed != 1 {
			t.Error("a panic of the body leaves the rows open")
		}
	}()
	for range sqldb.Select(t.Context(), list{names: []string{"a"}, closed: &closed}, scanName, "SELECT") {
		panic("body")
	}
}

func TestDetachTwiceHolds(t *testing.T) {
	var sc sqldb.Scope
	ctx := sqldb.Detach(sqldb.Detach(sc.With(t.Context(), "tx")))
	if sc.Tx(ctx) != nil || sc.Held(ctx) != "tx" {
		t.Errorf("Tx %v, Held %v", sc.Tx(ctx), sc.Held(ctx))
	}
}

func TestHooksOfTwoDatabases(t *testing.T) {
	var got int
	ctx, outer := sqldb.WithHooks(t.Context())
	ctx, _ = sqldb.WithHooks(ctx) // of another database, inside
	ctx, inner := outer.Savepoint(ctx)
	sqldb.OnCommit(ctx, func(context.Context) { got++ })
	inner.Released()
	outer.Committed(t.Context())
	if got != 1 {
		t.Error("a savepoint's function went to another database's transaction")
	}
}

func TestHooksPanic(t *testing.T) {
	ctx, h := sqldb.WithHooks(t.Context())
	var got []int
	for i := range 3 {
		sqldb.OnCommit(ctx, func(context.Context) {
			got = append(got, i)
			if i == 1 {
				panic("hook")
			}
		})
	}
	defer func() {
		if recover() == nil || fmt.Sprint(got) != "[0 1 2]" {
			t.Errorf("%v", got)
		}
	}()
	h.Committed(t.Context())
}

func ExampleSelect() {
	var q sqldb.Querier = list{names: []string{"Ada", "Grace"}}
	for name, err := range sqldb.Select(context.Background(), q, scanName, "SELECT name FROM users") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(name)
	}
	// Output:
	// Ada
	// Grace
}
