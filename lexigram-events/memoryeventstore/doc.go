// Package memoryeventstore keeps streams of events in the memory of this process.
//
//	store := memoryeventstore.New()
//	done, err := store.Append(ctx, "order-7", eventstore.NoStream, placed)
//
// Nothing is evicted, because a stream without its first events is none: it is
// for tests and for what may end with the process.
package memoryeventstore
