// Package cqrstest checks that a [cqrs.CommandBus] and a [cqrs.QueryBus] keep their contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		cqrstest.RunCommands(t, func(t *testing.T, mw ...cqrs.Middleware) cqrs.CommandBus { return open(t, mw) })
//	}
package cqrstest

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
)

// RunCommands checks every rule of [cqrs.CommandBus], each on buses of its own. open
// returns one without handlers, with the middleware, and registers its own cleanup on t.
func RunCommands(t *testing.T, open func(t *testing.T, middleware ...cqrs.Middleware) cqrs.CommandBus) {
	t.Helper()
	run(t, "cqrs.CommandBus", func(t *testing.T, mw ...cqrs.Middleware) bus {
		b := open(t, mw...)
		return bus{b.Register, b.Dispatch, cqrs.ErrCommand}
	})
}

// RunQueries checks every rule of [cqrs.QueryBus]; see [RunCommands].
func RunQueries(t *testing.T, open func(t *testing.T, middleware ...cqrs.Middleware) cqrs.QueryBus) {
	t.Helper()
	run(t, "cqrs.QueryBus", func(t *testing.T, mw ...cqrs.Middleware) bus {
		b := open(t, mw...)
		return bus{b.Register, b.Execute, cqrs.ErrQuery}
	})
}

func run(t *testing.T, contract string, open func(t *testing.T, mw ...cqrs.Middleware) bus) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), func(mw ...cqrs.Middleware) bus { return open(t, mw...) }); err != nil {
				t.Errorf("%v\n%s: %s", err, contract, r.says)
			}
		})
	}
}

// A bus is what the two kinds have in common.
type bus struct {
	register func(cqrs.Registration) error
	send     func(ctx context.Context, message any, result reflect.Type) (any, error)
	failed   error // what a failure matches
}

// A rule is one promise of a contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, in the contract's words
	check func(ctx context.Context, open opener) error
}

type opener func(mw ...cqrs.Middleware) bus

func rules() []rule { return slices.Concat(registerRules, sendRules, middlewareRules) }
