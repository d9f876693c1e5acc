package boot_test

import (
	"context"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// link is a service of a chain: each needs the one before.
type link[Before any] struct{ before Before }

// chained is a provider of a chain with a deadline of its own.
type chained[T, Before any] struct{}

func (chained[T, Before]) Name() string { return "chained" }

func (chained[T, Before]) Register(r di.Registrar) error {
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*link[T], error) {
		_, err := di.Get[*link[Before]](ctx, r)
		return &link[T]{}, err
	}, di.Needs(di.KeyOf[*link[Before]]()))
}

func (chained[T, Before]) Needs() []di.Key { return []di.Key{di.KeyOf[*link[T]]()} }

func (chained[T, Before]) Boot(ctx context.Context, r di.Resolver) error {
	_, err := di.Get[*link[T]](ctx, r)
	return err
}

func (chained[T, Before]) Shutdown(context.Context) error { return nil }

func (chained[T, Before]) Deadlines() (boot, stop time.Duration) { return time.Second, time.Second }

// first ends the chain.
type first[T any] struct{}

func (first[T]) Name() string                   { return "first" }
func (first[T]) Register(r di.Registrar) error  { return di.Value(r, &link[T]{}) }
func (first[T]) Shutdown(context.Context) error { return nil }

type (
	l1 struct{}
	l2 struct{}
	l3 struct{}
	l4 struct{}
)

func chain() []module.Descriptor {
	return []module.Descriptor{
		{Name: "a", Providers: []lifecycle.Provider{first[l1]{}}, Exports: []di.Key{di.KeyOf[*link[l1]]()}},
		{Name: "b", Providers: []lifecycle.Provider{chained[l2, l1]{}}, Needs: []di.Key{di.KeyOf[*link[l1]]()}, Exports: []di.Key{di.KeyOf[*link[l2]]()}},
		{Name: "c", Providers: []lifecycle.Provider{chained[l3, l2]{}}, Needs: []di.Key{di.KeyOf[*link[l2]]()}, Exports: []di.Key{di.KeyOf[*link[l3]]()}},
		{Name: "d", Providers: []lifecycle.Provider{chained[l4, l3]{}}, Needs: []di.Key{di.KeyOf[*link[l3]]()}, Exports: []di.Key{di.KeyOf[*link[l4]]()}},
	}
}

// BenchmarkBuildStartStop assembles, starts and stops four modules that need
// each other, with a deadline for each hook.
func BenchmarkBuildStartStop(b *testing.B) {
	b.ReportAllocs()
	modules := chain()
	ctx := context.Background()
	for b.Loop() {
		app := boot.New(boot.Options{}).Add(modules...)
		if err := app.Start(ctx); err != nil {
			b.Fatal(err)
		}
		if err := app.Stop(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
