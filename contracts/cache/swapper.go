package cache

import (
	"context"
	"time"
)

// A Swapper is a [Store] that changes an entry only if it is what the caller
// knows, in one step. Whoever fills an entry with what it computed from older
// data needs one: Create a placeholder, compute, and Swap it for the value; if
// somebody deleted or replaced the placeholder meanwhile, the fill is late and
// changes nothing.
//
// Arguments are refused as Set refuses them, before any effect.
type Swapper interface {
	Store
	// Create stores value under key for ttl if key has no entry, and returns an
	// error wrapping [ErrChanged] if it has one. Of several at the same time one succeeds.
	Create(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Swap does as Set if the value under key is old, byte for byte, and returns
	// an error wrapping [ErrChanged] if it is another or key has no entry.
	Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error
	// Remove deletes the entry under key if its value is old, byte for byte, and
	// returns an error wrapping [ErrChanged] if it is another or key has no entry.
	Remove(ctx context.Context, key string, old []byte) error
}
