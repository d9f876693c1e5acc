package sqllock

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/storemodule"
)

// name is the module's and its configuration section's.
const name = "sqllock"

// Config is the section "sqllock".
type Config struct {
	// File is the name of the file that the leases have where the database is
	// SQLite, beside the database's and without extension. "" means "sqllock".
	// Applications in one directory need names of their own.
	File string `config:"file"`
	// Keep is that of [Options].
	Keep time.Duration `config:"keep"`
	// Sweep is the mean pause between two [Store.Sweep]. 0 means 10 minutes.
	Sweep time.Duration `config:"sweep"`
	// Logger is told of a Sweep that failed. nil discards.
	Logger *slog.Logger `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	storemodule.CheckEvery(&v, c.Sweep)
	if c.Keep != 0 && c.Keep < time.Minute {
		v.Add("keep", "must be at least 1m; leave it out for 24h", "RANGE")
	}
	return v.Err()
}

// Module returns the module "sqllock", which needs a [sqldb.DB] and exports a
// [lock.Store] and the [sqldb.Migrations] named "sqllock". Where the database is
// SQLite, it opens a file of its own beside it, brings that up to date itself, and
// closes it; the table that [Migrations] then makes in the application's file stays
// empty. It sweeps in the background from bootstrap on until it is stopped.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return storemodule.Describe(storemodule.Spec[*Store]{
		Name: name, Migrations: Migrations(), Config: cfg, Logger: cfg.Logger,
		Exports: []di.Key{di.KeyOf[lock.Store]()},
		File:    func() string { return cmp.Or(cfg.File, name) },
		Sweep:   func(ctx context.Context, s *Store) (int64, error) { return s.Sweep(ctx) },
		Every:   func() time.Duration { return cfg.Sweep },
		Build: func(_ context.Context, _ di.Resolver, db sqldb.DB) (*Store, error) {
			return New(db, Options{Keep: cfg.Keep})
		},
		Offer: []func(di.Registrar, di.Option) error{storemodule.As[*Store, lock.Store]},
	})
}
