package datasqltest

import (
	"context"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/crud"
)

// RunCrud checks package crud. open returns an empty database and registers its
// own cleanup on t.
func RunCrud(t *testing.T, open func(t *testing.T) sqldb.DB) {
	db, ctx := open(t), t.Context()
	if _, err := db.Exec(ctx, "CREATE TABLE person (id bigint PRIMARY KEY, name text, age bigint)"); err != nil {
		t.Fatal(err)
	}
	for id, name := range []any{"Ada", nil, "Grace"} {
		res, err := crud.Insert(ctx, db, "person", map[string]any{"id": id, "name": name, "age": 40 + id}, "id")
		if err != nil || res.ID != int64(id) || res.Affected != 1 || res.Elapsed <= 0 {
			t.Fatalf("Insert: %+v, %v", res, err)
		}
	}
	if res, err := crud.Insert(ctx, db, "person", map[string]any{"id": 9}, ""); err != nil || res.ID != nil || res.Affected != 1 {
		t.Errorf("Insert without an id: %+v, %v", res, err)
	}
	if _, err := crud.Insert(ctx, db, "person", map[string]any{"id": 9}, "id"); !errors.Is(err, sqldb.ErrUnique) {
		t.Errorf("Insert of a key that is there: %v", err)
	}
	own := errors.New("own")
	err := db.InTx(ctx, func(ctx context.Context) error {
		if res, err := crud.Delete(ctx, db, "person", crud.All); err != nil || res.Affected != 4 {
			t.Errorf("Delete of all: %+v, %v", res, err)
		}
		return own
	})
	if !errors.Is(err, own) {
		t.Error(err)
	}
	if res, err := crud.Update(ctx, db, "person", map[string]any{"age": 50, "name": "Augusta"}, "name = $1 OR id = $2", "Ada", 9); err != nil || res.Affected != 2 {
		t.Errorf("Update: %+v, %v", res, err)
	}
	if res, err := crud.Delete(ctx, db, "person", "id = $1", 9); err != nil || res.Affected != 1 {
		t.Errorf("Delete: %+v, %v", res, err)
	}
	res, err := crud.Query(ctx, db, "SELECT id, name, age FROM person WHERE id >= $1 ORDER BY id", 0)
	if err != nil || res.Len() != 3 || len(res.Columns) != 3 || res.Columns[1] != "name" {
		t.Fatalf("Query: %+v, %v", res, err)
	}
	want := []map[string]any{{"id": int64(0), "name": "Augusta", "age": int64(50)}, {"id": int64(1), "name": nil, "age": int64(41)}, {"id": int64(2), "name": "Grace", "age": int64(42)}}
	for i, row := range res.All() {
		for column, v := range want[i] {
			if row[column] != v {
				t.Errorf("row %d: %s is %v, want %v", i, column, row[column], v)
			}
		}
	}
	if _, err := crud.Query(ctx, db, "SELECT nothing FROM nowhere"); !errors.Is(err, sqldb.Err) {
		t.Error(err)
	}
}
