package library

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantcache"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantevents"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantsearch"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantsql"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantstorage"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantvector"
)

//go:embed migrations
var migrations embed.FS

// Migrations are the tables of the library.
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{
		Source: "askdocs/library",
		FS:     func(d sqldb.Dialect) (fs.FS, error) { return fs.Sub(migrations, "migrations/"+string(d)) },
	}
}

// Config is the section "library" of the configuration.
type Config struct {
	MaxDocument config.Size `config:"max_document"` // of one document; 16 MiB
	MaxQuestion int         `config:"max_question"` // bytes; 2,000
	Workers     int         `config:"workers"`      // documents indexed at the same time; 2
}

// Validate implements [config.Validator].
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.MaxDocument < 1 || c.MaxDocument > 1<<30 {
		v.Add("max_document", "must be 1B to 1GiB", "")
	}
	if c.MaxQuestion < 1 || c.MaxQuestion > 8000 {
		v.Add("max_question", "must be 1 to 8000", "")
	}
	if c.Workers < 1 || c.Workers > 64 {
		v.Add("workers", "must be 1 to 64", "")
	}
	return v.Err()
}

// Module offers a [*Library] over whatever backends the application has.
func Module(logger *slog.Logger, at func(ctx context.Context, point string) error) module.Descriptor {
	p := &provider{cfg: &Config{MaxDocument: 16 << 20, MaxQuestion: 2000, Workers: 2}, logger: logger, at: at}
	return module.Descriptor{
		Name:      "library",
		Providers: []lifecycle.Provider{p},
		Needs:     p.needs(),
		Exports:   []di.Key{di.KeyOf[*Library](), di.KeyOf[sqldb.Migrations]("library")},
		Config:    p.cfg,
	}
}

type provider struct {
	cfg      *Config
	logger   *slog.Logger
	at       func(ctx context.Context, point string) error
	lib      *Library // set by Boot
	consumer events.Consumer
}

func (p *provider) Name() string { return "library" }

func (p *provider) needs() []di.Key {
	return []di.Key{
		di.KeyOf[sqldb.DB](), di.KeyOf[storage.Store](), di.KeyOf[vector.Store](), di.KeyOf[search.Engine](),
		di.KeyOf[cache.Store](), di.KeyOf[*outbox.Outbox](), di.KeyOf[events.Publisher](), di.KeyOf[events.Subscriber](),
		di.KeyOf[tenancy.Directory](), di.KeyOf[ai.Embedder](), di.KeyOf[ai.ChatModel](),
	}
}

// Register implements [lifecycle.Provider].
func (p *provider) Register(r di.Registrar) error {
	if err := di.Value(r, Migrations(), di.Named("library")); err != nil {
		return err
	}
	return di.Singleton(r, p.build, di.Needs(p.needs()...))
}

// build puts every backend behind its tenant decorator.
func (p *provider) build(ctx context.Context, r di.Resolver) (*Library, error) {
	b := backends{ctx: ctx, r: r}
	db := need[sqldb.DB](&b)
	o := Options{
		DB:          tenantsql.New(db),
		Keys:        db,
		Blobs:       tenantstorage.New(need[storage.Store](&b)),
		Vectors:     tenantvector.New(need[vector.Store](&b)),
		Search:      tenantsearch.New(need[search.Engine](&b)),
		Cache:       tenantcache.New(need[cache.Store](&b)),
		Outbox:      tenantevents.New(need[*outbox.Outbox](&b), need[events.Subscriber](&b)),
		Bus:         tenantevents.New(need[events.Publisher](&b), need[events.Subscriber](&b)),
		Tenants:     need[tenancy.Directory](&b),
		Embed:       need[ai.Embedder](&b),
		Chat:        need[ai.ChatModel](&b),
		MaxDocument: int64(p.cfg.MaxDocument),
		MaxQuestion: p.cfg.MaxQuestion,
		Logger:      p.logger,
		At:          p.at,
	}
	if b.err != nil {
		return nil, b.err
	}
	return New(o)
}

// backends resolves several services and keeps the first error.
type backends struct {
	ctx context.Context // of one build
	r   di.Resolver
	err error
}

func need[T any](b *backends) (value T) {
	if b.err == nil {
		value, b.err = di.Get[T](b.ctx, b.r)
	}
	return value
}

// Needs implements [lifecycle.Booter].
func (p *provider) Needs() []di.Key {
	return []di.Key{di.KeyOf[*Library](), di.KeyOf[events.Subscriber](), di.KeyOf[tenancy.Directory](), di.KeyOf[*outbox.Outbox]()}
}

// Boot makes the public tenant and completes what the last process began. It
// subscribes before the outbox begins to deliver, which is at Bootstrap.
func (p *provider) Boot(ctx context.Context, r di.Resolver) error {
	lib, err := di.Get[*Library](ctx, r)
	if err != nil {
		return err
	}
	bus, err := di.Get[events.Subscriber](ctx, r)
	if err != nil {
		return err
	}
	p.lib = lib
	if err := lib.EnsureGolang(ctx); err != nil {
		return err
	}
	p.consumer, err = tenantevents.New(nil, bus).Subscribe(ctx, events.Subscription{
		Types: []string{EventStored, EventRemoved},
		Group: "library",
		Lanes: p.cfg.Workers,
		// A document is indexed in one call, and a model of one's own may take seconds for each batch.
		Timeout: time.Hour,
	}, lib.Handle)
	if err != nil {
		return err
	}
	box, err := di.Get[*outbox.Outbox](ctx, r)
	if err != nil {
		return err
	}
	return errors.Join(replay(ctx, box), recoverAll(ctx, lib))
}

// replay has what the relay gave up tried again: the start of a process may
// be the end of what stood in the way.
func replay(ctx context.Context, box *outbox.Outbox) error {
	for letter, err := range box.Dead(ctx) {
		if err != nil {
			return err
		}
		if err := box.Replay(ctx, letter.ID); err != nil {
			return err
		}
	}
	return nil
}

func recoverAll(ctx context.Context, lib *Library) error {
	for t, err := range lib.o.Tenants.List(ctx) {
		if err != nil {
			return err
		}
		of := tenancy.With(ctx, t.ID)
		n, err := lib.Recover(of)
		if err != nil {
			return err
		}
		if n > 0 {
			lib.o.Logger.InfoContext(ctx, "completed interrupted uploads", "tenant", t.ID, "documents", n)
		}
		if n, err = lib.Rebuild(of); err != nil {
			return err
		}
		if n > 0 {
			lib.o.Logger.WarnContext(ctx, "an index is gone and built again", "tenant", t.ID, "documents", n)
		}
	}
	return nil
}

// Drain has documents that take long to index put back, so that stopping does
// not wait for them: the next start indexes them anew.
func (p *provider) Drain(context.Context) error {
	if p.lib != nil {
		p.lib.stopping.Store(true)
	}
	return nil
}

// Shutdown ends the subscription, after the outbox has been drained: an event
// delivered to nobody would count as handled.
func (p *provider) Shutdown(ctx context.Context) error {
	if p.consumer == nil {
		return nil
	}
	return p.consumer.Drain(ctx)
}

var (
	_ lifecycle.Booter  = (*provider)(nil)
	_ lifecycle.Drainer = (*provider)(nil)
	_ lifecycle.Stopper = (*provider)(nil)
)
