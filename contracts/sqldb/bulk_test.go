package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// plain is a DB without abilities that shows the arguments of its statements.
type plain struct {
	list
	args []any
}

func (p *plain) Exec(_ context.Context, _ string, args ...any) (int64, error) {
	p.args = append(p.args, args...)
	return int64(len(args)), nil
}

func (p *plain) InTx(ctx context.Context, fn func(context.Context) error, _ ...sqldb.TxOption) error {
	return fn(ctx)
}

type text []byte

func TestUpsertKeepsNoRow(t *testing.T) {
	type number int
	bytes, some, n := []byte("  "), text("  "), number(0)
	rows := func(yield func([]any, error) bool) {
		for i := range 3 {
			bytes[0], some[0], n = byte('a'+i), byte('x'+i), number(i)
			if !yield([]any{bytes, some, &n, []byte(nil), struct{}{}}, nil) {
				return
			}
		}
	}
	db := &plain{}
	if _, err := sqldb.Upsert(t.Context(), db, "t", []string{"a", "b", "c", "d", "e"}, nil, rows); err != nil {
		t.Fatal(err)
	}
	want := "[[97 32] [120 32] 0 [] {} [98 32] [121 32] 1 [] {} [99 32] [122 32] 2 [] {}]"
	if got := fmt.Sprint(db.args); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if b, ok := db.args[3].([]byte); !ok || b != nil {
		t.Errorf("a nil []byte became %#v", db.args[3])
	}
}

// A writer is a BulkWriter that reads the rows, or refuses before.
type writer struct {
	plain
	refuses bool
}

func (w *writer) Upsert(_ context.Context, _ string, _, _ []string, rows iter.Seq2[[]any, error]) (n int64, err error) {
	if w.refuses {
		return 0, errors.ErrUnsupported
	}
	for _, err := range rows {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

func (w *writer) UpsertReturning(ctx context.Context, _ func(sqldb.Rows) error, _ []string, table string, columns, key []string, rows iter.Seq2[[]any, error]) error {
	_, err := w.Upsert(ctx, table, columns, key, rows)
	return err
}

// An error of rows is not taken for a writer that cannot, which would range over them again.
func TestUpsertRangesOnce(t *testing.T) {
	ranged := 0
	rows := func(yield func([]any, error) bool) {
		ranged++
		yield(nil, errors.ErrUnsupported)
	}
	if _, err := sqldb.Upsert(t.Context(), &writer{}, "t", []string{"a"}, nil, rows); !errors.Is(err, errors.ErrUnsupported) || ranged != 1 {
		t.Errorf("%v, ranged over %d times", err, ranged)
	}
	none := func(sqldb.Rows) (int, error) { return 0, nil }
	if _, err := sqldb.UpsertReturning(t.Context(), &writer{}, none, []string{"a"}, "t", []string{"a"}, nil, rows); !errors.Is(err, errors.ErrUnsupported) || ranged != 2 {
		t.Errorf("%v, ranged over %d times", err, ranged)
	}
	one := func(yield func([]any, error) bool) { yield([]any{1}, nil) }
	w := &writer{refuses: true}
	if _, err := sqldb.Upsert(t.Context(), w, "t", []string{"a"}, nil, one); err != nil || len(w.args) != 1 {
		t.Errorf("without a writer: %v, %v", err, w.args)
	}
}
