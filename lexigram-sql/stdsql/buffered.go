package stdsql

import (
	"slices"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// buffered are rows that were read to the end: those of a statement that
// writes to SQLite, so that nobody keeps other writers waiting while going
// through them.
type buffered struct {
	from   *rows
	all    [][]any
	ready  bool
	closed bool
	err    error // of Scan, which ends the rows
}

var _ sqldb.Rows = (*buffered)(nil)

// drain reads r to the end and closes it.
func drain(r *rows) (*buffered, error) {
	b := &buffered{from: r}
	for r.Next() {
		if err := r.fetch(); err != nil {
			_ = r.Close() // the first error is the one to tell
			return nil, err
		}
		b.all = append(b.all, slices.Clone(r.values))
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *buffered) Columns() []string { return b.from.columns }

func (b *buffered) Next() bool {
	b.ready = !b.closed && len(b.all) > 0
	if b.ready {
		b.from.values, b.all = b.all[0], b.all[1:]
	}
	return b.ready
}

func (b *buffered) Scan(dest ...any) error {
	if !b.ready {
		return sqldb.Err.Wrap(sqldriver.ErrNoRow, "stdsql: scan")
	}
	err := sqldriver.ScanRow(b.from.columns, b.from.row(dest), dest)
	if err != nil {
		b.err = err
		_ = b.Close() // returns nil
	}
	return err
}

func (b *buffered) Err() error { return b.err }

func (b *buffered) Close() error {
	b.closed, b.ready = true, false
	return nil
}
