package sqldb

import "context"

// A Transactor runs functions atomically.
type Transactor interface {
	// InTx calls fn in a transaction and commits if fn returns nil. An error
	// rolls back and is returned; a panic rolls back and goes on; the end of
	// ctx before the commit is sent rolls back and returns its cause.
	//
	// After a statement was refused by the database, the rest of fn gets
	// [ErrTxAborted], and InTx rolls back and returns the first failure even
	// if fn returns nil. To go on after a refusal, run the statement in an
	// InTx of its own: inside another one it is a savepoint.
	//
	// A statement, InTx or Pinned of fn's goroutine with a context that is not
	// in the transaction, and not from [Detach], would take a second
	// connection and may wait for the first for ever: it is [ErrTxOutside].
	//
	// The outermost InTx calls fn again on [ErrSerialization], with backoff,
	// as often as its own options allow; inner ones never do. So neither fn
	// nor what it calls may have effects outside the database: use [OnCommit].
	InTx(ctx context.Context, fn func(ctx context.Context) error, opts ...TxOption) error
}

// A DB is a database.
type DB interface {
	Querier
	Transactor
}

// A TxOption changes how one InTx behaves.
type TxOption func(*TxOptions)

// TxOptions is what the options of one InTx add up to; for implementers. An
// option that cannot be honoured is an error before fn is called:
// [ErrTxOptions] if an inner InTx asks for more isolation than the outer has,
// for another ReadOnly or for MaxAttempts over 1, or for a [Propagation] that is refused, errors.ErrUnsupported otherwise.
type TxOptions struct {
	Isolation   Isolation // at least; SQLite is always serializable
	ReadOnly    bool      // a write is [ErrReadOnly]
	Propagation Propagation
	MaxAttempts int // of the outermost transaction; 0 means 5, 1 means once
}

// An Isolation is an ANSI isolation level; the zero value is the database's default.
type Isolation uint8

// The levels, weakest first.
const (
	DefaultIsolation Isolation = iota
	ReadCommitted
	RepeatableRead
	Serializable
)

// A Propagation says what InTx does inside another transaction of the database,
// and outside of one. An option that is refused is [ErrTxOptions], before fn is called.
type Propagation uint8

const (
	Nested    Propagation = iota // inside another one a savepoint; the default
	Join                         // inside another one a part of it: an error or panic of fn fails the whole
	Separate                     // always one of its own, on another connection; errors.ErrUnsupported inside another one where there is one writer (SQLite)
	Mandatory                    // as Join; refused outside
	Outermost                    // refused inside another one
)

// WithIsolation asks for at least level.
func WithIsolation(level Isolation) TxOption { return func(o *TxOptions) { o.Isolation = level } }

// ReadOnly makes a write in the transaction [ErrReadOnly].
func ReadOnly() TxOption { return func(o *TxOptions) { o.ReadOnly = true } }

// WithPropagation says how the transaction behaves inside another one.
func WithPropagation(p Propagation) TxOption { return func(o *TxOptions) { o.Propagation = p } }

// MaxAttempts bounds how often the outermost transaction is tried; 1 means once.
func MaxAttempts(n int) TxOption { return func(o *TxOptions) { o.MaxAttempts = n } }
