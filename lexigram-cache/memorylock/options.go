package memorylock

import (
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultMaxLeases bounds a [Store] whose [Options] name no bound.
const DefaultMaxLeases = 65_536

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// MaxLeases bounds how many leases are live at a time; an Acquire beyond it is
	// [lock.ErrFull]. 0 means [DefaultMaxLeases].
	MaxLeases int `config:"max_leases"`
	// Clock gives fences and the times of Info by its Now, and measures ttls by
	// its Monotonic. nil means clock.System{}.
	Clock clock.Clock `config:"-"`
}

// Config is what [Module] is configured with: the section "memorylock" has the key max_leases.
type Config = Options

// Validate returns an [errs.ValidationError] if the bound is negative.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.MaxLeases < 0 {
		v.Add("max_leases", "must not be negative; leave it out for 65536", "")
	}
	return v.Err()
}
