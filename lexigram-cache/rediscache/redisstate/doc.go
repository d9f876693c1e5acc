// Package redisstate keeps pieces of state that processes share in Redis: a
// state.Store.
//
//	store, err := redisstate.New(client, redisstate.Options{})
//
// The server must not evict: with another maxmemory-policy than noeviction, state
// may vanish before its time, and the health check says so.
package redisstate
