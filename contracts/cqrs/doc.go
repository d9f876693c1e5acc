// Package cqrs is the contract between code that sends commands and queries and the one
// handler of each.
//
//	err := cqrs.Handle(bus, func(ctx context.Context, c PlaceOrder) (OrderID, error) { … })
//	id, err := cqrs.Dispatch[OrderID](ctx, bus, PlaceOrder{Items: items})
//
// A command changes something, a query answers something: they have buses of their own, so
// that a handler of one is not taken for the other. What accompanies a message, such as
// tenant and trace, is in its context.
package cqrs
