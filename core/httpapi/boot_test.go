package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/healthcheck"
	"github.com/lexigram/lexigram-go/core/httpapi"
)

type greeting string

// greeter offers what the handler needs.
type greeter struct{}

func (greeter) Name() string                  { return "greeter" }
func (greeter) Register(r di.Registrar) error { return di.Value(r, greeting("hello")) }

// watcher tells the test where the server listens.
type watcher struct{ addr string }

func (w *watcher) Name() string                            { return "watcher" }
func (w *watcher) Register(di.Registrar) error             { return nil }
func (w *watcher) Needs() []di.Key                         { return []di.Key{di.KeyOf[*httpapi.Server]()} }
func (w *watcher) Boot(context.Context, di.Resolver) error { return nil }
func (w *watcher) Priority() lifecycle.Priority            { return lifecycle.Low }
func (w *watcher) Bootstrap(ctx context.Context, r di.Resolver) error {
	s, err := di.Get[*httpapi.Server](ctx, r)
	if err == nil {
		w.addr = s.Addr()
	}
	return err
}

func TestServerInAnApplication(t *testing.T) {
	cfg, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_HTTP__ADDR=127.0.0.1:0", "LEX_HTTP__READ_HEADER_TIMEOUT=1s"}})
	if err != nil {
		t.Fatal(err)
	}
	app := boot.New(boot.Options{Config: cfg})
	w := &watcher{}
	app.Add(
		module.Descriptor{Name: "greeter", Providers: []lifecycle.Provider{greeter{}}, Exports: []di.Key{di.KeyOf[greeting]()}},
		module.Descriptor{Name: "watcher", Providers: []lifecycle.Provider{w}, Needs: w.Needs()},
		httpapi.Module(httpapi.Options{
			Needs: []di.Key{di.KeyOf[greeting]()},
			Handler: func(ctx context.Context, r di.Resolver) (http.Handler, error) {
				g, err := di.Get[greeting](ctx, r)
				mux := http.NewServeMux()
				mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, string(g)) })
				mux.Handle("/readyz", healthcheck.NewHandler(app.Health))
				return mux, err
			},
		}),
	)
	if err := app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/": "hello", "/readyz": "healthy"} {
		resp, err := client(t).Get("http://" + w.addr + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil || !strings.Contains(string(b), want) || resp.StatusCode != 200 {
			t.Errorf("%s: %d %q, %v", path, resp.StatusCode, b, err)
		}
	}
	if err := app.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestServerConfiguration(t *testing.T) {
	o := serving(func(http.ResponseWriter, *http.Request) {})
	d := httpapi.Module(o)
	for want, environ := range map[string]string{
		"http.addr: is not host:port": "LEX_HTTP__ADDR=localhost",
		"http.adr: unknown key":       "LEX_HTTP__ADR=:1",
		"http.handler: unknown key":   "LEX_HTTP__HANDLER=x",
	} {
		cfg, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{environ}})
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.Decode("http", d.Config); !errors.Is(err, config.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", environ, err)
		}
	}
}
