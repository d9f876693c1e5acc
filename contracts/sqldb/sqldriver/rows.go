package sqldriver

import (
	"errors"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// txRows are rows of a transaction. They keep its connection until they are
// closed or read to the end, and tell it how they ended. The lock is for the
// end of the transaction, which closes rows that were left open.
type txRows struct {
	mu      sync.Mutex
	rows    sqldb.Rows
	frame   *frame
	done    bool
	err     error // of Close
	scanErr error // of Scan, which is no failure of the transaction
}

var _ sqldb.Rows = (*txRows)(nil)

func (r *txRows) Next() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return false
	}
	if r.rows.Next() {
		return true
	}
	r.finish()
	return false
}

func (r *txRows) Scan(dest ...any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return sqldb.Err.Wrap(errors.New("the rows are closed"), "sql: scan")
	}
	err := r.rows.Scan(dest...)
	if err != nil {
		r.scanErr = err
		r.finish()
	}
	return err
}

func (r *txRows) Columns() []string { return r.rows.Columns() }

func (r *txRows) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows.Err()
}

func (r *txRows) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finish()
	return r.err
}

// finish closes the rows once. A failure of theirs is one of the transaction.
func (r *txRows) finish() {
	if r.done {
		return
	}
	r.done = true
	r.err = r.rows.Close()
	err := r.rows.Err()
	if r.scanErr != nil && errors.Is(err, r.scanErr) {
		err = nil
	}
	if err == nil {
		err = r.err
	}
	r.frame.release(err)
}
