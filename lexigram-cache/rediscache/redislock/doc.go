// Package redislock holds leases in Redis: a lock.Store for services of many
// processes.
//
//	store, err := redislock.New(client, redislock.Options{})
//
// # What a fence is worth here
//
// A lease and the last fence of its name are one key, and every change of it is one
// script. Fences grow with each lease on a name: past expiry, for Options.Keep after
// it, and past the loss of the key, because a fence is never less than the server's
// clock in microseconds. So FLUSHALL, a restart without a file and the promotion of a
// replica that lacks the last leases let a second owner in while the first believes
// that it holds the name, and the second one's fence is the greater: a resource that
// looks at fences is safe. It is not if data and clock are lost together: the new
// master's clock is behind the old one's by more than the time between the two leases.
package redislock
