// Package commandbus has the buses of commands and queries of one process: a handler for
// each type, found without reflection but for the message's type, and called where the
// sender is.
//
//	bus, err := commandbus.NewCommands(commandbus.Options{Middleware: []cqrs.Middleware{audited}})
//	err = cqrs.Handle(bus, placeOrder)
//	id, err := cqrs.Dispatch[OrderID](ctx, bus, PlaceOrder{Items: items})
package commandbus
