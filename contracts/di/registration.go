package di

import "context"

// A Lifetime says how many values a registration yields.
type Lifetime uint8

const (
	SingletonLifetime Lifetime = iota // one for the container, built when the application boots
	ScopedLifetime                    // one for each scope, such as a request
	TransientLifetime                 // one for each resolve; never closed by the container
)

// A Registration tells a container how to build one service.
type Registration struct {
	Key      Key
	Lifetime Lifetime
	// Needs are the only keys that Build may resolve ([ErrUndeclared]), so that
	// freezing finds every missing service, cycle and captive scope, and no
	// two goroutines can wait for each other's Build. What may be absent is
	// declared with [Optional].
	Needs []Key
	// Build returns a value of Key.Type, not nil ([ErrType]). r is for this
	// call only. An error is not cached, and a panic is an error. A singleton's
	// ctx has the values of the first caller's, is not cancelled while anyone
	// waits for the value, and may end when Build has returned. What is scoped
	// or transient is built with its caller's own ctx, so that a transaction
	// that is begun with it lasts as long as the caller's work.
	Build func(ctx context.Context, r Resolver) (any, error)
	// Replace lets this registration replace an earlier one of its key, if
	// there is one; without it that is [ErrDuplicate], which Freeze reports.
	Replace bool
	// Close releases a value that Build returned. A Transient has none, for
	// nobody would call it. A panic is an error. If it is nil, the Shutdown
	// method of a singleton (lifecycle.Stopper) is called instead, if it has
	// one: once, although the value is registered under several keys.
	Close func(ctx context.Context, value any) error
	// Borrowed says that the value belongs to somebody else, as that of [Value]
	// does: nothing but Close is called to release it.
	Borrowed bool
}

// A Registrar accepts registrations until the container is frozen.
type Registrar interface {
	// Register adds reg to the module being registered. A key that the module
	// does not export is its own: other modules may have the same one. It fails
	// if reg has no type, no Build, or a Name that is "*" or ends in "?" ([Err]),
	// and after Freeze ([ErrFrozen]); what concerns other registrations, Freeze
	// reports.
	Register(reg Registration) error
}

// An Option changes a [Registration] that [Provide] and its short forms make.
type Option = func(*Registration)

// Needs declares what a constructor resolves.
func Needs(keys ...Key) Option {
	return func(r *Registration) { r.Needs = append(r.Needs, keys...) }
}

// Named gives a service a name.
func Named(name string) Option { return func(r *Registration) { r.Key.Name = name } }

// Replaces lets the registration replace an earlier one of its key.
func Replaces() Option { return func(r *Registration) { r.Replace = true } }

// Closed has release called with the built value when its owner, the container
// or the scope, closes.
func Closed[T any](release func(ctx context.Context, value T) error) Option {
	return func(r *Registration) {
		r.Close = func(ctx context.Context, value any) error { return release(ctx, value.(T)) }
	}
}

// A Constructor makes a T of what it resolves; see [Registration].Build.
type Constructor[T any] = func(ctx context.Context, r Resolver) (T, error)

// Singleton registers a T of which there is one for the container.
func Singleton[T any](r Registrar, build Constructor[T], opts ...Option) error {
	return Provide(r, SingletonLifetime, build, opts...)
}

// Scoped registers a T of which there is one for each scope.
func Scoped[T any](r Registrar, build Constructor[T], opts ...Option) error {
	return Provide(r, ScopedLifetime, build, opts...)
}

// Transient registers a T that is made for each resolve.
func Transient[T any](r Registrar, build Constructor[T], opts ...Option) error {
	return Provide(r, TransientLifetime, build, opts...)
}

// Value registers a value that exists already as a singleton. Nothing closes
// it unless the options say so.
func Value[T any](r Registrar, value T, opts ...Option) error {
	return provide(r, Registration{
		Key: KeyOf[T](), Borrowed: true, Build: func(context.Context, Resolver) (any, error) { return value, nil },
	}, opts)
}

// Provide registers a T of lifetime l. The options are those of a [Registration].
func Provide[T any](r Registrar, l Lifetime, build Constructor[T], opts ...Option) error {
	return provide(r, Registration{
		Key: KeyOf[T](), Lifetime: l, Build: func(ctx context.Context, r Resolver) (any, error) { return build(ctx, r) },
	}, opts)
}

func provide(r Registrar, reg Registration, opts []Option) error {
	for _, o := range opts {
		o(&reg)
	}
	return r.Register(reg)
}
