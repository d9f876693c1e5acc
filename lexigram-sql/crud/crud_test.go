package crud_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/crud"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder shows what would be run.
type recorder struct{ sql string }

func (*recorder) Dialect() sqldb.Dialect { return sqldb.SQLite }

func (*recorder) Query(context.Context, string, ...any) (sqldb.Rows, error) {
	return nil, sqldb.ErrUnavailable
}

func (r *recorder) Exec(_ context.Context, sql string, args ...any) (int64, error) {
	r.sql = fmt.Sprint(sql, " ", args)
	return 1, nil
}

// Nothing that is not a name, and no change without a condition, is run.
func TestRefuses(t *testing.T) {
	ctx, values := t.Context(), map[string]any{"a": 1}
	for what, call := range map[string]func(q sqldb.Querier) error{
		"table": func(q sqldb.Querier) error { _, err := crud.Insert(ctx, q, "t; DROP TABLE t", values, ""); return err },
		"column": func(q sqldb.Querier) error {
			_, err := crud.Insert(ctx, q, "t", map[string]any{`a"`: 1}, "")
			return err
		},
		"id":        func(q sqldb.Querier) error { _, err := crud.Insert(ctx, q, "t", values, "id, 1"); return err },
		"digit":     func(q sqldb.Querier) error { _, err := crud.Delete(ctx, q, "1t", crud.All); return err },
		"two dots":  func(q sqldb.Querier) error { _, err := crud.Delete(ctx, q, "a.b.c", crud.All); return err },
		"no values": func(q sqldb.Querier) error { _, err := crud.Update(ctx, q, "t", nil, crud.All); return err },
		"update":    func(q sqldb.Querier) error { _, err := crud.Update(ctx, q, "t", values, " "); return err },
		"delete":    func(q sqldb.Querier) error { _, err := crud.Delete(ctx, q, "t", ""); return err },
	} {
		r := &recorder{}
		if err := call(r); !errors.Is(err, sqldb.ErrArgument) || r.sql != "" {
			t.Errorf("%s: %v, and %q was run", what, err, r.sql)
		}
	}
}

// cut are rows that end with an error.
type cut struct {
	recorder
	sqldb.Rows
}

func (c *cut) Query(context.Context, string, ...any) (sqldb.Rows, error) { return c, nil }
func (*cut) Columns() []string                                           { return []string{"a"} }
func (*cut) Next() bool                                                  { return false }
func (*cut) Err() error                                                  { return sqldb.ErrUnavailable }

func (*cut) Close() error { return sqldb.ErrUnavailable }

func TestQueryTellsAnErrorOnce(t *testing.T) {
	if _, err := crud.Query(t.Context(), &cut{}, "SELECT 1"); err == nil || err.Error() != sqldb.ErrUnavailable.Error() {
		t.Errorf("%v", err)
	}
}

func ExampleUpdate() {
	db := &recorder{} // any sqldb.DB
	res, err := crud.Update(context.Background(), db, "users", map[string]any{"name": "Ada", "age": 36}, "id = $1", 7)
	fmt.Println(db.sql)
	fmt.Println(res.Affected, err)
	// Output:
	// UPDATE "users" SET "age" = $2,"name" = $3 WHERE id = $1 [7 36 Ada]
	// 1 <nil>
}
