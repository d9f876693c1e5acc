package di

import "errors"

// A Binder replaces values of singletons. A container is one, and so is the
// resolver that a provider's Boot gets, for the services of its own module:
// what exists only once a connection is open is registered first, so that
// others can declare it, and bound when it is there.
type Binder interface {
	// Bind makes value what Resolve of key returns from now on; a Resolve that
	// runs may return either value. key is registered ([ErrMissing]) as a
	// singleton ([Err]), and value is one of its type, not nil ([ErrType]). It
	// fails before Freeze ([ErrNotFrozen]), after Close ([ErrClosed]), and for
	// what belongs to another module ([ErrHidden]).
	//
	// The caller owns value: the container never closes it. A value that was
	// built is kept by those who resolved it, and closed with the container.
	Bind(key Key, value any) error
}

// Bind makes value the one T of the container, or module, that r resolves for;
// see [Binder]. A resolver that cannot is an error that wraps [errors.ErrUnsupported].
func Bind[T any](r Resolver, value T, name ...string) error {
	k := KeyOf[T](name...)
	b, ok := r.(Binder)
	if !ok {
		return Err.Wrap(errors.ErrUnsupported, "di: bind %v", k)
	}
	return b.Bind(k, value)
}
