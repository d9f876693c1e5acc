package main

import (
	"context"
	"fmt"

	"github.com/samber/do/v2"
	"go.uber.org/dig"
	"go.uber.org/fx"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

func lifecycleRow() row {
	return row{
		name: "boot: build, start and stop 4 services",
		work: "assemble an application of 4 services that need each other in a chain, start it and stop it; every hook has a deadline",
		goal: "≤ 25 µs",
		met:  func(r result) bool { return r.ours().Ns <= 25e3 },
		sides: []side{
			{"core/boot", startBoot},
			{"samber/do, without start hooks and deadlines", startDoChain},
			{"uber dig, without hooks and deadlines", startDigChain},
			{"uber fx", startFx},
		},
	}
}

// The services of the chain, each of which knows how many hooks have run.
type (
	node  struct{ hooks *int }
	nodeA struct{ node }
	nodeB struct {
		node
		need *nodeA
	}
	nodeC struct {
		node
		need *nodeB
	}
	nodeD struct {
		node
		need *nodeC
	}
)

const hooksOfChain = 8 // a start and a stop of each of the four

// checkHooks returns err, the error of stopping, or that hooks were left out.
func checkHooks(n *int, err error) error {
	if err == nil && *n != hooksOfChain {
		err = fmt.Errorf("%d hooks ran, want %d", *n, hooksOfChain)
	}
	return err
}

// A chained is the provider of one service of the chain.
type chained struct {
	name     string
	hooks    *int
	key      []di.Key
	register func(r di.Registrar) error
}

func (c *chained) Name() string                            { return c.name }
func (c *chained) Register(r di.Registrar) error           { return c.register(r) }
func (c *chained) Needs() []di.Key                         { return c.key }
func (c *chained) Boot(context.Context, di.Resolver) error { *c.hooks++; return nil }
func (c *chained) Shutdown(context.Context) error          { *c.hooks++; return nil }

func startBoot(context.Context) (worker, error) {
	return worker{ops: each(func(ctx context.Context) error {
		hooks := 0
		app := boot.New(boot.Options{}).Add(chain(&hooks))
		if err := app.Start(ctx); err != nil {
			return err
		}
		return checkHooks(&hooks, app.Stop(ctx))
	})}, nil
}

func chain(hooks *int) module.Descriptor {
	n := node{hooks}
	a, b, c, d := di.KeyOf[*nodeA](), di.KeyOf[*nodeB](), di.KeyOf[*nodeC](), di.KeyOf[*nodeD]()
	return module.Descriptor{Name: "chain", Providers: []lifecycle.Provider{
		&chained{"a", hooks, []di.Key{a}, func(r di.Registrar) error {
			return di.Singleton(r, func(context.Context, di.Resolver) (*nodeA, error) { return &nodeA{n}, nil })
		}},
		&chained{"b", hooks, []di.Key{b}, func(r di.Registrar) error {
			return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*nodeB, error) {
				need, err := di.Get[*nodeA](ctx, r)
				return &nodeB{n, need}, err
			}, di.Needs(a))
		}},
		&chained{"c", hooks, []di.Key{c}, func(r di.Registrar) error {
			return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*nodeC, error) {
				need, err := di.Get[*nodeB](ctx, r)
				return &nodeC{n, need}, err
			}, di.Needs(b))
		}},
		&chained{"d", hooks, []di.Key{d}, func(r di.Registrar) error {
			return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*nodeD, error) {
				need, err := di.Get[*nodeC](ctx, r)
				return &nodeD{n, need}, err
			}, di.Needs(c))
		}},
	}}
}

// A doNode is a service that samber/do stops; T is which one.
type doNode[T any] struct{ node }

func (n *doNode[T]) Shutdown(context.Context) error { *n.hooks++; return nil }

// startDoChain starts services in their constructors, which is where do does it.
func startDoChain(context.Context) (worker, error) {
	return worker{ops: each(func(ctx context.Context) error {
		hooks := 0
		start := func() node { hooks++; return node{&hooks} }
		i := do.New()
		do.Provide(i, func(do.Injector) (*doNode[nodeA], error) { return &doNode[nodeA]{start()}, nil })
		do.Provide(i, doAfter[nodeB, nodeA](start))
		do.Provide(i, doAfter[nodeC, nodeB](start))
		do.Provide(i, doAfter[nodeD, nodeC](start))
		if _, err := do.Invoke[*doNode[nodeD]](i); err != nil {
			return err
		}
		if report := i.ShutdownWithContext(ctx); !report.Succeed {
			return report
		}
		return checkHooks(&hooks, nil)
	})}, nil
}

// doAfter makes a T that needs a B.
func doAfter[T, B any](start func() node) func(do.Injector) (*doNode[T], error) {
	return func(i do.Injector) (*doNode[T], error) {
		_, err := do.Invoke[*doNode[B]](i)
		return &doNode[T]{start()}, err
	}
}

// startDigChain starts services in their constructors and stops them by hand:
// dig does neither.
func startDigChain(context.Context) (worker, error) {
	return worker{ops: each(func(context.Context) error {
		hooks := 0
		start := func() node { hooks++; return node{&hooks} }
		c := dig.New()
		for _, constructor := range []any{
			func() *nodeA { return &nodeA{start()} },
			func(need *nodeA) *nodeB { return &nodeB{start(), need} },
			func(need *nodeB) *nodeC { return &nodeC{start(), need} },
			func(need *nodeC) *nodeD { return &nodeD{start(), need} },
		} {
			if err := c.Provide(constructor); err != nil {
				return err
			}
		}
		return checkHooks(&hooks, c.Invoke(func(d *nodeD) error {
			for _, n := range []node{d.node, d.need.node, d.need.need.node, d.need.need.need.node} {
				*n.hooks++ // its stop
			}
			return nil
		}))
	})}, nil
}

func startFx(context.Context) (worker, error) {
	return worker{ops: each(func(ctx context.Context) error {
		hooks := 0
		hook := func(lc fx.Lifecycle) node {
			count := func(context.Context) error { hooks++; return nil }
			lc.Append(fx.Hook{OnStart: count, OnStop: count})
			return node{&hooks}
		}
		app := fx.New(fx.NopLogger,
			fx.Provide(
				func(lc fx.Lifecycle) *nodeA { return &nodeA{hook(lc)} },
				func(lc fx.Lifecycle, need *nodeA) *nodeB { return &nodeB{hook(lc), need} },
				func(lc fx.Lifecycle, need *nodeB) *nodeC { return &nodeC{hook(lc), need} },
				func(lc fx.Lifecycle, need *nodeC) *nodeD { return &nodeD{hook(lc), need} },
			),
			fx.Invoke(func(*nodeD) {}),
		)
		if err := app.Start(ctx); err != nil {
			return err
		}
		return checkHooks(&hooks, app.Stop(ctx))
	})}, nil
}
