package sqldb

import "context"

// A Scope is the identity of one database in a context. A backend makes one
// for each pool and keeps its ambient transaction under it; decorators of the
// backend share it by passing ctx on.
type Scope struct{ _ byte }

// With returns a context in which tx is ambient.
func (s *Scope) With(ctx context.Context, tx any) context.Context {
	return context.WithValue(ctx, s, tx)
}

// Tx returns what is ambient in ctx, or nil. It does not allocate.
func (s *Scope) Tx(ctx context.Context) any { return ctx.Value(s) }

// Held returns the transaction that ctx was detached from, or nil. A database
// with one writer (SQLite) then refuses to write with [ErrTxBusy] at once: it
// would wait for itself.
func (s *Scope) Held(ctx context.Context) any { return ctx.Value(heldKey{s}) }

type heldKey struct{ s *Scope }

// Detached reports whether [Detach] is what put ctx outside transactions; for implementers.
func Detached(ctx context.Context) bool { return ctx.Value(detachedKey{}) != nil }

type detachedKey struct{}

// Detach returns ctx outside every ambient transaction and without [AllowReplica]:
// what must be seen at once is not read from a replica either. Deadline,
// cancellation and other values stay.
func Detach(ctx context.Context) context.Context { return detached{ctx} }

type detached struct{ context.Context }

func (d detached) Value(key any) any {
	switch key := key.(type) {
	case *Scope, hooksKey, replicaKey:
		return nil
	case detachedKey:
		return true
	case heldKey:
		if tx := d.Context.Value(key.s); tx != nil {
			return tx
		}
		// detached twice: the transaction is still held
	}
	return d.Context.Value(key)
}
