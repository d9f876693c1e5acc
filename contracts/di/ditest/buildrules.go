package ditest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var buildRules = []rule{
	{
		name: "missing",
		says: "di.Resolver: Resolve of a key that nobody registered is ErrMissing; a name does not fall back to the unnamed service",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Singleton(c, newAlpha)); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, betaKey)
			_, named := c.Resolve(ctx, di.KeyOf[*alpha]("other"))
			return errors.Join(want("Resolve", err, di.ErrMissing, betaKey), want("Resolve(other)", named, di.ErrMissing))
		},
	},
	{
		name: "named",
		says: "di.Key: a name tells services of one type apart",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Value(c, "x", di.Named("a")), di.Value(c, "y", di.Named("b")), di.Value(c, "z")); err != nil {
				return err
			}
			a, e1 := di.Get[string](ctx, c, "a")
			b, e2 := di.Get[string](ctx, c, "b")
			none, e3 := di.Get[string](ctx, c)
			if a != "x" || b != "y" || none != "z" {
				return fmt.Errorf("a, b and the unnamed one are %q, %q, %q", a, b, none)
			}
			return errors.Join(e1, e2, e3)
		},
	},
	{
		name: "undeclared",
		says: "di.Registration: Needs are the only keys that Build may resolve (ErrUndeclared)",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Singleton(c, newAlpha), di.Singleton(c, newBeta)); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, betaKey)
			return want("Resolve", err, di.ErrUndeclared, alphaKey)
		},
	},
	{
		name: "failed build",
		says: "di.Registration: an error of Build is not cached, and Resolve returns it",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			first, calls := errors.New("first"), 0
			err := ready(c, di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) {
				if calls++; calls == 1 {
					return nil, first
				}
				return &alpha{}, nil
			}))
			if err != nil {
				return err
			}
			if _, err := c.Resolve(ctx, alphaKey); !errors.Is(err, first) {
				return fmt.Errorf("Resolve = %v, want what Build returned", err)
			}
			_, err = c.Resolve(ctx, alphaKey)
			return err
		},
	},
	{
		name: "panic in build",
		says: "di.Registration: a panic in Build is an error",
		check: func(ctx context.Context, c di.Container, _ time.Duration) (err error) {
			if err := ready(c, di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) { panic("build") })); err != nil {
				return err
			}
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("Resolve panics: %v", v)
				}
			}()
			if _, err := c.Resolve(ctx, alphaKey); err == nil {
				return errors.New("Resolve = nil, want an error")
			}
			return nil
		},
	},
	{
		name: "build of another type",
		says: "di.Registration: Build returns a value of Key.Type, not nil (ErrType)",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			returns := func(v any) func(context.Context, di.Resolver) (any, error) {
				return func(context.Context, di.Resolver) (any, error) { return v, nil }
			}
			err := ready(c,
				c.Register(di.Registration{Key: alphaKey, Build: returns("text")}),
				c.Register(di.Registration{Key: betaKey, Build: returns(nil)}),
			)
			if err != nil {
				return err
			}
			_, other := c.Resolve(ctx, alphaKey)
			_, none := c.Resolve(ctx, betaKey)
			return errors.Join(want("Resolve", other, di.ErrType), want("Resolve", none, di.ErrType))
		},
	},
	{
		name: "collect",
		says: "di.Collector: Collect returns the values registered under typ, by name; a Build declares it with a Need whose Name is \"*\"",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			list := func(ctx context.Context, r di.Resolver) ([]string, error) { return di.All[string](ctx, r) }
			err := ready(c,
				di.Value(c, "2", di.Named("b")), di.Value(c, "0"), di.Value(c, "1", di.Named("a")),
				di.Singleton(c, list, di.Needs(di.KeyOf[string]("*"))),
				di.Singleton(c, list, di.Named("undeclared")),
			)
			if err != nil {
				return err
			}
			got, err := di.Get[[]string](ctx, c)
			if err != nil || !slices.Equal(got, []string{"0", "1", "2"}) {
				return fmt.Errorf("collected %q, %v, want 0, 1, 2", got, err)
			}
			if none, err := c.Collect(ctx, reflect.TypeFor[int]()); err != nil || len(none) > 0 {
				return fmt.Errorf("Collect(int) = %v, %v, want none", none, err)
			}
			_, err = di.Get[[]string](ctx, c, "undeclared")
			return want("Collect without a need", err, di.ErrUndeclared)
		},
	},
	{
		name:  "build once",
		says:  "di.Registration: a singleton is one for the container, however many resolve it first at the same time",
		check: checkOnce,
	},
	{
		name:  "patient build",
		says:  "di.Registration: ctx is not cancelled while anyone waits for the value; di.Resolver: Resolve returns when its ctx ends",
		check: checkPatient,
	},
}

func checkOnce(ctx context.Context, c di.Container, tick time.Duration) error {
	var calls atomic.Int32
	err := ready(c, di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) {
		calls.Add(1)
		time.Sleep(tick) // so that the others come before the value is there
		return &alpha{}, nil
	}))
	if err != nil {
		return err
	}
	var got [8]*alpha
	var failed [8]error
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i], failed[i] = di.Get[*alpha](ctx, c) })
	}
	all.Wait()
	for i := range got {
		if failed[i] != nil || got[i] != got[0] {
			return errors.Join(errors.New("two resolves of a singleton differ"), failed[i])
		}
	}
	if n := calls.Load(); n != 1 {
		return fmt.Errorf("Build was called %d times", n)
	}
	return nil
}

func checkPatient(ctx context.Context, c di.Container, tick time.Duration) error {
	begun, release := make(chan context.Context, 1), make(chan struct{})
	err := ready(c, di.Singleton(c, func(ctx context.Context, _ di.Resolver) (*alpha, error) {
		begun <- ctx
		<-release
		return &alpha{}, ctx.Err()
	}))
	if err != nil {
		return err
	}
	resolve := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() { _, err := c.Resolve(ctx, alphaKey); done <- err }()
		return done
	}
	impatient, cancel := context.WithCancel(ctx)
	defer cancel()
	first := resolve(impatient)
	building := <-begun
	second := resolve(ctx)
	time.Sleep(tick) // until the second one waits too
	cancel()
	var gaveUp, ended error
	select {
	case gaveUp = <-first:
	case <-time.After(tick):
		ended = errors.New("Resolve did not return when its ctx ended")
	}
	if err := building.Err(); err != nil {
		ended = errors.Join(ended, fmt.Errorf("the ctx of Build ended although one waits: %w", err))
	}
	close(release)
	if err := <-second; err != nil {
		ended = errors.Join(ended, fmt.Errorf("Resolve of the one that waits = %w", err))
	}
	if ended == nil && !errors.Is(gaveUp, context.Canceled) {
		ended = fmt.Errorf("Resolve = %v after its ctx ended, want context.Canceled", gaveUp)
	}
	return ended
}
