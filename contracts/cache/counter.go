package cache

import (
	"context"
	"time"
)

// A Counter is a [Store] that adds to numbers in one step. It is a cache's
// counter: an eviction begins it anew. Counts that must not be lost are state (contracts/state).
type Counter interface {
	Store
	// Increment adds delta, which may be negative, to the number under key and
	// returns the sum. Key without an entry counts as zero, and the sum then lives
	// for ttl; an entry that is there keeps the ttl that it has. The value is the
	// number as [strconv.FormatInt] writes it in base 10, for Get and from Set.
	// An entry that is not such a number, or a sum that no int64 holds, is an
	// error wrapping [ErrNumber], and the entry stays as it was.
	Increment(ctx context.Context, key string, delta int64, ttl time.Duration) (int64, error)
}
