// Package ratelimit holds keys to a rate in this process, and makes limiters that
// processes share quicker and harder to break.
//
//	limiter, err := ratelimit.New(resilience.Rate{Events: 100, Per: time.Minute}, ratelimit.Options{})
//
// [Limiter] counts in memory, within a bound. [Lease] and [Fallback] are around any
// resilience.Limiter, such as redislimit's: the first takes several events at a time,
// so that most calls ask nobody; the second says what happens where the other
// fails: it stays closed, opens, or counts locally.
package ratelimit
