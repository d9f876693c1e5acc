package memoryidempotency

import (
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultMaxBytes bounds a [Store] whose [Options] name no bound.
const DefaultMaxBytes config.Size = 64 << 20

// overhead is what a record costs beside its texts and result: the record, its
// place in the hash table and the heap.
const overhead = 256

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// MaxBytes bounds the weight of all live records: the bytes of the key, the
	// token, the fingerprint and the result, and 256 for the record itself. What does
	// not fit is refused with [idempotency.ErrFull]; nothing is dropped for it. 0
	// means [DefaultMaxBytes].
	MaxBytes config.Size `config:"max_bytes"`
	// Clock gives the times of records by its Now, and measures ttls by its
	// Monotonic. nil means clock.System{}.
	Clock clock.Clock `config:"-"`
}

// Config is what [Module] is configured with: the section "memoryidempotency" has the key max_bytes.
type Config = Options

// Validate returns an [errs.ValidationError] if the bound is negative.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.MaxBytes < 0 {
		v.Add("max_bytes", "must not be negative; leave it out for 64MiB", "")
	}
	return v.Err()
}
