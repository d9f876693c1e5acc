package extractive

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Config is the configuration section of [Module].
type Config struct {
	MaxSentences     int `config:"max_sentences"`      // that an answer quotes; 0 means DefaultMaxSentences
	MaxSentenceBytes int `config:"max_sentence_bytes"` // a longer one is not quoted; 0 means DefaultMaxSentenceBytes
}

// Validate reports negative numbers.
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.MaxSentences < 0 {
		v.Add("max_sentences", "is negative", "RANGE")
	}
	if c.MaxSentenceBytes < 0 {
		v.Add("max_sentence_bytes", "is negative", "RANGE")
	}
	return v.Err()
}

// Module returns the module "extractive", which exports an [ai.ChatModel].
func Module(defaults Config) module.Descriptor {
	return module.Descriptor{
		Name:      "extractive",
		Providers: []lifecycle.Provider{&provider{config: &defaults}},
		Exports:   []di.Key{di.KeyOf[ai.ChatModel]()},
		Config:    &defaults,
	}
}

type provider struct{ config *Config }

func (*provider) Name() string { return "extractive" }

func (p *provider) Register(r di.Registrar) error {
	return di.Provide(r, func(context.Context, di.Resolver) (ai.ChatModel, error) {
		return New(Options{MaxSentences: p.config.MaxSentences, MaxSentenceBytes: p.config.MaxSentenceBytes}), nil
	})
}
