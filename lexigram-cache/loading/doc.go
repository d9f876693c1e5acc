// Package loading reads through caches: what is not there is loaded, once
// however many ask for it, and kept.
//
//	users, err := loading.New[User](store, loading.Options{TTL: time.Minute, Prefix: "user:"})
//	u, err := users.Fetch(ctx, id, func(ctx context.Context, id string) (User, error) { return db.User(ctx, id) })
//
// There are two levels: decoded values in this process ([Options].Local), and
// bytes in a store, which processes may share. The cache is an optimisation and
// never the reason that a read fails: an entry that cannot be read, decoded or
// stored is counted, logged, and loaded.
//
// # One load
//
// In a process callers of one key and tenant share a load; no caller's leaving
// ends it for the others. Processes share it over a store that is a
// [cache.Swapper]: the first puts a placeholder under the key, the lease, and
// the others wait for what replaces it. A process that dies holds them up for
// [Options].Lease at most. The lease follows "Scaling Memcache at Facebook"
// (Nishtala et al., NSDI 2013, §3.2.1), with the token in the entry itself.
//
// # No stale value after an invalidation
//
// [Cache.Forget] deletes the entry and with it a lease that is held; the load
// that began before cannot replace what is no longer there, in whatever process
// it runs, and whoever began to wait meanwhile fetches anew. So after Forget has
// returned, no Fetch that begins returns what was loaded before, in this
// process; in others none that begins [Cache.MaxStaleness] later. Values in
// Local are dropped when the store, a [cache.Watcher], reports their keys, and
// all of them when it loses sight. Over a store that is no Swapper, and while one
// cannot be reached, the promise holds for this process alone.
package loading
