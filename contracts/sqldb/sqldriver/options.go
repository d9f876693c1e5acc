package sqldriver

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Options say how a database differs from others. The zero value suits one
// with many writers that promises nothing about its default isolation.
type Options struct {
	// DefaultIsolation is what every transaction has at least. An inner InTx
	// may ask for as much without [sqldb.ErrTxOptions].
	DefaultIsolation sqldb.Isolation

	// SingleWriter says that a second transaction that writes waits for the
	// first. Then [sqldb.Separate] inside another one is errors.ErrUnsupported, and a write by a
	// context that was detached from a transaction that may write is [sqldb.ErrTxBusy].
	SingleWriter bool

	// Reads reports whether a statement does not write. Only a SingleWriter is
	// asked. nil means that every statement writes.
	Reads func(sql string) bool

	// MinBackoff and MaxBackoff bound the pause before a transaction is
	// repeated, which doubles each time and is drawn at random between half
	// and all of that. Zero means 10 ms and 1 s.
	MinBackoff, MaxBackoff time.Duration

	// EndTimeout bounds COMMIT, ROLLBACK and the release of a savepoint, which
	// the caller's ctx does not end once they are sent. Zero means 30 s.
	EndTimeout time.Duration
}

// maxAttempts is what a MaxAttempts of zero means.
const maxAttempts = 5

func (o Options) withDefaults() Options {
	if o.MinBackoff <= 0 {
		o.MinBackoff = 10 * time.Millisecond
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = time.Second
	}
	o.MaxBackoff = max(o.MaxBackoff, o.MinBackoff)
	if o.EndTimeout <= 0 {
		o.EndTimeout = 30 * time.Second
	}
	if o.Reads == nil {
		o.Reads = func(string) bool { return false }
	}
	return o
}

// isolation returns what a transaction has that asked for level.
func (o Options) isolation(level sqldb.Isolation) sqldb.Isolation {
	return max(level, o.DefaultIsolation)
}
