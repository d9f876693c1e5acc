package sqldb

import (
	"context"
	"sync"
)

// OnCommit has fn called after the transaction of ctx has committed, with a
// context that is outside it and is not cancelled with it; the functions run
// in order. Those of a transaction or savepoint that is rolled back, and of an
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
	h.fns = append(h.fns, fn)
}

type hooksKey struct{}

// Hooks collects what [OnCommit] is given in one attempt of one InTx; for implementers.
type Hooks struct {
	mu    sync.Mutex
	fns   []func(context.Context)
	outer *Hooks
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
	return context.WithValue(ctx, hooksKey{}, inner), inner
}

// Released hands the functions of a released savepoint to the transaction around it.
func (h *Hooks) Released() {
	h.outer.mu.Lock()
	defer h.outer.mu.Unlock()
	h.outer.fns = append(h.outer.fns, h.fns...)
}

// Committed calls the functions. ctx is the one that InTx was given.
func (h *Hooks) Committed(ctx context.Context) {
	h.mu.Lock()
	fns := h.fns
	h.mu.Unlock()
	if len(fns) > 0 {
		callAll(context.WithoutCancel(Detach(ctx)), fns)
	}
}

// callAll calls the rest even if one of fns panics.
func callAll(ctx context.Context, fns []func(context.Context)) {
	if len(fns) > 1 {
		defer callAll(ctx, fns[1:])
	}
	fns[0](ctx)
}
