// Package erasure seals the data of events with a key of whom they are about, so
// that deleting the key erases them from a log from which nothing is deleted,
// and from every backup of it.
//
//	store, err := erasure.New(log, erasure.Options{
//		Keys:    keys,     // a state.Store that keeps them, such as sqlstate in a database of its own
//		Master:  envelope, // a security.Sealer, which seals the keys
//		Subject: func(stream string, ev events.Event) string { return stream }, // "customer-7"
//	})
//	existed, err := store.Erase(ctx, "customer-7")
//
// Erased events are still there, at their versions and positions, and read as
// tombstones; see [Erased]. Only Data are sealed: IDs, types, keys, headers and
// names of streams hold nothing that would have to be erased. Neither do
// snapshots and projections forget by themselves: they are the caller's to delete.
//
// The keys are kept apart from the events, and their backups for as long only as an
// erasure may take; without the keys, all is erased.
package erasure
