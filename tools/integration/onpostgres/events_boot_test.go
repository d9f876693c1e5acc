package onpostgres

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/lexigram-events/eventscli"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// TestBusIsChosen boots an application whose bus configuration picks, and has
// its command line do with it what people do.
func TestBusIsChosen(t *testing.T) {
	file := func() module.Descriptor {
		return sqlite.Module(sqlite.Config{Path: filepath.Join(t.TempDir(), "app.db")})
	}
	inSQL := map[string]any{"events.backend": "sqlevents", "events.sqlevents.retention": "2h"}
	for name, c := range map[string]struct {
		database module.Descriptor
		settings map[string]any
		commands int
	}{
		"memory":   {file(), nil, 2},
		"sqlite":   {file(), inSQL, 6},
		"postgres": {postgres.Module(postgres.Config{URL: config.NewSecret(servers.Postgres(t))}), inSQL, 6},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: c.settings})
			if err != nil {
				t.Fatal(err)
			}
			app := boot.New(boot.Options{Config: cfg}).Add(
				c.database, migrate.Module(migrate.Config{}), eventscli.Module(),
				boot.Choose("events", memoryevents.Module(memoryevents.Config{}), sqlevents.Module(sqlevents.Config{})),
			)
			if err := app.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			useBus(t, app)
			if n := eventCommands(t, app); n != c.commands {
				t.Errorf("%d commands for events, want %d", n, c.commands)
			}
			if err := app.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func useBus(t *testing.T, app di.Resolver) {
	t.Helper()
	sub, pub := get[events.Subscriber](t, app), get[events.Publisher](t, app)
	got := make(chan string, 1)
	_, err := sub.Subscribe(t.Context(), events.Subscription{Types: []string{"orders.>"}, Group: "mail"},
		func(_ context.Context, ev events.Event) error { got <- string(ev.Data); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.Publish(t.Context(), events.New("/orders", "orders.order.placed", []byte("7"))); err != nil {
		t.Fatal(err)
	}
	select {
	case data := <-got:
		if data != "7" {
			t.Errorf("got %q", data)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing came")
	}
}

// eventCommands returns how many commands the application has below "events".
func eventCommands(t *testing.T, app cli.Application) (n int) {
	t.Helper()
	all, err := app.Contributions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if cc, ok := c.Contributor.(cli.CommandContributor); ok {
			for _, cmd := range cc.Commands() {
				if strings.HasPrefix(cmd.Path, "events ") {
					n++
				}
			}
		}
	}
	return n
}
