// Package rediscache keeps cache entries in Redis: one server or a cluster.
//
//	store, err := rediscache.New(client, rediscache.Options{})
//
// The client is go-redis's own, such as redisclient.Open returns. Beside it are
// redislock, redisstate, redisidempotency and redislimit, which share that client.
package rediscache
