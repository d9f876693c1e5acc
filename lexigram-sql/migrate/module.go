package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Config has the keys of the section "migrate".
type Config struct {
	// OnStart is what happens to pending migrations when the application
	// starts: "apply" them, which "" is too; "check" that there are none, and
	// fail otherwise; or "wait", that is, start, and be ready only when none is left.
	OnStart     string        `config:"on_start"`
	Table       string        `config:"table"`        // as in Options
	LockTimeout time.Duration `config:"lock_timeout"` // as in Options
}

// Validate implements config.Validator.
func (c Config) Validate() error {
	switch c.OnStart {
	case "", "apply", "check", "wait":
	default:
		return Err.Wrap(fmt.Errorf("%.40q is not one of apply, check and wait", c.OnStart), "migrate: on_start")
	}
	if c.LockTimeout < 0 {
		return Err.Wrap(fmt.Errorf("%v is negative", c.LockTimeout), "migrate: lock_timeout")
	}
	return nil
}

func (c *Config) options() Options {
	if c == nil {
		return Options{}
	}
	return Options{Table: c.Table, LockTimeout: c.LockTimeout}
}

// Module applies every [sqldb.Migrations] of the application to its [sqldb.DB]
// while it boots, before the providers that use the tables do. It offers a
// [health.Check] named "migrate", which is ready while nothing is pending, and
// contributes migrate status, plan, up, down and lint, and gen migration, to a
// command line. Its configuration starts from defaults.
func Module(defaults Config) module.Descriptor {
	p := provider{cfg: &defaults}
	return module.Descriptor{
		Name: "migrate", Providers: []lifecycle.Provider{p}, Needs: p.Needs(), Config: p.cfg,
		Exports: []di.Key{di.KeyOf[health.Check]("migrate")},
	}
}

type provider struct{ cfg *Config }

var (
	_ lifecycle.Provider    = provider{}
	_ lifecycle.Booter      = provider{}
	_ lifecycle.Prioritizer = provider{}
)

func (provider) Name() string { return "migrate" }

func (provider) Priority() lifecycle.Priority { return lifecycle.Infrastructure }

func (p provider) Register(r di.Registrar) error {
	return errs.Join(
		di.Value[cli.Contributor](r, Commands{p.cfg}, di.Named("migrate")),
		di.Singleton(r, p.check, di.Needs(p.Needs()...), di.Named("migrate")),
	)
}

func (provider) Needs() []di.Key {
	return []di.Key{di.KeyOf[sqldb.DB](), di.KeyOf[sqldb.Migrations]("*")}
}

func (p provider) check(ctx context.Context, r di.Resolver) (health.Check, error) {
	m, err := Commands(p).migrator(ctx, r)
	return health.Check{Name: "migrate", Checker: m}, err
}

func (p provider) Boot(ctx context.Context, r di.Resolver) error {
	if err := p.cfg.Validate(); err != nil {
		return err
	}
	m, err := Commands(p).migrator(ctx, r)
	if err != nil {
		return err
	}
	switch p.cfg.OnStart {
	case "wait":
		return nil
	case "check":
		pending, err := m.Pending(ctx)
		if err == nil && len(pending) > 0 {
			err = Err.Wrap(fmt.Errorf("the first is %s %s: run migrate up before", pending[0].Source, pending[0].Name), "migrate: %d are pending", len(pending))
		}
		return err
	}
	_, err = m.Up(ctx)
	return err
}
