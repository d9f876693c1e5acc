package cqrs

import (
	"context"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of buses. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_CQRS_001", errs.Unknown, "cqrs")
	// ErrNoHandler reports a message of which no handler is registered, by its exact type.
	ErrNoHandler = Err.Sub("LEX_ERR_EVT_002", errs.Internal, "cqrs: no handler")
	// ErrDuplicate reports a second handler of one type.
	ErrDuplicate = Err.Sub("LEX_ERR_EVT_003", errs.Internal, "cqrs: there is a handler already")
	// ErrCommand and ErrQuery are matched by what a handler or middleware returned, and by its
	// panic, beside the error itself; the kind is that of the error.
	ErrCommand = Err.Sub("LEX_ERR_EVT_005", errs.Unknown, "cqrs: command failed")
	ErrQuery   = Err.Sub("LEX_ERR_EVT_006", errs.Unknown, "cqrs: query failed")
	// ErrMessage reports a message that is nil, and a registration that is not whole.
	ErrMessage = Err.Sub("LEX_ERR_CQRS_002", errs.Internal, "cqrs: invalid message or handler")
	// ErrResult reports a sender that wants another type of result than the handler has.
	ErrResult = Err.Sub("LEX_ERR_CQRS_003", errs.Internal, "cqrs: result is of another type")
)

// A Handler handles messages of one type. It is safe for concurrent use.
type Handler func(ctx context.Context, message any) (result any, err error)

// A Middleware makes a handler of another one, to do something before and after it, or
// instead. It is called once for each registration.
type Middleware func(next Handler) Handler

// A Registration is what [Handle] and [Answer] make; few need to make one themselves.
type Registration struct {
	Message reflect.Type // of which it handles values: no interface
	Result  reflect.Type // of what it returns
	Handle  Handler
}

// A CommandBus has one handler for each type of command, and sends it commands, in the
// goroutine of the sender. It is safe for concurrent use; a handler may use the bus.
type CommandBus interface {
	// Register adds a handler, for calls of Dispatch that begin after it returned. A
	// type that has one is an error wrapping [ErrDuplicate]; a registration that lacks
	// something, or is of an interface, one wrapping [ErrMessage].
	Register(r Registration) error

	// Dispatch calls the handler of the command's exact type, within the bus's middleware,
	// whose first is the outermost, and returns its result. The errors are, before anything is
	// called: a command that is nil is one wrapping [ErrMessage]; no handler, one wrapping
	// [ErrNoHandler] that names the type, and the registered one that was probably meant; a
	// result type, if it is not nil, that the handler's is not and does not implement, one
	// wrapping [ErrResult]; a ctx that has ended, one wrapping its cause. After that, what the
	// handler returned, or its panic as a [*errs.PanicError], wrapped once, with [ErrCommand];
	// then the result is nil.
	Dispatch(ctx context.Context, command any, result reflect.Type) (any, error)
}

// A QueryBus is to queries what a [CommandBus] is to commands.
type QueryBus interface {
	// Register adds a handler; see [CommandBus].
	Register(r Registration) error

	// Execute calls the query's handler as [CommandBus] says of Dispatch, with [ErrQuery].
	Execute(ctx context.Context, query any, result reflect.Type) (any, error)
}

// Handle registers fn as the handler of commands of the type C, which is no interface. For
// a command without a result, R is struct{}.
func Handle[C, R any](bus CommandBus, fn func(ctx context.Context, command C) (R, error)) error {
	return bus.Register(registration(fn))
}

// Dispatch sends a command and returns its result, of the type that the handler returns, or
// an interface that it implements. The errors are those of [CommandBus].
func Dispatch[R any](ctx context.Context, bus CommandBus, command any) (R, error) {
	v, err := bus.Dispatch(ctx, command, reflect.TypeFor[R]())
	return as[R](v, command, err)
}

// Answer registers fn as the handler of queries of the type Q, which is no interface.
func Answer[Q, R any](bus QueryBus, fn func(ctx context.Context, query Q) (R, error)) error {
	return bus.Register(registration(fn))
}

// Ask sends a query and returns its result; see [Dispatch].
func Ask[R any](ctx context.Context, bus QueryBus, query any) (R, error) {
	v, err := bus.Execute(ctx, query, reflect.TypeFor[R]())
	return as[R](v, query, err)
}

func registration[M, R any](fn func(context.Context, M) (R, error)) Registration {
	r := Registration{Message: reflect.TypeFor[M](), Result: reflect.TypeFor[R]()}
	if fn != nil {
		r.Handle = func(ctx context.Context, message any) (any, error) {
			m, ok := message.(M)
			if !ok { // a middleware passed on another message
				return nil, ErrMessage.Wrap(nil, "cqrs: handler of %v was given a %T", reflect.TypeFor[M](), message)
			}
			v, err := fn(ctx, m)
			if err != nil {
				return nil, err
			}
			return v, nil
		}
	}
	return r
}

func as[R any](v, message any, err error) (R, error) {
	r, ok := v.(R)
	if err == nil && !ok && v != nil { // a middleware answered something else
		err = ErrResult.Wrap(nil, "cqrs: %T was answered with a %T, not a %v", message, v, reflect.TypeFor[R]())
	}
	if err != nil {
		var none R
		return none, err
	}
	return r, nil
}
