// Package loading reads through a cache: what is not there is loaded, once
// however many ask for it, and stored.
//
//	users, err := loading.New[User](store, loading.Options{TTL: time.Minute, Prefix: "user:"})
//	u, err := users.Get(ctx, id, func(ctx context.Context) (User, error) { return db.User(ctx, id) })
//
// The cache is an optimisation and never the reason that a read fails: an entry
// that cannot be read, decoded or stored is counted, logged, and loaded.
package loading
