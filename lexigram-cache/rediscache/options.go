package rediscache

import (
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// MaxValue is what Redis takes at most as one value (proto-max-bulk-len).
const MaxValue config.Size = 512 << 20

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// Prefix begins every key, as prefix:cache:key, and tells the stores of
	// several applications in one database apart: up to 64 letters, digits and . _ -.
	// "" means "lexigram".
	Prefix string `config:"prefix"`
	// MaxValue is how long a value may be; Set of a longer one is [cache.ErrSize], before
	// anything is sent. 0 means [MaxValue], which is also the most.
	MaxValue config.Size `config:"max_value"`
}

// Config is what [Module] is configured with: the section "rediscache" has the keys prefix and max_value.
type Config = Options

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	wire.CheckPrefix(&v, "prefix", o.Prefix)
	if o.MaxValue < 0 || o.MaxValue > MaxValue {
		v.Add("max_value", "is not one of 0 to 512MiB", "RANGE")
	}
	return v.Err()
}
