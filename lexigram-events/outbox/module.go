package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/background"
)

// Config is the section "outbox"; the fields are those of [Options] and
// [RelayOptions].
type Config struct {
	Lag            time.Duration    `config:"lag"`
	Batch          int              `config:"batch"`
	Parallel       int              `config:"parallel"`
	Poll           time.Duration    `config:"poll"`
	Lease          time.Duration    `config:"lease"`
	MaxAttempts    int              `config:"max_attempts"`
	RetryBase      time.Duration    `config:"retry_base"`
	RetryCap       time.Duration    `config:"retry_cap"`
	Retention      time.Duration    `config:"retention"`
	InboxRetention time.Duration    `config:"inbox_retention"`
	ReclaimOnStart bool             `config:"reclaim_on_start"`
	Publisher      string           `config:"-"` // di name of the events.Publisher that the relay sends to; "" is the plain one
	Clock          clock.Clock      `config:"-"`
	Logger         *slog.Logger     `config:"-"`
	Observer       observe.Observer `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.Lag < 0 {
		v.Add("lag", fmt.Sprintf("is %v: it must not be negative", c.Lag), "RANGE")
	}
	o := c.relay()
	o.fill(func(_, key, problem string) { v.Add(key, problem, "RANGE") })
	return v.Err()
}

func (c Config) relay() RelayOptions {
	return RelayOptions{
		Batch: c.Batch, Parallel: c.Parallel, Poll: c.Poll, Lease: c.Lease, MaxAttempts: c.MaxAttempts,
		RetryBase: c.RetryBase, RetryCap: c.RetryCap, Retention: c.Retention, InboxRetention: c.InboxRetention,
		ReclaimOnStart: c.ReclaimOnStart, Clock: c.Clock, Logger: c.Logger, Observer: c.Observer,
	}
}

// Module offers an [*Outbox], by its concrete type so that it never hides the
// plain [events.Publisher], an [*Inbox], [sqldb.Migrations] and a
// [health.Check], both named "outbox". It needs a [sqldb.DB] and an
// [events.Publisher]. Its relay starts when the whole application has booted,
// so that subscriptions stand, and stops when the application drains. To a command
// line it contributes outbox dlq list, replay and discard.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "outbox",
		Providers: []lifecycle.Provider{&provider{cfg: &cfg, publisher: publisherKey(defaults)}},
		Needs:     []di.Key{di.KeyOf[sqldb.DB](), publisherKey(defaults)},
		Exports: []di.Key{
			di.KeyOf[*Outbox](), di.KeyOf[*Inbox](),
			di.KeyOf[sqldb.Migrations]("outbox"), di.KeyOf[health.Check]("outbox"),
		},
		Config: &cfg,
	}
}

func publisherKey(c Config) di.Key {
	k := di.KeyOf[events.Publisher]()
	k.Name = c.Publisher
	return k
}

type provider struct {
	background.Life[*Relay]
	cfg       *Config
	publisher di.Key
}

var _ lifecycle.Drainer = (*provider)(nil)

func (p *provider) Name() string { return "outbox" }

func (p *provider) Register(r di.Registrar) error {
	db := di.Needs(di.KeyOf[sqldb.DB]())
	return errors.Join(
		di.Value(r, Migrations(), di.Named("outbox")),
		di.Value[cli.Contributor](r, Commands{}, di.Named("outbox")),
		di.Singleton(r, p.outbox, db),
		di.Singleton(r, p.inbox, db),
		di.Singleton(r, p.newRelay, db, di.Needs(di.KeyOf[*Outbox](), p.publisher)),
		di.Singleton(r, p.check, di.Needs(di.KeyOf[*Outbox]()), di.Named("outbox")),
	)
}

func (p *provider) outbox(ctx context.Context, r di.Resolver) (*Outbox, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(db, Options{Lag: p.cfg.Lag, Clock: p.cfg.Clock, Observer: p.cfg.Observer})
}

func (p *provider) inbox(ctx context.Context, r di.Resolver) (*Inbox, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	return NewInbox(db, p.cfg.Clock)
}

func (p *provider) newRelay(ctx context.Context, r di.Resolver) (*Relay, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	box, err := di.Get[*Outbox](ctx, r)
	if err != nil {
		return nil, err
	}
	pub, err := di.Get[events.Publisher](ctx, r, p.publisher.Name)
	if err != nil {
		return nil, err
	}
	opts := p.cfg.relay()
	opts.Wake = box.Committed()
	return NewRelay(db, pub, opts)
}

func (p *provider) check(ctx context.Context, r di.Resolver) (health.Check, error) {
	box, err := di.Get[*Outbox](ctx, r)
	return health.Check{Name: "outbox", Checker: box}, err
}
