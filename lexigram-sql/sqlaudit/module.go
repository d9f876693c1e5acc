package sqlaudit

import (
	"context"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/storemodule"
)

// name is the module's and its configuration section's.
const name = "sqlaudit"

// Config is the section "sqlaudit".
type Config struct {
	// Sweep is the mean pause between two [Store.DeleteExpired]. 0 means 10 minutes.
	Sweep time.Duration `config:"sweep"`
	// Clock says what has expired. nil means clock.System{}.
	Clock clock.Clock `config:"-"`
	// Logger is told of a DeleteExpired that failed. nil discards.
	Logger *slog.Logger `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	storemodule.CheckEvery(&v, c.Sweep)
	return v.Err()
}

// Module returns the module "sqlaudit", which needs a [sqldb.DB] and exports an
// [audit.Appender] and an [audit.Store] in it, and the [sqldb.Migrations] named
// "sqlaudit". It deletes what has expired in the background, from bootstrap on until it
// is stopped.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	return storemodule.Describe(storemodule.Spec[*Store]{
		Name: name, Migrations: Migrations(), Config: cfg, Logger: cfg.Logger,
		Exports: []di.Key{di.KeyOf[audit.Appender](), di.KeyOf[audit.Store]()},
		Sweep:   func(ctx context.Context, s *Store) (int64, error) { return s.DeleteExpired(ctx, cfg.Clock.Now()) },
		Every:   func() time.Duration { return cfg.Sweep },
		Build:   func(_ context.Context, _ di.Resolver, db sqldb.DB) (*Store, error) { return New(db) },
		Offer:   []func(di.Registrar, di.Option) error{storemodule.As[*Store, audit.Appender], storemodule.As[*Store, audit.Store]},
	})
}
