package di

import (
	"context"
	"errors"
	"reflect"
)

// A Resolver yields services. It is safe for concurrent use.
type Resolver interface {
	// Resolve returns the value registered under key, building it if it was not
	// built. It fails with an error of Build, or one wrapping [ErrMissing],
	// [ErrCycle], [ErrScope], [ErrHidden], [ErrUndeclared], [ErrType],
	// [ErrNotFrozen] or [ErrClosed]. A name never falls back to the unnamed
	// service. When ctx ends while it waits for a Build, Resolve returns with
	// an error that wraps ctx's; a value that is there is returned all the same.
	// What is scoped or transient may be built by the call itself, which then
	// returns when Build does.
	Resolve(ctx context.Context, key Key) (any, error)
}

// Get resolves a T.
func Get[T any](ctx context.Context, r Resolver, name ...string) (T, error) {
	k := KeyOf[T](name...)
	v, err := r.Resolve(ctx, k)
	t, ok := v.(T)
	if err == nil && !ok {
		err = ErrType.Wrap(nil, "di: %v is a %T", k, v)
	}
	return t, err
}

// A Collector is a [Resolver] that yields every service of a type, whatever
// its name: routes, migrations, health checks, tools.
type Collector interface {
	// Collect returns the visible values registered under typ, the unnamed one
	// included, sorted by name; none is no error. A Build that collects
	// declares it with a Need whose Name is "*", or gets [ErrUndeclared].
	Collect(ctx context.Context, typ reflect.Type) ([]any, error)
}

// All collects every T.
func All[T any](ctx context.Context, r Resolver) ([]T, error) {
	c, ok := r.(Collector)
	if !ok {
		return nil, Err.Wrap(errors.ErrUnsupported, "di: collect %v", reflect.TypeFor[T]())
	}
	vs, err := c.Collect(ctx, reflect.TypeFor[T]())
	ts := make([]T, len(vs))
	for i, v := range vs {
		ts[i] = v.(T)
	}
	return ts, err
}
