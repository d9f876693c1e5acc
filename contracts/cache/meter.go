package cache

import "context"

// Stats are the figures of a store. One that the store cannot tell is negative.
type Stats struct {
	Entries   int64 `json:"entries"`   // about how many are there
	Bytes     int64 `json:"bytes"`     // about how much memory they take
	Hits      int64 `json:"hits"`      // reads that found an entry, since the store or its server began
	Misses    int64 `json:"misses"`    // reads that found none
	Evictions int64 `json:"evictions"` // entries that were dropped to make room
}

// A Meter is a [Store] that tells its figures. Those of a server may count what
// else it holds.
type Meter interface {
	Store
	// Stats returns the figures of now.
	Stats(ctx context.Context) (Stats, error)
}
