package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
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
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsearch"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
	"github.com/lexigram/lexigram-go/lexigram-storage/filestorage"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantevents"
	"github.com/lexigram/lexigram-go/lexigram-vector/memorysearch"
	"github.com/lexigram/lexigram-go/lexigram-vector/memoryvector"
)

// configuration reads the file and the environment; LEX_SQL__BACKEND=postgres
// is the key sql.backend.
//
// addr wins over both, if there is one. sections are those of the modules.
func (s *settings) configuration(ctx context.Context, addr string, sections map[string]any) (*configfile.Tree, error) {
	file := configfile.File{Path: s.config}
	if s.config == "" {
		file = configfile.File{Path: "askdocs.yaml", Optional: true}
	}
	o := configfile.Options{Files: []configfile.File{file}, Formats: []config.Format{yamlconfig.Format{}}, EnvPrefix: "LEX", Sections: sections}
	if addr != "" {
		o.Overrides = map[string]any{"http": map[string]any{"addr": addr}}
	}
	return configfile.Load(ctx, o)
}

// open makes the application that commands of modules run in. It serves nobody.
func (s *settings) open(ctx context.Context) (cli.Application, error) {
	data, err := s.dir()
	if err != nil {
		return nil, err
	}
	level := slog.LevelError
	if s.verbose {
		level = slog.LevelDebug
	}
	logger, err := logkit.New(s.stderr, logkit.Options{Level: level})
	if err != nil {
		return nil, err
	}
	defaults, err := configfile.Load(ctx, configfile.Options{Environ: []string{}})
	if err != nil {
		return nil, err
	}
	modules := func(app *boot.App, cfg config.Config) []module.Descriptor {
		return append(backends(data, cfg, logger), ours(app, false, "", logger)...)
	}
	known := modules(nil, defaults)
	cfg, err := s.configuration(ctx, "", configfile.Sections(known...))
	if err != nil {
		return nil, err
	}
	app := boot.New(boot.Options{Config: cfg, Logger: logger})
	app.Add(modules(app, cfg)...).Contribute(configfile.Contributor(cfg, known...))
	return inDirectory{app, data}, nil
}

// inDirectory is an application whose data directory is made before it starts.
type inDirectory struct {
	*boot.App
	data string
}

// Do makes the data directory and runs a command.
func (a inDirectory) Do(ctx context.Context, module string, needs []di.Key, fn func(ctx context.Context, r di.Resolver) error) error {
	if err := os.MkdirAll(a.data, 0o700); err != nil {
		return fmt.Errorf("data directory: %w: choose another one with --data", err)
	}
	return a.App.Do(ctx, module, needs, fn)
}

// withServer boots the application, serves it on addr or where configuration says, tells other processes
// where, calls fn, and stops. It closes own.
func (c *program) withServer(ctx context.Context, own *instance.Instance, addr string, fn func(ctx context.Context, s instance.Server) error) (err error) {
	defer func() { err = errors.Join(err, own.Close()) }()
	cfg, err := c.configuration(ctx, addr, nil)
	if err != nil {
		return err
	}
	logger, err := logkit.New(c.Stderr, logkit.Options{Level: c.logLevel})
	if err != nil {
		return err
	}
	app := boot.New(boot.Options{Config: cfg, Logger: logger})
	app.Add(backends(c.data, cfg, logger)...).Add(ours(app, !c.noImport, own.Admin(), logger)...)
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
func backends(data string, cfg config.Config, logger *slog.Logger) []module.Descriptor {
	at := func(name string) string { return filepath.Join(data, name) }
	backend, _ := cfg.Lookup("sql.backend") // what is wrong with it is for boot to say
	return []module.Descriptor{
		boot.Choose("sql", sqlwatch.Wrap[*sqlite.DB](sqlite.Module(sqlite.Config{Path: at("askdocs.db")})), sqlwatch.Wrap[*postgres.DB](postgres.Module(postgres.Config{}))),
		sqlwatch.Module(sqlwatch.Config{Logger: logger}),
		boot.Choose("cache", memorycache.Module(memorycache.Config{})),
		boot.Choose("events", memoryevents.Module(memoryevents.Config{})),
		boot.Choose("storage", filestorage.Module(filestorage.Config{Dir: at("blobs")})),
		boot.Choose("vector", memoryvector.Module(memoryvector.Config{Dir: at("vectors")})),
		boot.Choose("search", memorysearch.Module(memorysearch.Config{Dir: at("search"), Weights: library.Weights()}),
			sqlsearch.Module(sqlsearch.Config{Weights: library.Weights()})),
		boot.Choose("embedding", hashembed.Module(hashembed.Config{}), openai.EmbedModule(openai.EmbedConfig{})),
		boot.Choose("chat", extractive.Module(extractive.Config{}), openai.ChatModule(openai.ChatConfig{})),
		boot.Choose("tenancy", sqltenants.Module()),
		migrate.Module(migrate.Config{}),
		// The lock on the data directory makes this the only relay on its SQLite file.
		// No upload is given up because a model was away: what fails is tried again, every half minute at last.
		outbox.Module(outbox.Config{
			ReclaimOnStart: backend == nil || backend == "sqlite", Parallel: 4,
			MaxAttempts: 1 << 20, RetryCap: 30 * time.Second, Logger: logger,
		}),
	}
}

// ours are the application's modules.
func ours(app *boot.App, imported bool, admin string, logger *slog.Logger) []module.Descriptor {
	imports := newImporter(imported, logger)
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
