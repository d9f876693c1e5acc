package memorystate

import (
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultMaxBytes bounds a [Store] whose [Options] name no bound.
const DefaultMaxBytes config.Size = 64 << 20

// overhead is what an entry costs beside its key and value: the entry, its
// place in the hash table and the heap.
const overhead = 160

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// MaxBytes bounds the weight of all live entries: the bytes of the key and the
	// value, and 160 for the entry itself. What does not fit is refused
	// with [state.ErrFull]; nothing is dropped for it. 0 means [DefaultMaxBytes].
	MaxBytes config.Size `config:"max_bytes"`
	// Clock measures ttls by its Monotonic. nil means clock.System{}.
	Clock clock.Clock `config:"-"`
}

// Config is what [Module] is configured with: the section "memorystate" has the key max_bytes.
type Config = Options

// Validate returns an [errs.ValidationError] if the bound is negative.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.MaxBytes < 0 {
		v.Add("max_bytes", "must not be negative; leave it out for 64MiB", "")
	}
	return v.Err()
}
