package sqlidempotency

import (
	"context"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/storemodule"
)

// name is the module's and its configuration section's.
const name = "sqlidempotency"

// Config is the section "sqlidempotency".
type Config struct {
	// Sweep is the mean pause between two [Store.Sweep]. 0 means 10 minutes.
	Sweep time.Duration `config:"sweep"`
	// Logger is told of a Sweep that failed. nil discards.
	Logger *slog.Logger `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	storemodule.CheckEvery(&v, c.Sweep)
	return v.Err()
}

// Module returns the module "sqlidempotency", which needs a [sqldb.DB] and exports an
// [idempotency.Store] in it and the [sqldb.Migrations] named "sqlidempotency". It sweeps
// in the background from bootstrap on until it is stopped.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return storemodule.Describe(storemodule.Spec[*Store]{
		Name: name, Migrations: Migrations(), Config: cfg, Logger: cfg.Logger,
		Exports: []di.Key{di.KeyOf[idempotency.Store]()},
		Sweep:   func(ctx context.Context, s *Store) (int64, error) { return s.Sweep(ctx) },
		Every:   func() time.Duration { return cfg.Sweep },
		Build:   func(_ context.Context, _ di.Resolver, db sqldb.DB) (*Store, error) { return New(db) },
		Offer:   []func(di.Registrar, di.Option) error{storemodule.As[*Store, idempotency.Store]},
	})
}
