package boot_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// Whatever an optional provider fails with, the application starts without it.
func TestOptionalProviderMayFail(t *testing.T) {
	for name, failure := range map[string]hookFunc{
		"error":    fails(errBroken),
		"no entry": fails(fs.ErrNotExist),
		"canceled": fails(context.Canceled),
		"panic":    func(context.Context) error { panic("oh") },
		"nil map":  func(context.Context) error { var m map[string]int; m["x"]++; return nil },
		"exit":     func(context.Context) error { runtime.Goexit(); return nil },
		"deadline": waits(time.Hour),
		"stuck":    ignores(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var d diary
				a := app(boot.Options{}, &d, &fake{name: "base"},
					&fake{name: "extra", optional: true, boot: failure, needs: []string{"base"}},
					&fake{name: "user", needs: []string{"extra"}},
					&fake{name: "further", needs: []string{"user"}, optional: true, wave: lifecycle.Low},
					&fake{name: "other", needs: []string{"base"}})
				must(t, a.Start(t.Context()))
				d.before(t, "boot:extra", "shutdown:extra")
				d.before(t, "shutdown:extra", "bootstrap:base")
				must(t, a.Stop(t.Context()))
				for _, hook := range []string{"boot:user", "boot:further", "bootstrap:extra", "bootstrap:user", "drain:extra", "shutdown:user", "shutdown:further"} {
					if strings.Contains(d.text(), hook) {
						t.Errorf("%s although extra failed: %s", hook, d.text())
					}
				}
				for _, hook := range []string{"boot:other", "bootstrap:other", "drain:other", "shutdown:other", "shutdown:base", "boot:extra", "shutdown:extra"} {
					if strings.Count(d.text(), hook) != 1 {
						t.Errorf("%s %d times: %s", hook, strings.Count(d.text(), hook), d.text())
					}
				}
				time.Sleep(2 * time.Hour) // the stuck one ends
			})
		})
	}
}

// Who declared that it can do without boots, after it and without it.
func TestOptionalNeedOfWhatIsDown(t *testing.T) {
	for _, failure := range []hookFunc{nil, fails(errBroken)} {
		var d diary
		found := false
		a := app(boot.Options{}, &d, &fake{name: "extra", optional: true, wave: lifecycle.Low, boot: failure}, &fake{name: "user", may: []string{"extra"}})
		user := &maybe{fake: fake{name: "maybe", diary: &d, wave: lifecycle.Normal, may: []string{"extra"}}, found: &found}
		a.Add(module.Descriptor{Name: "maybe", Providers: []lifecycle.Provider{user}, Needs: user.Needs()})
		must(t, a.Start(t.Context()), a.Stop(t.Context()))
		d.before(t, "boot:extra", "boot:user")
		d.before(t, "shutdown:user", "close:user")
		if found != (failure == nil) {
			t.Errorf("found: %v", found)
		}
	}
}

// A maybe looks for a token when it boots.
type maybe struct {
	fake
	found *bool
}

func (m *maybe) Boot(ctx context.Context, r di.Resolver) (err error) {
	_, *m.found, err = di.Maybe[*token](ctx, r, "extra")
	return err
}

// What did not boot is never healthy, and says who is to blame.
func TestOptionalProviderInHealth(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "extra", optional: true, boot: fails(errBroken)},
		&fake{name: "fan", optional: true, needs: []string{"extra"}}, &fake{name: "up"},
		&fake{name: "limps", optional: true, bootstrap: fails(errBroken)})
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	r := a.Health(t.Context(), health.Readiness)
	if r.Status != health.Degraded || len(r.Results) != 4 {
		t.Errorf("got %+v", r)
	}
	for name, message := range map[string]string{
		"extra/extra": "did not boot", "fan/fan": "did not boot: needs extra/extra, which is down", "limps/limps": "did not bootstrap",
	} {
		if got := r.Results[name]; got.Status != health.Degraded || got.Message != message {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, probe := range []health.Probe{health.Liveness, health.Startup} {
		if r := a.Health(t.Context(), probe); r.Status != health.Healthy {
			t.Errorf("%v: %+v", probe, r)
		}
	}
}

// A provider that is not optional and cannot boot makes the application unready.
func TestRequiredUserOfOptionalProvider(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "extra", optional: true, boot: fails(errBroken)}, &fake{name: "user", needs: []string{"extra"}})
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	r := a.Health(t.Context(), health.Readiness)
	if r.Status != health.Unhealthy || r.Results["user/user"].Status != health.Unhealthy || r.Results["extra/extra"].Status != health.Degraded {
		t.Errorf("got %+v", r)
	}
}

// The checks of a provider that did not boot are not asked, for they would know nothing.
func TestChecksOfWhatIsDown(t *testing.T) {
	healthy := health.CheckerFunc(func(context.Context) health.Result { return health.Result{Status: health.Healthy} })
	f := &fake{name: "extra", optional: true, boot: fails(errBroken)}
	f.register = func(r di.Registrar) error {
		return di.Value(r, health.Check{Name: "extra", Checker: healthy}, di.Named("extra"))
	}
	a := app(boot.Options{}, &diary{}, f)
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	if r := a.Health(t.Context(), health.Readiness); r.Status != health.Degraded || len(r.Results) != 2 {
		t.Errorf("got %+v", r)
	}
}

func TestServicesOfWhatIsDown(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "extra", optional: true, boot: fails(errBroken)}, &fake{name: "user", needs: []string{"extra"}})
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	_, err := di.Get[*token](t.Context(), a, "extra")
	problem(t, err, errBroken, `module "extra", provider "extra": boot: broken`)
	_, err = di.Get[*token](t.Context(), a, "user")
	problem(t, err, errBroken)
	problem(t, err, boot.Err)
	if all, err := di.All[*token](t.Context(), a); err != nil || len(all) != 0 {
		t.Errorf("collected %v, %v", all, err)
	}
}

// If the start fails for another reason, optional providers are rolled back with the rest.
func TestRollbackOfOptionalProvider(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "extra", optional: true, boot: fails(errBroken)},
		&fake{name: "limps", optional: true, bootstrap: fails(errBroken)},
		&fake{name: "bad", wave: lifecycle.Low, bootstrap: fails(errors.New("fatal"))})
	err := a.Start(t.Context())
	if err == nil || errors.Is(err, errBroken) || !strings.Contains(err.Error(), `provider "bad": bootstrap: fatal`) {
		t.Errorf("got %v", err)
	}
	d.before(t, "boot:extra", "boot:bad")
	d.before(t, "boot:bad", "shutdown:extra")
	d.before(t, "shutdown:extra", "bootstrap:limps")
	d.before(t, "bootstrap:bad", "shutdown:bad")
	d.before(t, "shutdown:bad", "shutdown:limps")
	for _, name := range []string{"extra", "limps", "bad"} {
		if strings.Count(d.text(), "shutdown:"+name) != 1 {
			t.Error(d.text())
		}
	}
}

// The end of the start's context is no failure of an optional provider.
func TestStartEndsWhileOptionalBoots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var d diary
		a := app(boot.Options{}, &d, &fake{name: "extra", optional: true, boot: waits(time.Hour)})
		problem(t, a.Start(ctx), context.DeadlineExceeded, `provider "extra": boot`)
		d.is(t, "boot:extra shutdown:extra")
	})
}

// An error of shutting down what did not boot is not lost: Stop returns it.
func TestShutdownOfWhatDidNotBoot(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "extra", optional: true, boot: fails(errors.New("no")), shutdown: fails(errBroken)})
	must(t, a.Start(t.Context()))
	problem(t, a.Stop(t.Context()), errBroken, `provider "extra": shutdown: broken`)
}

func TestOptionalProviderInLog(t *testing.T) {
	var text strings.Builder
	logger := slog.New(slog.NewTextHandler(&text, nil))
	a := app(boot.Options{Logger: logger}, &diary{}, &fake{name: "extra", optional: true, boot: fails(errBroken)}, &fake{name: "user", needs: []string{"extra"}})
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	for _, line := range []string{
		`level=WARN msg="boot: optional provider did not boot" module=extra provider=extra error=`,
		`level=WARN msg="boot: provider does not boot: it needs one that failed" module=user provider=user needs=extra/extra`,
	} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("the log lacks %q:\n%s", line, &text)
		}
	}
}

// A service of an optional provider that no Boot needed, and that cannot be
// built, is missing; what needs it is missing too.
func TestServiceOfOptionalProviderIsNotBuilt(t *testing.T) {
	for name, build := range map[string]di.Constructor[*token]{
		"error": func(context.Context, di.Resolver) (*token, error) { return nil, errBroken },
		"panic": func(context.Context, di.Resolver) (*token, error) { panic(errBroken) },
	} {
		t.Run(name, func(t *testing.T) {
			extra := &fake{name: "extra", optional: true}
			extra.register = func(r di.Registrar) error { return di.Singleton(r, build, di.Named("extra")) }
			user := &fake{name: "user"}
			user.register = func(r di.Registrar) error {
				return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*token, error) {
					return di.Get[*token](ctx, r, "extra")
				}, di.Named("user"), di.Needs(tokens([]string{"extra"})...))
			}
			a := boot.New(boot.Options{})
			for _, f := range []*fake{extra, user, {name: "other"}} {
				f.diary, f.wave = &diary{}, lifecycle.Normal
				m := f.module()
				m.Exports = tokens([]string{f.name})
				if f == user {
					m.Needs = tokens([]string{"extra"})
				}
				a.Add(m)
			}
			must(t, a.Start(t.Context()))
			r := a.Health(t.Context(), health.Readiness)
			if r.Results["extra/extra"].Status != health.Degraded || r.Results["user/user"].Status != health.Unhealthy || len(r.Results) != 3 {
				t.Errorf("got %+v", r)
			}
			if _, err := di.Get[*token](t.Context(), a, "user"); err == nil {
				t.Error("user is resolved")
			}
			if _, err := di.Get[*token](t.Context(), a, "other"); err != nil {
				t.Error(err)
			}
			must(t, a.Stop(t.Context()))
		})
	}
}
