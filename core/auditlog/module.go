package auditlog

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// MemoryConfig configures [MemoryModule].
type MemoryConfig struct {
	// Max is that of [Memory].
	Max int `config:"max"`
}

// MemoryModule returns the module "memoryaudit", which exports a [Memory] as
// [audit.Appender] and [audit.Store]. It is a candidate of a choice of stores, such as
// boot.Choose("auditstore", …).
func MemoryModule(defaults MemoryConfig) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name: "memoryaudit", Config: cfg,
		Exports: []di.Key{di.KeyOf[audit.Appender](), di.KeyOf[audit.Store]()},
		Providers: []lifecycle.Provider{provider{"memoryaudit", func(r di.Registrar) error {
			err := di.Singleton(r, func(context.Context, di.Resolver) (*Memory, error) { return &Memory{Max: cfg.Max}, nil })
			if err != nil {
				return err
			}
			own := di.Needs(di.KeyOf[*Memory]())
			if err := di.Singleton(r, as[*Memory, audit.Appender], own); err != nil {
				return err
			}
			return di.Singleton(r, as[*Memory, audit.Store], own)
		}}},
	}
}

// Config configures [Module]: the section "auditlog".
type Config struct {
	Source    string        `config:"source"`    // see [Options]
	Retention time.Duration `config:"retention"` // how long entries are kept; 0 is for ever
	Timeout   time.Duration `config:"timeout"`   // see [Options]
}

// Module returns the module "auditlog", which exports a [Recorder] as [audit.Logger]. It
// needs the [audit.Appender] of a store, and signs entries if there is a
// [security.KeySource]. opts hold the defaults, and what
// configuration cannot say.
func Module(opts Options) module.Descriptor {
	cfg := &Config{Source: opts.Source, Retention: opts.Retention.Default, Timeout: opts.Timeout}
	needs := []di.Key{di.KeyOf[audit.Appender](), di.Optional(di.KeyOf[security.KeySource]())}
	return module.Descriptor{
		Name: "auditlog", Config: cfg, Needs: needs,
		Exports: []di.Key{di.KeyOf[audit.Logger]()},
		Providers: []lifecycle.Provider{provider{"auditlog", func(r di.Registrar) error {
			err := di.Singleton(r, func(ctx context.Context, r di.Resolver) (*Recorder, error) {
				to, err := di.Get[audit.Appender](ctx, r)
				if err != nil {
					return nil, err
				}
				keys, _, err := di.Maybe[security.KeySource](ctx, r)
				if err != nil {
					return nil, err
				}
				o := opts
				o.Source, o.Retention.Default, o.Timeout = cfg.Source, cfg.Retention, cfg.Timeout
				if o.Keys == nil {
					o.Keys = keys
				}
				return NewRecorder(to, o)
			}, di.Needs(needs...))
			if err != nil {
				return err
			}
			return di.Singleton(r, as[*Recorder, audit.Logger], di.Needs(di.KeyOf[*Recorder]()))
		}}},
	}
}

// as yields the module's own S as a contract that it implements.
func as[S, T any](ctx context.Context, r di.Resolver) (T, error) {
	s, err := di.Get[S](ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	return any(s).(T), nil
}

type provider struct {
	name     string
	register func(r di.Registrar) error
}

func (p provider) Name() string                  { return p.name }
func (p provider) Register(r di.Registrar) error { return p.register(r) }
