package memorycache

import (
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// DefaultMaxBytes bounds a [Store] whose [Options] name no bound.
const DefaultMaxBytes config.Size = 64 << 20

// overhead is what an entry costs beside its key and value: the node, its
// place in the hash table and the eviction queues. Without it, a million empty
// values would weigh nothing.
const overhead = 128

// Options bound a [Store]. The zero value is a bound of [DefaultMaxBytes].
type Options struct {
	// MaxBytes bounds the weight of all entries: the bytes of the key and the
	// value, and 128 for the entry itself. 0 means [DefaultMaxBytes] unless
	// MaxEntries is set. An entry heavier than the bound is evicted at once.
	MaxBytes config.Size `config:"max_bytes"`
	// MaxEntries bounds the number of entries instead, whatever their size. At
	// most one of the two bounds may be set.
	MaxEntries int `config:"max_entries"`
	// Observer samples the gauges "cache.entries", "cache.bytes", "cache.hits",
	// "cache.misses" and "cache.evictions": the figures of [Store.Stats].
	Observer observe.Observer `config:"-"`
}

// Config is what [Module] is configured with: the section "memorycache" has the keys max_bytes and max_entries.
type Config = Options

// Validate returns an [errs.ValidationError] if a bound is negative or both are set.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.MaxBytes < 0 {
		v.Add("max_bytes", "must not be negative; leave it out for 64MiB", "")
	}
	if o.MaxEntries < 0 {
		v.Add("max_entries", "must not be negative; leave it out to bound bytes instead", "")
	}
	if o.MaxBytes > 0 && o.MaxEntries > 0 {
		v.Add("max_entries", "cannot be set beside max_bytes: set one of them", "CONFLICT")
	}
	return v.Err()
}
