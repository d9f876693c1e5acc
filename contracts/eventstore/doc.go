// Package eventstore is the contract of an append-only log of streams with
// optimistic concurrency: a stream is the history of one thing, and all streams
// together are one sequence that readers follow.
//
//	done, err := store.Append(ctx, "order-7", eventstore.NoStream, placed)
//	for rec, err := range store.Read(ctx, "order-7", 0) {
package eventstore
