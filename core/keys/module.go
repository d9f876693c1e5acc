package keys

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// name is the module's and its configuration section's.
const name = "keys"

// Config configures [Module]: the section "keys".
type Config struct {
	// Secret is what the keys are derived from, as by [FromSecret]: at least 32 random bytes.
	Secret config.Secret[string] `config:"secret"`
	// IDs are those of the keys, the current one first: to rotate, put a new one
	// before the others; what was sealed with one that is left out cannot be opened.
	IDs []string `config:"ids"`
}

// Module returns the module "keys", which exports the keys of a secret as
// [security.KeySource], and an [Envelope] with keys derived from them as
// [security.Sealer]. A program whose keys are elsewhere provides its own. Without
// a secret or an ID it does not boot: the error wraps [security.ErrKey].
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[security.KeySource](), di.KeyOf[security.Sealer]()},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (provider) Name() string { return name }

func (p provider) Register(r di.Registrar) error {
	return errors.Join(
		di.Singleton(r, func(context.Context, di.Resolver) (security.KeySource, error) {
			return FromSecret(p.cfg.Secret, p.cfg.IDs...)
		}),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (security.Sealer, error) {
			source, err := di.Get[security.KeySource](ctx, r)
			if err != nil {
				return nil, err
			}
			return NewEnvelope(Derived(source, "seal"))
		}, di.Needs(di.KeyOf[security.KeySource]())))
}
