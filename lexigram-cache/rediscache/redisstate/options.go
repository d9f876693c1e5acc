package redisstate

import (
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Options say how a [Store] works. The zero value is ready to use.
type Options struct {
	// Prefix begins every key, as prefix:state:key, and tells the stores of several
	// applications apart: up to 64 letters, digits and . _ -. "" means "lexigram".
	Prefix string `config:"prefix"`
}

// Config is what [Module] is configured with: the section "redisstate" has the key prefix.
type Config = Options

// Validate returns an [errs.ValidationError] if the prefix is none.
func (o Options) Validate() error {
	var v errs.ValidationError
	wire.CheckPrefix(&v, "prefix", o.Prefix)
	return v.Err()
}
