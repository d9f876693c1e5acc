package datasqltest

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
)

// A row costs what the database's own Scan costs, and a statement little more.
// The promised numbers on PostgreSQL are in tools/bench.
func TestAllocations(t *testing.T) {
	ctx, db := context.WithoutCancel(t.Context()), open(t)
	name := table(t, db, "id bigint PRIMARY KEY, name text NOT NULL, age bigint NOT NULL")
	for i := range 100 {
		if _, err := db.Exec(ctx, "INSERT INTO "+name+" VALUES ($1, 'a name', 1000000)", i+1); err != nil {
			t.Fatal(err)
		}
	}
	type row struct {
		ID   int64
		Name string
		Age  int64
	}
	query := "SELECT id, name, age FROM " + name + " WHERE id <= $1 ORDER BY id"
	for _, n := range []int{1, 100} {
		var all []row
		var r row
		dest := []any{&r.ID, &r.Name, &r.Age}
		byHand := testing.AllocsPerRun(100, func() {
			all = nil
			for r, err := range sqldb.Select(ctx, db, func(rows sqldb.Rows) (row, error) { err := rows.Scan(dest...); return r, err }, query, n) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, r)
			}
		})
		ours := testing.AllocsPerRun(100, func() {
			got, err := rowscan.Collect[row](ctx, db, query, n)
			if err != nil || len(got) != len(all) || got[n-1] != all[n-1] {
				t.Fatal(len(got), err)
			}
		})
		t.Logf("%d rows: %v allocations, by hand %v", n, ours, byHand)
		if ours > byHand+4 {
			t.Errorf("%d rows: %v allocations, by hand %v", n, ours, byHand)
		}
	}
}
