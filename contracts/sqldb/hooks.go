package sqldb

import (
	"context"
	"slices"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// OnCommit has fn called after the transaction of ctx has committed, with a
// context that is outside it and is not cancelled with it; the functions run
// in order. The transaction is that of the innermost InTx, of whatever
// database. Those of a transaction or savepoint that is rolled back, and of an
// attempt that is repeated, are dropped; so are those of one that ends with
// [ErrCommitUnknown]. Without a transaction fn is called at once. fn cannot
// fail the transaction: if it panics, the others are called and the panic goes
// on. What must not be lost belongs in an outbox.
func OnCommit(ctx context.Context, fn func(ctx context.Context)) {
	h, _ := ctx.Value(hooksKey{}).(*Hooks)
	if h == nil {
		fn(ctx)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commit = append(h.commit, fn)
}

// OnRollback has fn called once after what it was registered in was rolled
// back: the savepoint, or the transaction or the attempt of it. fn gets a
// context as that of [OnCommit]; the functions run in reverse order, as those
// of defer do, and before the next attempt. After a commit fn is dropped; so it
// is after [ErrCommitUnknown], when neither is known, and without a
// transaction. If fn panics, the others are called, and the panic is in the
// error of InTx as an [errs.PanicError], which ends its attempts; where the
// function of InTx has panicked itself, it takes the place of that panic.
func OnRollback(ctx context.Context, fn func(ctx context.Context)) {
	if h, _ := ctx.Value(hooksKey{}).(*Hooks); h != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.rollback = append(h.rollback, fn)
	}
}

type hooksKey struct{}

// Hooks collects what [OnCommit] and [OnRollback] are given in one attempt of
// one InTx; for implementers.
type Hooks struct {
	mu               sync.Mutex
	commit, rollback []func(context.Context)
	outer            *Hooks
}

// WithHooks begins an attempt. To drop its functions, drop the Hooks.
func WithHooks(ctx context.Context) (context.Context, *Hooks) {
	outer, _ := ctx.Value(hooksKey{}).(*Hooks)
	return outer.Savepoint(ctx)
}

// Savepoint begins an attempt inside h, whatever transactions of other
// databases ctx is in: h is what [Hooks.Released] hands its functions to.
func (h *Hooks) Savepoint(ctx context.Context) (context.Context, *Hooks) {
	inner := &Hooks{outer: h}
	return inner.Join(ctx), inner
}

// Join returns ctx inside the attempt of h, whatever transactions of other
// databases it is in.
func (h *Hooks) Join(ctx context.Context) context.Context {
	return context.WithValue(ctx, hooksKey{}, h)
}

// Released hands the functions of a released savepoint to the transaction around it.
func (h *Hooks) Released() {
	commit, rollback := h.take()
	h.outer.mu.Lock()
	defer h.outer.mu.Unlock()
	h.outer.commit = append(h.outer.commit, commit...)
	h.outer.rollback = append(h.outer.rollback, rollback...)
}

// Committed calls the functions of [OnCommit]. ctx is the one that InTx was given.
func (h *Hooks) Committed(ctx context.Context) {
	if commit, _ := h.take(); len(commit) > 0 {
		callAll(context.WithoutCancel(Detach(ctx)), commit)
	}
}

// RolledBack calls the functions of [OnRollback], and returns their panics. ctx
// is the one that InTx was given.
func (h *Hooks) RolledBack(ctx context.Context) error {
	_, rollback := h.take()
	if len(rollback) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(Detach(ctx))
	var panics []error
	for _, fn := range slices.Backward(rollback) {
		panics = append(panics, errs.Catch(func() error { fn(ctx); return nil }))
	}
	return errs.Join(panics...)
}

// take returns the functions, once.
func (h *Hooks) take() (commit, rollback []func(context.Context)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	commit, rollback = h.commit, h.rollback
	h.commit, h.rollback = nil, nil
	return commit, rollback
}

// callAll calls the rest even if one of fns panics.
func callAll(ctx context.Context, fns []func(context.Context)) {
	if len(fns) > 1 {
		defer callAll(ctx, fns[1:])
	}
	fns[0](ctx)
}
