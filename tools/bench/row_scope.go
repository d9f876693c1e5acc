package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/samber/do/v2"
	"go.uber.org/dig"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// A session is what each request has for itself. It ends with the request.
type session struct {
	greeter greeter
	ended   bool
}

func (s *session) Shutdown(context.Context) error {
	s.ended = true
	return nil
}

var errOpenSession = errors.New("bench: the session of a request did not end")

func scopeRow() row {
	return row{
		name: "container: the scope of a request",
		work: "open a scope, get a service of the scope that needs a singleton, close the scope, which ends the service; with a context that can be cancelled",
		goal: "≤ 1 µs, ≤ 4 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 1000 && r.ours().Allocs < 4.01 },
		sides: []side{
			{"core/container", startScopes},
			{"samber/do", startDoScopes},
			{"uber dig", startDigScopes},
		},
	}
}

func startScopes(context.Context) (worker, error) {
	c := container.New()
	err := errors.Join(
		di.Singleton(c, func(context.Context, di.Resolver) (greeter, error) { return &english{"hello"}, nil }),
		di.Scoped(c, func(ctx context.Context, r di.Resolver) (*session, error) {
			g, err := di.Get[greeter](ctx, r)
			return &session{greeter: g}, err
		}, di.Needs(di.KeyOf[greeter]()), di.Closed(func(ctx context.Context, s *session) error { return s.Shutdown(ctx) })),
		c.Freeze())
	return worker{ops: each(func(ctx context.Context) error {
		scope := c.NewScope()
		s, err := di.Get[*session](ctx, scope)
		if err == nil {
			err = greets(s.greeter)
		}
		return errors.Join(err, scope.Close(ctx), ended(s))
	})}, err
}

// renewal is how many scopes a peer opens in one container: both keep the
// scopes that are done, and would get slower and bigger.
const renewal = 500

func startDoScopes(context.Context) (worker, error) {
	var injector *do.RootScope
	n := 0
	return worker{ops: each(func(ctx context.Context) error {
		if n%renewal == 0 {
			injector = do.New()
			do.Provide(injector, func(do.Injector) (greeter, error) { return &english{"hello"}, nil })
		}
		n++
		scope := injector.Scope(strconv.Itoa(n))
		do.Provide(scope, func(i do.Injector) (*session, error) {
			g, err := do.Invoke[greeter](i)
			return &session{greeter: g}, err
		})
		s, err := do.Invoke[*session](scope)
		if err != nil {
			return err
		}
		if report := scope.ShutdownWithContext(ctx); !report.Succeed {
			return report
		}
		return errors.Join(greets(s.greeter), ended(s))
	})}, nil
}

// Scopes of dig have no end: the session is ended by hand.
func startDigScopes(context.Context) (worker, error) {
	var c *dig.Container
	n := 0
	return worker{ops: each(func(ctx context.Context) error {
		if n%renewal == 0 {
			c = dig.New()
			if err := c.Provide(func() greeter { return &english{"hello"} }); err != nil {
				return err
			}
		}
		n++
		scope := c.Scope(strconv.Itoa(n))
		if err := scope.Provide(func(g greeter) *session { return &session{greeter: g} }); err != nil {
			return err
		}
		return scope.Invoke(func(s *session) error {
			return errors.Join(greets(s.greeter), s.Shutdown(ctx), ended(s))
		})
	})}, nil
}

// ended checks that the session is over.
func ended(s *session) error {
	if s == nil || !s.ended {
		return errOpenSession
	}
	return nil
}
