// Package redisclient opens the client that the packages beside it share: one
// server of Redis 7, or a cluster of them.
//
//	client, err := redisclient.Open(ctx, redisclient.Config{URL: config.NewSecret("redis://app:secret@127.0.0.1:6379/0")})
//
// The client is go-redis's own: a program that has one already gives that to
// the packages beside, and needs no other.
package redisclient
