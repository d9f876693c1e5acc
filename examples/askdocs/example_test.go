package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/appcli"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// ordersPackage stands for the package of a service.
type ordersPackage struct{}

func (ordersPackage) Module() module.Descriptor { return module.Descriptor{Name: "orders"} }

var orders ordersPackage

// What the front page of the repository shows.
func Example_boot() {
	ctx := context.Background()
	logger := slog.New(slog.DiscardHandler)
	dir, err := os.MkdirTemp("", "orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	modules := []module.Descriptor{
		boot.Choose("sql", sqlite.Module(sqlite.Config{Path: "app.db"}), postgres.Module(postgres.Config{})),
		boot.Choose("cache", memorycache.Module(memorycache.Config{})),
	}
	cfg, err := configfile.Load(ctx, configfile.Options{
		Defaults: map[string]any{"sql": map[string]any{"backend": "sqlite", "sqlite": map[string]any{"path": dir + "/app.db"}}},
		Sections: configfile.Sections(modules...),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	app := boot.New(boot.Options{Config: cfg, Logger: logger}).Add(
		boot.Choose("sql", sqlite.Module(sqlite.Config{Path: "app.db"}), postgres.Module(postgres.Config{})),
		boot.Choose("cache", memorycache.Module(memorycache.Config{})),
		migrate.Module(migrate.Config{}),
		orders.Module(),
	)
	ctx, stop := context.WithCancel(ctx)
	go func() {
		<-app.Ready()
		stop()
	}()
	err = app.Run(ctx)
	fmt.Println(err)
	// Output: <nil>
}

// What the README of appcli shows.
func Example_commandLine() {
	main := func() {
		var file string
		os.Exit(appcli.Main(appcli.Options{
			Name: "orders", Short: "The order service", Default: "serve",
			Flags: func(fs *flag.FlagSet) { fs.StringVar(&file, "config", "orders.yaml", "configuration `FILE`") },
			Open: func(ctx context.Context) (cli.Application, error) {
				modules := []module.Descriptor{sqlite.Module(sqlite.Config{Path: "orders.db"}), migrate.Module(migrate.Config{}), orders.Module()}
				tree, err := configfile.Load(ctx, configfile.Options{
					Files: []configfile.File{{Path: file}}, EnvPrefix: "LEX", Sections: configfile.Sections(modules...),
				})
				if err != nil {
					return nil, err
				}
				return boot.New(boot.Options{Config: tree}).Add(modules...).Contribute(configfile.Contributor(tree, modules...)), nil
			},
		}))
	}
	_ = main
}
