package sqldriver

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A guard finds statements that a function of InTx runs outside its
// transaction. Go does not tell which goroutine runs, so it compares the calls
// that led to InTx with those that led to the statement: while transactions are
// open that costs a statement outside them about a microsecond.
type guard struct {
	here  uintptr // where enter goes on after fn
	count atomic.Int64

	mu   sync.Mutex
	open map[*transaction]callers
}

// callers are the calls that led to an attempt, the latest first.
type callers [8]uintptr

// deepest is how far above a statement its InTx is looked for.
const deepest = 64

func newGuard() *guard {
	g := &guard{open: map[*transaction]callers{}}
	_ = enter(context.Background(), func(context.Context) error {
		var pcs [3]uintptr
		runtime.Callers(0, pcs[:]) // Callers, this function, enter
		g.here = pcs[2]
		return nil
	})
	return g
}

// enter calls fn from an address that no other call has.
//
//go:noinline
func enter(ctx context.Context, fn func(ctx context.Context) error) error { return fn(ctx) }

// An entry is one transaction that a context is in, of whatever database.
type entry struct {
	guard  *guard
	from   callers
	around *entry // the one that its own context was in, or nil
}

type entryKey struct{}

// begin notes that the caller's goroutine, which has ctx, is about to enter fn
// in t. It is called by the function that calls enter.
func (g *guard) begin(ctx context.Context, t *transaction) {
	e := &t.entry
	e.guard = g
	e.around, _ = ctx.Value(entryKey{}).(*entry)
	runtime.Callers(3, e.from[:]) // what called the caller
	g.mu.Lock()
	g.open[t] = e.from
	g.mu.Unlock()
	g.count.Add(1)
}

func (g *guard) end(t *transaction) {
	g.count.Add(-1)
	g.mu.Lock()
	delete(g.open, t)
	g.mu.Unlock()
}

// check returns an error if the goroutine is in a transaction, which ctx is not.
func (g *guard) check(ctx context.Context) error {
	if g.count.Load() == 0 || sqldb.Detached(ctx) {
		return nil
	}
	var pcs [deepest]uintptr
	stack := pcs[:runtime.Callers(2, pcs[:])]
	in, _ := ctx.Value(entryKey{}).(*entry)
	for {
		i := slices.Index(stack, g.here)
		if i < 0 || i+2 > len(stack) {
			return nil
		}
		stack = stack[i+2:] // enter and its caller
		if in != nil && in.from.led(stack) {
			e := in
			if in = e.around; e.guard != g {
				continue // that one is of another database
			}
		}
		if g.led(stack) {
			return sqldb.ErrTxOutside.Wrap(nil, "sql: context is outside the transaction that runs it: use the one that InTx gave, or sqldb.Detach of it")
		}
	}
}

// led reports whether stack led to a transaction that is open.
func (g *guard) led(stack []uintptr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.open {
		if c.led(stack) {
			return true
		}
	}
	return false
}

// led reports whether c are the latest of stack.
func (c *callers) led(stack []uintptr) bool {
	n := 0
	for n < len(c) && c[n] != 0 {
		n++
	}
	n = min(n, len(stack))
	return n > 0 && slices.Equal(c[:n], stack[:n])
}
