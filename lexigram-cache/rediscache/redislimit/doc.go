// Package redislimit holds keys to a rate that all processes share, in Redis: a
// resilience.Limiter.
//
//	limiter, err := redislimit.New(client, resilience.Rate{Events: 100, Per: time.Minute}, redislimit.Options{})
//
// It fails closed: where the server cannot be asked, Allow returns an error, and the
// caller decides. What opens or counts locally instead, and what saves round trips
// by taking several events at a time, is a wrapper over any limiter: package
// ratelimit of lexigram-cache has both.
package redislimit
