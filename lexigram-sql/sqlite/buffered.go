package sqlite

import (
	"database/sql/driver"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// buffered are rows that were read to the end: those of a statement that
// writes, so that nobody keeps the writer waiting while going through them.
type buffered struct {
	columns []string
	all     [][]driver.Value
	at      int // of the next row
	closed  bool
	scanErr error // of Scan, which ends the rows
}

var _ sqldb.Rows = (*buffered)(nil)

// drain reads r to the end and closes it.
func drain(r *rows) (*buffered, error) {
	b := &buffered{columns: r.Columns()}
	for r.Next() {
		b.all = append(b.all, slices.Clone(r.values))
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *buffered) Columns() []string { return b.columns }

func (b *buffered) Next() bool {
	if b.closed || b.at >= len(b.all) {
		b.closed = true
		return false
	}
	b.at++
	return true
}

func (b *buffered) Scan(dest ...any) error {
	if b.closed || b.at == 0 {
		return sqldb.Err.Wrap(sqldriver.ErrNoRow, "sqlite: scan")
	}
	if err := sqldriver.ScanRow(b.columns, b.all[b.at-1], dest); err != nil {
		b.closed, b.scanErr = true, err
		return err
	}
	return nil
}

func (b *buffered) Err() error { return b.scanErr }

func (b *buffered) Close() error {
	b.closed = true
	return nil
}
