package openai

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// ChatConfig is the configuration section of [ChatModule]; see [Options].
type ChatConfig struct {
	BaseURL          string                `config:"base_url"`
	APIKey           config.Secret[string] `config:"api_key"`
	Model            string                `config:"model"` // required
	Timeout          time.Duration         `config:"timeout"`
	ChunkTimeout     time.Duration         `config:"chunk_timeout"`
	MaxRetries       int                   `config:"max_retries"` // -1 means none
	MaxResponseBytes config.Size           `config:"max_response_bytes"`
	MaxTokensField   string                `config:"max_tokens_field"`
}

// Validate reports a missing model and an address or a key that cannot work.
func (c ChatConfig) Validate() error { return validate(c.BaseURL, c.APIKey.Reveal(), c.Model) }

func (c ChatConfig) options() Options {
	return Options{
		BaseURL: c.BaseURL, APIKey: c.APIKey, ChatModel: c.Model, Timeout: c.Timeout, ChunkTimeout: c.ChunkTimeout,
		MaxRetries: c.MaxRetries, MaxResponseBytes: int64(c.MaxResponseBytes), MaxTokensField: c.MaxTokensField,
	}
}

// EmbedConfig is the configuration section of [EmbedModule]; see [Options].
type EmbedConfig struct {
	BaseURL          string                `config:"base_url"`
	APIKey           config.Secret[string] `config:"api_key"`
	Model            string                `config:"model"` // required
	Timeout          time.Duration         `config:"timeout"`
	MaxRetries       int                   `config:"max_retries"` // -1 means none
	MaxResponseBytes config.Size           `config:"max_response_bytes"`
	BatchSize        int                   `config:"batch_size"`
	QueryPrefix      string                `config:"query_prefix"`
	DocumentPrefix   string                `config:"document_prefix"`
}

// Validate reports a missing model and an address or a key that cannot work.
func (c EmbedConfig) Validate() error { return validate(c.BaseURL, c.APIKey.Reveal(), c.Model) }

func (c EmbedConfig) options() Options {
	return Options{
		BaseURL: c.BaseURL, APIKey: c.APIKey, EmbedModel: c.Model, Timeout: c.Timeout,
		MaxRetries: c.MaxRetries, MaxResponseBytes: int64(c.MaxResponseBytes),
		BatchSize: c.BatchSize, QueryPrefix: c.QueryPrefix, DocumentPrefix: c.DocumentPrefix,
	}
}

func validate(base, key, model string) error {
	var v errs.ValidationError
	if base != "" {
		if err := urlProblem(base); err != nil {
			v.Add("base_url", "cannot be used: "+err.Error(), "URL")
		}
	}
	if checkKey(key) != nil {
		v.Add("api_key", "holds a character that no key has", "FORMAT")
	}
	if model == "" {
		v.Add("model", "is missing: name the model to use", "REQUIRED")
	}
	return v.Err()
}

const name = "openai"

// ChatModule returns a module "openai" that exports an [ai.ChatModel]. In an
// application that adds an [EmbedModule] too, one of them is given another Name,
// which is also that of its section, or each is a candidate of a choice.
func ChatModule(defaults ChatConfig) module.Descriptor {
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{&chatProvider{config: &defaults}},
		Exports:   []di.Key{di.KeyOf[ai.ChatModel]()},
		Config:    &defaults,
	}
}

// EmbedModule returns a module "openai" that exports an [ai.Embedder]; see
// [ChatModule] for an application that adds both.
func EmbedModule(defaults EmbedConfig) module.Descriptor {
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{&embedProvider{config: &defaults}},
		Exports:   []di.Key{di.KeyOf[ai.Embedder]()},
		Config:    &defaults,
	}
}

type chatProvider struct{ config *ChatConfig }

func (*chatProvider) Name() string { return name }

func (p *chatProvider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (ai.ChatModel, error) {
		if err := p.config.Validate(); err != nil {
			return nil, err
		}
		return New(p.config.options())
	})
}

type embedProvider struct{ config *EmbedConfig }

func (*embedProvider) Name() string { return name }

func (p *embedProvider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (ai.Embedder, error) {
		if err := p.config.Validate(); err != nil {
			return nil, err
		}
		return New(p.config.options())
	})
}
