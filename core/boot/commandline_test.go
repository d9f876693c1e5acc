package boot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/healthcheck"
)

// trade is db <- queue <- shop, and mail that nobody needs, each in a module of
// its own.
func trade(d *diary) (*boot.App, map[string]*fake) {
	a, all := boot.New(boot.Options{}), map[string]*fake{}
	for _, f := range []*fake{
		{name: "shop", needs: []string{"queue"}, wave: lifecycle.Presentation},
		{name: "queue", needs: []string{"db"}, wave: lifecycle.Normal},
		{name: "db", wave: lifecycle.Critical},
		{name: "mail", wave: lifecycle.Critical},
	} {
		f.diary = d
		all[f.name] = f
		a.Add(f.module())
	}
	return a, all
}

func TestDo(t *testing.T) {
	d := &diary{}
	a, _ := trade(d)
	err := a.Do(t.Context(), "shop", []di.Key{di.KeyOf[*token]("queue")}, func(ctx context.Context, r di.Resolver) error {
		got, err := di.Get[*token](ctx, r, "queue")
		if err != nil || got.name != "queue" {
			t.Errorf("%v, %v", got, err)
		}
		for name, want := range map[string]error{"db": di.ErrUndeclared, "mail": di.ErrUndeclared} {
			if _, err := di.Get[*token](ctx, r, name); !errors.Is(err, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		d.note("work")
		return nil
	})
	must(t, err)
	// No bootstrap, no shop, no mail.
	d.is(t, "boot:db boot:queue work drain:queue drain:db shutdown:queue shutdown:db close:queue close:db")
}

// The module's own service counts as well, and what nothing needs is not built.
func TestDoOwnService(t *testing.T) {
	d := &diary{}
	a, all := trade(d)
	all["db"].register = func(r di.Registrar) error {
		if err := di.Value(r, 7); err != nil { // private
			return err
		}
		return di.Singleton(r, func(context.Context, di.Resolver) (*token, error) {
			t.Error("built, although nothing needs it")
			return &token{}, nil
		}, di.Named("db"))
	}
	must(t, a.Do(t.Context(), "db", []di.Key{di.KeyOf[int]()}, func(ctx context.Context, r di.Resolver) error {
		if n, err := di.Get[int](ctx, r); n != 7 || err != nil {
			t.Error(n, err)
		}
		return nil
	}))
	d.is(t, "boot:db drain:db shutdown:db")

	d = &diary{}
	a, _ = trade(d)
	must(t, a.Do(t.Context(), "", []di.Key{di.KeyOf[*token]("mail")}, func(ctx context.Context, r di.Resolver) error {
		_, err := di.Get[*token](ctx, r, "mail")
		return err
	}))
	d.is(t, "boot:mail drain:mail shutdown:mail close:mail")
}

// A collected contribution is there although its provider does not boot.
func TestDoCollects(t *testing.T) {
	d := &diary{}
	a := boot.New(boot.Options{})
	for _, name := range []string{"one", "two"} {
		f := &fake{name: name, diary: d, wave: lifecycle.Normal, register: func(r di.Registrar) error { return di.Value(r, name, di.Named(name)) }}
		a.Add(module.Descriptor{Name: name, Providers: []lifecycle.Provider{f}, Exports: []di.Key{di.KeyOf[string](name)}})
	}
	all := di.KeyOf[string]("*")
	a.Add(module.Descriptor{Name: "collector", Needs: []di.Key{all}})
	must(t, a.Do(t.Context(), "collector", []di.Key{all}, func(ctx context.Context, r di.Resolver) error {
		if got, err := di.All[string](ctx, r); strings.Join(got, " ") != "one two" || err != nil {
			t.Error(got, err)
		}
		return nil
	}))
	d.is(t, "")
}

func TestDoFails(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		module string
		needs  []di.Key
		spoil  func(all map[string]*fake)
		fn     func(context.Context, di.Resolver) error
		want   error
		text   string
		diary  string
	}{
		"missing":  {"shop", []di.Key{di.KeyOf[string]()}, nil, nil, di.ErrMissing, "string", ""},
		"hidden":   {"mail", []di.Key{di.KeyOf[*token]("db")}, nil, nil, di.ErrUndeclared, `Needs of module "mail"`, ""},
		"stranger": {"stranger", nil, nil, nil, boot.ErrModule, `module "stranger": there is none`, ""},
		"boot": {"shop", []di.Key{di.KeyOf[*token]("queue")}, func(all map[string]*fake) {
			all["queue"].boot = func(context.Context) error { return boom }
		}, nil, boom, `provider "queue": boot: boom`, "boot:db boot:queue shutdown:queue shutdown:db close:db"},
		"fn":    {"db", []di.Key{di.KeyOf[*token]("db")}, nil, func(context.Context, di.Resolver) error { return boom }, boom, "boom", "boot:db drain:db shutdown:db"},
		"panic": {"db", nil, nil, func(context.Context, di.Resolver) error { panic("no") }, errs.ErrPanic, "panic: no", ""},
		"stop": {"db", []di.Key{di.KeyOf[*token]("db")}, func(all map[string]*fake) {
			all["db"].shutdown = func(context.Context) error { return boom }
		}, func(context.Context, di.Resolver) error { return errs.ErrPanic }, boom, "shutdown: boom", "boot:db drain:db shutdown:db"},
	} {
		d := &diary{}
		a, all := trade(d)
		if c.spoil != nil {
			c.spoil(all)
		}
		if c.fn == nil {
			c.fn = func(context.Context, di.Resolver) error { t.Errorf("%s: fn was called", name); return nil }
		}
		err := a.Do(t.Context(), c.module, c.needs, c.fn)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
		if got := d.text(); got != c.diary {
			t.Errorf("%s: %s, want %s", name, got, c.diary)
		}
	}
}

func TestDoInterrupted(t *testing.T) {
	d := &diary{}
	a, _ := trade(d)
	ctx, cancel := context.WithCancel(t.Context())
	err := a.Do(ctx, "db", []di.Key{di.KeyOf[*token]("db")}, func(ctx context.Context, _ di.Resolver) error {
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	d.is(t, "boot:db drain:db shutdown:db")
}

// A tool contributes one command.
type tool struct{ id string }

func (c tool) ID() string { return c.id }

func (c tool) Commands() []cli.Command { return []cli.Command{{Path: c.id}} }

func contributing(name string, opts ...di.Option) *fake {
	return &fake{name: name, diary: &diary{}, wave: lifecycle.Normal, register: func(r di.Registrar) error {
		return di.Value[cli.Contributor](r, tool{name}, opts...)
	}}
}

func ids(found []cli.Contribution) string {
	var all []string
	for _, c := range found {
		all = append(all, c.Module+"/"+c.Contributor.ID())
	}
	return strings.Join(all, " ")
}

func TestContributions(t *testing.T) {
	one, two, three := contributing("one", di.Named("z")), contributing("two", di.Named("a")), contributing("three", di.Named("a"))
	a := boot.New(boot.Options{}).Add(
		module.Descriptor{Name: "one", Providers: []lifecycle.Provider{one}},
		boot.Choose("pick", module.Descriptor{Name: "two", Providers: []lifecycle.Provider{two}}, module.Descriptor{Name: "not", Providers: []lifecycle.Provider{three}}),
	).Contribute(tool{"own"})
	for range 2 { // it may be asked again, and leaves the application as it was
		found, err := a.Contributions(t.Context())
		if got := ids(found); err != nil || got != "/boot /own pick.two/two one/one" {
			t.Errorf("%s, %v", got, err)
		}
	}
	must(t, a.Start(t.Context()))
	must(t, a.Stop(t.Context()))
	if one.diary.text() == "" {
		t.Error("Start after Contributions does not boot")
	}
}

// What is wrong is told at once, beside the contributions that were found.
func TestContributionsOfBrokenApplication(t *testing.T) {
	one := module.Descriptor{Name: "one", Providers: []lifecycle.Provider{contributing("one")}, Config: &settings{}}
	a := boot.New(boot.Options{Config: tree(t, map[string]any{"one.sise": 1, "tow.x": 2})}).Add(one)
	found, err := a.Contributions(t.Context())
	if !errors.Is(err, config.ErrUnknown) || !strings.Contains(err.Error(), "one.sise") || !strings.Contains(err.Error(), "tow") || ids(found) != "/boot one/one" {
		t.Errorf("%s, %v", ids(found), err)
	}
	one.Config, one.Needs = nil, []di.Key{di.KeyOf[string]()}
	found, err = boot.New(boot.Options{}).Add(one).Contribute(tool{"own"}).Contributions(t.Context())
	if !errors.Is(err, di.ErrMissing) || ids(found) != "/boot /own" {
		t.Errorf("%s, %v", ids(found), err)
	}
	built := &fake{name: "built", diary: &diary{}, wave: lifecycle.Normal, register: func(r di.Registrar) error {
		err := di.Singleton(r, func(context.Context, di.Resolver) (cli.Contributor, error) { return tool{"built"}, nil }, di.Needs(di.KeyOf[int]()))
		return errors.Join(err, di.Value(r, 7))
	}}
	_, err = boot.New(boot.Options{}).Add(module.Descriptor{Name: "built", Providers: []lifecycle.Provider{built}}).Contributions(t.Context())
	if !errors.Is(err, boot.ErrModule) || !strings.Contains(err.Error(), `module "built"`) {
		t.Errorf("a contributor that needs services: %v", err)
	}
}

func checked(status health.Status) (*boot.App, *fake) {
	f := &fake{name: "db", diary: &diary{}, wave: lifecycle.Normal, register: func(r di.Registrar) error {
		return di.Value(r, health.Check{Name: "db", Checker: health.CheckerFunc(func(context.Context) health.Result {
			return health.Result{Status: status, Message: "3 connections"}
		})}, di.Named("db"))
	}}
	idle := &fake{name: "idle", diary: f.diary, wave: lifecycle.Normal}
	return boot.New(boot.Options{}).Add(f.module(), idle.module()), f
}

// run calls a command of boot's own contributor.
func run(t *testing.T, a *boot.App, asJSON bool, path string, flags ...string) (string, error) {
	t.Helper()
	found, err := a.Contributions(t.Context())
	must(t, err)
	for _, c := range found[0].Contributor.(cli.CommandContributor).Commands() {
		if c.Path == path {
			fs := flag.NewFlagSet(path, flag.ContinueOnError)
			c.Flags(fs)
			must(t, fs.Parse(flags))
			var out bytes.Buffer
			err := c.Run(t.Context(), &cli.Call{Stdout: &out, JSON: asJSON})
			return out.String(), err
		}
	}
	t.Fatalf("no command %s", path)
	return "", nil
}

func TestHealthCommand(t *testing.T) {
	a, f := checked(health.Healthy)
	out, err := run(t, a, false, "health")
	if err != nil || !strings.HasPrefix(out, "healthy\n\nCHECK ") || !strings.Contains(out, "3 connections") {
		t.Errorf("%s, %v", out, err)
	}
	f.diary.is(t, "boot:db drain:db shutdown:db") // the other provider has no check
	a, _ = checked(health.Unhealthy)
	out, err = run(t, a, true, "health")
	if cli.ExitCode(err) != 3 || err.Error() != "health: unhealthy" || !json.Valid([]byte(out)) || !strings.Contains(out, `"status": "unhealthy"`) {
		t.Errorf("%s, %v", out, err)
	}
	if _, err = run(t, a, false, "health", "-probe", "liveliness"); cli.ExitCode(err) != cli.Usage {
		t.Error(err)
	}
}

func TestHealthCommandOfInstance(t *testing.T) {
	a, _ := checked(health.Degraded)
	must(t, a.Start(t.Context()))
	server := httptest.NewServer(healthcheck.NewHandler(a.Health, healthcheck.Verbose()))
	defer server.Close()
	asker, f := checked(health.Healthy)
	out, err := run(t, asker, false, "health", "-url", server.URL+"/")
	if err != nil || !strings.HasPrefix(out, "degraded") || !strings.Contains(out, "db ") {
		t.Errorf("%s, %v", out, err)
	}
	f.diary.is(t, "") // nothing is started here
	must(t, a.Stop(t.Context()))
	if out, err = run(t, asker, false, "health", "-url", server.URL); cli.ExitCode(err) != 3 || !strings.HasPrefix(out, "unhealthy") {
		t.Errorf("%s, %v", out, err)
	}
	if out, err = run(t, asker, false, "health", "-url", server.URL, "-probe", "liveness"); err != nil {
		t.Errorf("%s, %v", out, err)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if _, err = run(t, asker, false, "health", "-url", strings.Replace(other.URL, "http://", "http://user:hunter2@", 1)); cli.ExitCode(err) != 1 || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
	other.Close()
	if _, err = run(t, asker, false, "health", "-url", other.URL); cli.ExitCode(err) != 1 {
		t.Error(err)
	}
	if _, err = run(t, asker, false, "health", "-url", "http://[::1"); cli.ExitCode(err) != cli.Usage {
		t.Error(err)
	}
}

func TestGraphCommand(t *testing.T) {
	a, _ := trade(&diary{})
	for format, want := range map[string]string{
		"text": "module shop\n", "dot": "digraph services", "mermaid": "flowchart", "json": `"nodes": [`, "html": "<!doctype html>",
	} {
		out, err := run(t, a, false, "graph", "-format", format)
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: %v\n%.300s", format, err, out)
		}
	}
	if out, err := run(t, a, true, "graph"); err != nil || !json.Valid([]byte(out)) {
		t.Errorf("%v\n%.300s", err, out)
	}
	if _, err := run(t, a, true, "graph", "-format", "dot"); cli.ExitCode(err) != cli.Usage {
		t.Error(err)
	}
	if _, err := run(t, a, false, "graph", "-format", "htm"); cli.ExitCode(err) != cli.Usage || !strings.Contains(err.Error(), `did you mean "html"`) {
		t.Error(err)
	}
	broken := boot.New(boot.Options{}).Add(module.Descriptor{Name: "x", Needs: []di.Key{di.KeyOf[int]()}})
	found, _ := broken.Contributions(t.Context())
	for _, c := range found[0].Contributor.(cli.CommandContributor).Commands() {
		if err := c.Run(t.Context(), &cli.Call{}); c.Path == "graph" && !errors.Is(err, di.ErrMissing) {
			t.Errorf("of a graph that cannot be frozen: %v", err)
		}
	}
}

func TestOwnCommands(t *testing.T) {
	clitest.Run(t, func() cli.Contributor {
		a, _ := checked(health.Healthy)
		found, err := a.Contributions(t.Context())
		must(t, err)
		return found[0].Contributor
	})
}
