package di

import (
	"context"
	"errors"
)

// A Finder is a [Resolver] that tells what is there without building it.
// Containers, scopes and the resolvers that a Build gets are finders.
type Finder interface {
	// Has reports whether a service is registered under key that the caller may
	// resolve. It fails as Resolve does with [ErrHidden], [ErrUndeclared],
	// [ErrNotFrozen] and [ErrClosed].
	Has(key Key) (bool, error)
}

// Maybe resolves a T if there is one. It returns false and no error only if
// nothing is registered under the key: an error of a Build is returned, even if
// it wraps [ErrMissing]. A Build declares the need with [Optional]. A resolver
// that is no [Finder] is an error that wraps [errors.ErrUnsupported].
func Maybe[T any](ctx context.Context, r Resolver, name ...string) (value T, found bool, err error) {
	k := KeyOf[T](name...)
	f, ok := r.(Finder)
	if !ok {
		return value, false, Err.Wrap(errors.ErrUnsupported, "di: resolve %v if there is one", k)
	}
	if found, err = f.Has(k); err != nil || !found {
		return value, false, err
	}
	value, err = Get[T](ctx, r, name...)
	return value, err == nil, err
}
