package main

import (
	"context"
	"fmt"

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
