package sqldriver

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A transaction is one attempt of one outermost InTx.
type transaction struct {
	conn      Conn
	tx        Tx  // conn, unless it is pinned
	pin       Pin // conn, if this is no transaction but [DB.Pinned]
	pinned    bool
	readOnly  bool
	isolation sqldb.Isolation
	held      *transaction // which its own context was detached from

	mu         sync.Mutex
	idle       sync.Cond // running became false, or rows were opened
	top        *frame    // the innermost InTx; nil when it has ended
	running    bool      // a statement runs, or its rows are open
	rows       io.Closer // the open ones
	savepoints int       // made so far; names them

	// Parts of it, so that they are one allocation.
	root   frame
	entry  entry
	inside inside
}

// inside is the context of the function of an outermost InTx: with the
// transaction under the scope of its database, and its entry.
type inside struct {
	context.Context
	scope *sqldb.Scope
	tx    *transaction
}

// Value implements context.Context.
func (c *inside) Value(key any) any {
	switch key := key.(type) {
	case *sqldb.Scope:
		if key == c.scope {
			return &c.tx.root
		}
	case entryKey:
		return &c.tx.entry
	}
	return c.Context.Value(key)
}

// A frame is one InTx, the transaction itself or a savepoint in it, or one Pinned. It is
// what [sqldb.Scope] keeps.
type frame struct {
	tx     *transaction
	parent *frame
	hooks  *sqldb.Hooks

	// under tx.mu
	first error // the first statement that the database refused
	ended bool
}

func begun(c Conn, readOnly bool, level sqldb.Isolation, held *frame) *transaction {
	t := &transaction{conn: c, readOnly: readOnly, isolation: level}
	t.tx, _ = c.(Tx)
	t.idle.L = &t.mu
	t.root.tx = t
	t.top = &t.root
	if held != nil {
		t.held = held.tx
	}
	return t
}

// writes reports whether the transaction, or one that its context was detached
// from, may still write.
func (t *transaction) writes() bool {
	for ; t != nil; t = t.held {
		t.mu.Lock()
		open := t.top != nil
		t.mu.Unlock()
		if open && !t.readOnly {
			return true
		}
	}
	return false
}

// acquire reserves the connection for a statement of f, or says why it may not run.
func (f *frame) acquire() error {
	f.tx.mu.Lock()
	defer f.tx.mu.Unlock()
	if err := f.refusal(); err != nil {
		return err
	}
	f.tx.running = true
	return nil
}

func (f *frame) refusal() error {
	switch t := f.tx; {
	case f.ended:
		return ended("the InTx of this context has returned")
	case t.top != f:
		return busy("a nested InTx is open: use the context that it gave")
	case t.rows != nil:
		return busy("rows of it are open: close them first")
	case t.running:
		return busy("another statement of it is running: one goroutine at a time")
	case f.first != nil:
		// The cause is told, not wrapped: it is not this statement that failed so.
		return sqldb.ErrTxAborted.Wrap(errors.New(f.first.Error()), "sql: transaction failed before")
	}
	return nil
}

// release gives the connection back after a statement that ended with err.
func (f *frame) release(err error) {
	f.tx.mu.Lock()
	defer f.tx.mu.Unlock()
	f.fail(err)
	f.tx.running, f.tx.rows = false, nil
	f.tx.idle.Broadcast()
}

// conn returns what f's statements run on.
func (f *frame) conn() Conn { return f.tx.conn }

// abort makes err, with which a part of f's function ended, the failure of f.
func (f *frame) abort(err error) {
	f.tx.mu.Lock()
	defer f.tx.mu.Unlock()
	f.fail(err)
}

// fail remembers the first failure. Outside a transaction none spoils what follows.
func (f *frame) fail(err error) {
	if f.first == nil && f.tx.pin == nil {
		f.first = err
	}
}

func (f *frame) exec(ctx context.Context, st *statement) (n int64, err error) {
	if err := f.acquire(); err != nil {
		return 0, err
	}
	return f.run(ctx, st)
}

// run executes on the connection that the caller acquired, and releases it.
func (f *frame) run(ctx context.Context, st *statement) (n int64, err error) {
	err = errPanicked
	defer func() { f.release(err) }()
	n, err = st.exec(ctx, f.conn())
	err = seal(ctx, err, "exec")
	return n, err
}

// errPanicked stands as the outcome of a statement whose driver did not return.
var errPanicked = sqldb.Err.Wrap(errors.New("driver panicked"), "sql: statement")

func (f *frame) query(ctx context.Context, st *statement) (sqldb.Rows, error) {
	if err := f.acquire(); err != nil {
		return nil, err
	}
	err := errPanicked
	opened := false
	defer func() {
		if !opened {
			f.release(err)
		}
	}()
	rows, err := st.query(ctx, f.conn())
	if err = seal(ctx, err, "query"); err != nil {
		return nil, err
	}
	opened = true
	return f.open(rows), nil
}

// open keeps the connection until rows are done.
func (f *frame) open(rows sqldb.Rows) *txRows {
	r := &txRows{rows: rows, frame: f}
	f.left(r)
	return r
}

// left notes what keeps the connection until it is closed.
func (f *frame) left(rows io.Closer) {
	f.tx.mu.Lock()
	defer f.tx.mu.Unlock()
	f.tx.rows = rows
	f.tx.idle.Broadcast()
}

// settle ends f after its fn returned err: it closes what fn left open, waits
// for a statement that still runs, and returns why f must be rolled back, or
// nil. The connection stays reserved for the statement that ends f, unless f is
// an orphan: then the transaction around it has ended it.
func (f *frame) settle(ctx context.Context, err error) (orphan bool, _ error) {
	orphan, stray := f.reserve()
	f.tx.mu.Lock()
	err = after(err, f.first)
	f.tx.mu.Unlock()
	if err == nil {
		err = stray
	}
	switch {
	case ctx.Err() == nil:
		return orphan, err
	case err == nil:
		return orphan, sqldb.Err.Wrap(endOf(ctx), "sql: transaction")
	}
	return orphan, withEnd(ctx, err)
}

// reserve takes the connection for the end of f, whatever uses it.
func (f *frame) reserve() (orphan bool, stray error) {
	t := f.tx
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.ended {
		return true, ended("the InTx around this one returned before it")
	}
	for inner := t.top; inner != nil && inner != f; inner = inner.parent {
		inner.ended = true
		stray = busy("InTx returned while a nested one was open")
	}
	f.ended = true
	for t.running {
		if r := t.rows; r != nil {
			t.mu.Unlock()
			_ = r.Close() // its error is f.first
			t.mu.Lock()
			continue
		}
		stray = busy("InTx returned while a statement of it was running")
		t.idle.Wait()
	}
	t.running = true
	t.top = f
	return false, stray
}

// pop leaves f: its parent goes on, failed if the savepoint could not be ended.
func (f *frame) pop(err error) {
	t := f.tx
	t.mu.Lock()
	defer t.mu.Unlock()
	t.top = f.parent
	t.running = false
	if err != nil && f.parent != nil {
		f.parent.fail(err)
	}
	t.idle.Broadcast()
}
