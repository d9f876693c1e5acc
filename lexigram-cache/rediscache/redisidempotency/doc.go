// Package redisidempotency keeps claims and results of work that is done once in
// Redis: an idempotency.Store.
//
//	store, err := redisidempotency.New(client, redisidempotency.Options{})
//
// A result and the effect of the work are not one commit here: for "exactly once"
// keep claims in the database that the effect is in (package idempotency says why). The server must not evict, and the health check says so where it may.
package redisidempotency
