package commandbus

import (
	"context"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options are those of a bus. The zero value has no middleware and reports nothing.
type Options struct {
	// Middleware is around every handler, the first outermost.
	Middleware []cqrs.Middleware
	// Observer reports each message that has a handler, as "cqrs.command" or "cqrs.query",
	// with the attribute type.
	Observer observe.Observer
}

// Commands is a [cqrs.CommandBus]. It is safe for concurrent use; sending takes no lock. The
// zero value is a bus without middleware.
type Commands struct{ r registry }

var _ cqrs.CommandBus = (*Commands)(nil)

// NewCommands returns a bus without handlers, or an error wrapping [cqrs.ErrMessage] if a
// middleware is nil.
func NewCommands(opts Options) (*Commands, error) {
	b := &Commands{}
	if err := b.r.init(opts); err != nil {
		return nil, err
	}
	return b, nil
}

// Register adds a handler; see [cqrs.CommandBus]. A middleware that makes nil of it, or
// panics, is an error wrapping [cqrs.ErrMessage].
func (b *Commands) Register(r cqrs.Registration) error { return b.r.register(command, r) }

// Dispatch calls the command's handler; see [cqrs.CommandBus].
func (b *Commands) Dispatch(ctx context.Context, cmd any, result reflect.Type) (any, error) {
	return b.r.send(ctx, command, cmd, result)
}

// Queries is a [cqrs.QueryBus]. It is safe for concurrent use; sending takes no lock. The
// zero value is a bus without middleware.
type Queries struct{ r registry }

var _ cqrs.QueryBus = (*Queries)(nil)

// NewQueries returns a bus without handlers; see [NewCommands].
func NewQueries(opts Options) (*Queries, error) {
	b := &Queries{}
	if err := b.r.init(opts); err != nil {
		return nil, err
	}
	return b, nil
}

// Register adds a handler; see [Commands.Register].
func (b *Queries) Register(r cqrs.Registration) error { return b.r.register(query, r) }

// Execute calls the query's handler; see [cqrs.QueryBus].
func (b *Queries) Execute(ctx context.Context, q any, result reflect.Type) (any, error) {
	return b.r.send(ctx, query, q, result)
}
