package main

import (
	"context"
	"errors"

	"github.com/samber/do/v2"
	"go.uber.org/dig"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// A greeter is the service that containers are asked for.
type greeter interface{ Greet() string }

type english struct{ word string }

func (e *english) Greet() string { return e.word }

var errWrongService = errors.New("bench: the container returned something else")

func resolveRow() row {
	return row{
		name: "container: resolve a singleton",
		work: "get a service, built before, by its interface, while nothing else is done to the container",
		goal: "≤ 50 ns, 0 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 50 && r.ours().Allocs < 0.01 },
		sides: []side{
			{"core/container", startContainer},
			{"samber/do", startDo},
			{"uber dig", startDig},
		},
	}
}

func startContainer(ctx context.Context) (worker, error) {
	c := container.New()
	err := di.Singleton(c, func(context.Context, di.Resolver) (greeter, error) { return &english{"hello"}, nil })
	if err == nil {
		err = c.Freeze()
	}
	return worker{ops: each(func(ctx context.Context) error {
		g, err := di.Get[greeter](ctx, c)
		if err != nil {
			return err
		}
		return greets(g)
	})}, err
}

func startDo(context.Context) (worker, error) {
	injector := do.New()
	do.Provide(injector, func(do.Injector) (greeter, error) { return &english{"hello"}, nil })
	return worker{ops: each(func(context.Context) error {
		g, err := do.Invoke[greeter](injector)
		if err != nil {
			return err
		}
		return greets(g)
	})}, nil
}

func startDig(context.Context) (worker, error) {
	c := dig.New()
	err := c.Provide(func() greeter { return &english{"hello"} })
	return worker{ops: each(func(context.Context) error { return c.Invoke(greets) })}, err
}

// greets checks that g is the service.
func greets(g greeter) error {
	if g.Greet() != "hello" {
		return errWrongService
	}
	return nil
}
