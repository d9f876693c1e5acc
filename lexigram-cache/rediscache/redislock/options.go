package redislock

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// DefaultKeep is how long a fence is remembered after its lease if [Options] do not say.
const DefaultKeep = 24 * time.Hour

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// Prefix begins every key and channel, as prefix:lock:name, and tells the stores
	// of several applications apart: up to 64 letters, digits and . _ -. "" means "lexigram".
	Prefix string `config:"prefix"`
	// Keep is how long the last fence of a name outlives its lease, at least a minute:
	// clocks of servers that take over from each other differ by less. 0 means [DefaultKeep].
	Keep time.Duration `config:"keep"`
}

// Config is what [Module] is configured with: the section "redislock" has the keys prefix and keep.
type Config = Options

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	wire.CheckPrefix(&v, "prefix", o.Prefix)
	if o.Keep != 0 && o.Keep < time.Minute {
		v.Add("keep", "must be at least 1m; leave it out for 24h", "RANGE")
	}
	return v.Err()
}
