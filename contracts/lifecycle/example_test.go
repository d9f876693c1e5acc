package lifecycle_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A Worker runs in the background while the application is up.
type Worker struct{ stop, done chan struct{} }

var (
	_ lifecycle.Provider = (*Worker)(nil)
	_ lifecycle.Booter   = (*Worker)(nil)
	_ lifecycle.Stopper  = (*Worker)(nil)
)

// Name returns "worker".
func (w *Worker) Name() string { return "worker" }

// Register offers nothing.
func (w *Worker) Register(di.Registrar) error { return nil }

// Needs nothing.
func (w *Worker) Needs() []di.Key { return nil }

// Boot starts the work.
func (w *Worker) Boot(context.Context, di.Resolver) error {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		<-stop // the work
	}()
	w.stop, w.done = stop, done
	return nil
}

// Shutdown ends the work and waits for it.
func (w *Worker) Shutdown(ctx context.Context) error {
	if w.stop == nil {
		return nil // before Boot, or a second time
	}
	close(w.stop)
	w.stop = nil
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func Example() {
	w, ctx := &Worker{}, context.Background()
	fmt.Println(w.Boot(ctx, nil), w.Shutdown(ctx), w.Shutdown(ctx))
	// Output:
	// <nil> <nil> <nil>
}
