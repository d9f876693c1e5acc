package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/healthcheck"
	"github.com/lexigram/lexigram-go/core/httpapi"
	"github.com/lexigram/lexigram-go/core/logkit"
	"github.com/lexigram/lexigram-go/core/yamlconfig"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/instance"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
	"github.com/lexigram/lexigram-go/lexigram-ai/extractive"
	"github.com/lexigram/lexigram-go/lexigram-ai/hashembed"
	"github.com/lexigram/lexigram-go/lexigram-ai/openai"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-storage/filestorage"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantevents"
	"github.com/lexigram/lexigram-go/lexigram-vector/memorysearch"
	"github.com/lexigram/lexigram-go/lexigram-vector/memoryvector"
)

// configuration reads the file and the environment; LEX_SQL__BACKEND=postgres
// is the key sql.backend.
//
// addr wins over both, if there is one.
func (c *cli) configuration(ctx context.Context, addr string) (*configfile.Tree, error) {
	file := configfile.File{Path: c.config}
	if c.config == "" {
		file = configfile.File{Path: "askdocs.yaml", Optional: true}
	}
	o := configfile.Options{Files: []configfile.File{file}, Formats: []config.Format{yamlconfig.Format{}}, EnvPrefix: "LEX"}
	if addr != "" {
		o.Overrides = map[string]any{"http": map[string]any{"addr": addr}}
	}
	return configfile.Load(ctx, o)
}

// withServer boots the application, serves it on addr or where configuration says, tells other processes
// where, calls fn, and stops. It closes own.
func (c *cli) withServer(ctx context.Context, own *instance.Instance, addr string, fn func(ctx context.Context, s instance.Server) error) (err error) {
	defer func() { err = errors.Join(err, own.Close()) }()
	cfg, err := c.configuration(ctx, addr)
	if err != nil {
		return err
	}
	logger, err := logkit.New(c.stderr, logkit.Options{Level: c.logLevel})
	if err != nil {
		return err
	}
	app := boot.New(boot.Options{Config: cfg, Logger: logger})
	app.Add(c.backends(cfg, logger)...).Add(c.own(app, own.Admin(), logger)...)
	if err := app.Start(ctx); err != nil {
		return err
	}
	stop := func() error { return app.Stop(context.WithoutCancel(ctx)) }
	server, err := di.Get[*httpapi.Server](ctx, app)
	if err != nil {
		return errors.Join(err, stop())
	}
	s := instance.Server{URL: "http://" + server.Addr(), PID: os.Getpid(), Admin: own.Admin()}
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with serving; what broke is what Stop returns
		select {
		case <-server.Failed():
			cancel()
		case <-serving.Done():
		}
	}()
	if err = own.Announce(s.URL); err == nil {
		err = fn(serving, s)
	}
	return errors.Join(err, stop())
}

// backends are the modules that configuration may exchange. The embedded ones
// keep their data in the data directory.
func (c *cli) backends(cfg config.Config, logger *slog.Logger) []module.Descriptor {
	at := func(name string) string { return filepath.Join(c.data, name) }
	backend, _ := cfg.Lookup("sql.backend") // what is wrong with it is for boot to say
	return []module.Descriptor{
		boot.Choose("sql", sqlite.Module(sqlite.Config{Path: at("askdocs.db")}), postgres.Module(postgres.Config{})),
		boot.Choose("cache", memorycache.Module(memorycache.Config{})),
		boot.Choose("events", memoryevents.Module(memoryevents.Config{})),
		boot.Choose("storage", filestorage.Module(filestorage.Config{Dir: at("blobs")})),
		boot.Choose("vector", memoryvector.Module(memoryvector.Config{Dir: at("vectors")})),
		boot.Choose("search", memorysearch.Module(memorysearch.Config{Dir: at("search"), Weights: library.Weights()})),
		boot.Choose("embedding", hashembed.Module(hashembed.Config{}), openai.EmbedModule(openai.EmbedConfig{})),
		boot.Choose("chat", extractive.Module(extractive.Config{}), openai.ChatModule(openai.ChatConfig{})),
		boot.Choose("tenancy", sqltenants.Module()),
		migrate.Module(),
		// The lock on the data directory makes this the only relay on its SQLite file.
		// No upload is given up because a model was away: what fails is tried again, every half minute at last.
		outbox.Module(outbox.Config{
			ReclaimOnStart: backend == nil || backend == "sqlite", Parallel: 4,
			MaxAttempts: 1 << 20, RetryCap: 30 * time.Second, Logger: logger,
		}),
	}
}

// own are the application's modules.
func (c *cli) own(app *boot.App, admin string, logger *slog.Logger) []module.Descriptor {
	imports := newImporter(!c.noImport, logger)
	needs := []di.Key{di.KeyOf[*library.Library](), di.KeyOf[tenancy.Directory](), di.KeyOf[events.Subscriber]()}
	server := httpapi.Options{Needs: needs, Logger: logger}
	server.Handler = func(ctx context.Context, r di.Resolver) (http.Handler, error) {
		lib, err := di.Get[*library.Library](ctx, r)
		if err != nil {
			return nil, err
		}
		tenants, err := di.Get[tenancy.Directory](ctx, r)
		if err != nil {
			return nil, err
		}
		bus, err := di.Get[events.Subscriber](ctx, r)
		if err != nil {
			return nil, err
		}
		site, err := webui.New(webui.Options{
			Library: lib, Tenants: tenants, Activity: tenantevents.New(nil, bus),
			Progress: imports.progress, Admin: admin, Logger: logger,
		})
		if err != nil {
			return nil, err
		}
		probes := healthcheck.NewHandler(app.Health)
		all := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // no mux, which would redirect a/../b before the site refuses it
			switch r.URL.Path {
			case "/livez", "/readyz", "/startupz":
				probes.ServeHTTP(w, r)
			default:
				site.ServeHTTP(w, r)
			}
		})
		return httpapi.Chain(all, httpapi.RequestID, httpapi.AccessLog(logger, "/livez", "/readyz", "/startupz"), httpapi.Recover(logger)), nil
	}
	return []module.Descriptor{library.Module(logger, at()), imports.module(), httpapi.Module(server)}
}
