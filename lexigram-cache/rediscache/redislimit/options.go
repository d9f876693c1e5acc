package redislimit

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Options say how a [Limiter] works. The zero value is ready to use.
type Options struct {
	// Prefix begins every key, as prefix:limit:name:key, and tells the limiters of several
	// applications apart: up to 64 letters, digits and . _ -. "" means "lexigram".
	Prefix string
	// Name tells the limiters of one application apart, as Prefix does. Those of one
	// name count together, and have one rate. "" means "default".
	Name string
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	wire.CheckPrefix(&v, "prefix", o.Prefix)
	wire.CheckPrefix(&v, "name", o.Name)
	return v.Err()
}

// Config is what [Module] is configured with: the section "redislimit". The zero value lacks a rate.
type Config struct {
	// Prefix and Name are those of [Options].
	Prefix string `config:"prefix"`
	Name   string `config:"name"`
	// Events, Per and Burst are those of [resilience.Rate].
	Events int           `config:"events"`
	Per    time.Duration `config:"per"`
	Burst  int           `config:"burst"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	if err := c.rate().Validate(); err != nil {
		return err
	}
	return c.options().Validate()
}

func (c Config) rate() resilience.Rate {
	return resilience.Rate{Events: c.Events, Per: c.Per, Burst: c.Burst}
}

func (c Config) options() Options { return Options{Prefix: c.Prefix, Name: c.Name} }
