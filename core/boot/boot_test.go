package boot_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOrder(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "c", needs: []string{"b"}}, &fake{name: "b", needs: []string{"a"}}, &fake{name: "a"})
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	d.is(t, "boot:a boot:b boot:c bootstrap:a bootstrap:b bootstrap:c "+
		"drain:c drain:b drain:a shutdown:c shutdown:b shutdown:a close:c close:b close:a")
}

func TestWaves(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d,
		&fake{name: "late", wave: lifecycle.Presentation},
		&fake{name: "normal"},
		&fake{name: "early", wave: lifecycle.Infrastructure, needs: []string{"needed"}},
		&fake{name: "needed", wave: lifecycle.Low}, // comes first all the same
	)
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	for _, p := range [][2]string{{"needed", "early"}, {"early", "normal"}, {"normal", "late"}} {
		d.before(t, "boot:"+p[0], "boot:"+p[1])
		d.before(t, "shutdown:"+p[1], "shutdown:"+p[0])
	}
}

func TestIndependentProvidersBootTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		minute := waits(time.Minute)
		a := app(boot.Options{BootTimeout: time.Hour, ShutdownTimeout: time.Hour}, &d,
			&fake{name: "a", boot: minute, drain: minute, shutdown: minute},
			&fake{name: "b", boot: minute, drain: minute, shutdown: minute},
			&fake{name: "c", boot: minute, drain: minute, shutdown: minute, needs: []string{"a", "b"}})
		began := time.Now()
		must(t, a.Start(t.Context()))
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("Start took %v, want 2m", took)
		}
		began = time.Now()
		must(t, a.Stop(t.Context()))
		if took := time.Since(began); took != 4*time.Minute {
			t.Errorf("Stop took %v, want 4m", took)
		}
	})
}

func TestRollback(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d,
		&fake{name: "a"}, &fake{name: "b", needs: []string{"a"}, boot: fails(errBroken)},
		&fake{name: "c", needs: []string{"b"}}, &fake{name: "late", wave: lifecycle.Low})
	err := a.Start(t.Context())
	problem(t, err, errBroken, `module "b", provider "b": boot: broken`)
	problem(t, err, boot.Err)
	if k := errs.KindOf(err); k != errs.Unavailable {
		t.Errorf("the kind is %v", k)
	}
	if h, ok := errors.AsType[*boot.HookError](err); !ok || h.Module != "b" || h.Provider != "b" || h.Hook != "boot" {
		t.Errorf("got %#v", h)
	}
	d.is(t, "boot:a boot:b shutdown:b shutdown:a close:a")
	if a.State() != boot.Stopped {
		t.Errorf("the state is %v", a.State())
	}
	must(t, a.Stop(t.Context()))
}

func TestRollbackWaitsForSiblings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		slow := func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(10 * time.Second) // cleaning up
			d.note("sibling ends")
			return ctx.Err()
		}
		a := app(boot.Options{}, &d, &fake{name: "a", boot: slow}, &fake{name: "b", boot: func(context.Context) error {
			time.Sleep(time.Second)
			return errBroken
		}})
		began := time.Now()
		err := a.Start(t.Context())
		problem(t, err, errBroken)
		if took := time.Since(began); took != 11*time.Second {
			t.Errorf("Start took %v, so the sibling was not cancelled, or not waited for", took)
		}
		if errors.Is(err, context.Canceled) || errors.Is(err, boot.ErrStuck) {
			t.Errorf("the sibling that was cancelled is reported: %v", err)
		}
		d.before(t, "sibling ends", "shutdown:a")
		d.before(t, "sibling ends", "shutdown:b")
	})
}

func TestRollbackAfterBootstrap(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "a"}, &fake{name: "b", bootstrap: fails(errBroken), shutdown: fails(errors.New("and again"))})
	err := a.Start(t.Context())
	problem(t, err, errBroken, `provider "b": bootstrap: broken`, `provider "b": shutdown: and again`)
	d.before(t, "bootstrap:b", "shutdown:a")
	d.before(t, "shutdown:a", "close:a")
}

func TestPanics(t *testing.T) {
	panics := func(context.Context) error { panic("oh") }
	for hook, f := range map[string]*fake{
		"boot":      {boot: panics},
		"bootstrap": {bootstrap: panics},
		"drain":     {drain: panics},
		"shutdown":  {shutdown: panics},
		"register":  {register: func(di.Registrar) error { panic("oh") }},
	} {
		t.Run(hook, func(t *testing.T) {
			f.name = "p"
			a := app(boot.Options{}, &diary{}, f)
			err := errors.Join(a.Start(t.Context()), a.Stop(t.Context()))
			problem(t, err, errs.ErrPanic, `module "p", provider "p": `+hook+": panic: oh")
		})
	}
}

func TestErrorsOfStopAreJoined(t *testing.T) {
	var d diary
	other := errors.New("other")
	a := app(boot.Options{}, &d, &fake{name: "a", shutdown: fails(errBroken)}, &fake{name: "b", drain: fails(other), needs: []string{"a"}})
	must(t, a.Start(t.Context()))
	err := a.Stop(t.Context())
	problem(t, err, errBroken, `"a": shutdown`)
	problem(t, err, other, `"b": drain`)
	d.before(t, "shutdown:a", "close:a")
	if again := a.Stop(t.Context()); again == nil || again.Error() != err.Error() {
		t.Errorf("the second Stop = %v", again)
	}
}

func TestStates(t *testing.T) {
	a := boot.New(boot.Options{})
	must(t, a.Stop(t.Context())) // before Start
	if a.State() != boot.Created {
		t.Errorf("after an early Stop: %v", a.State())
	}
	must(t, a.Start(t.Context()))
	problem(t, a.Start(t.Context()), boot.ErrState, "ready")
	must(t, a.Stop(t.Context()), a.Stop(t.Context()))
	problem(t, a.Start(t.Context()), boot.ErrState, "stopped")
	if _, err := di.Get[*token](t.Context(), a); !errors.Is(err, di.ErrClosed) {
		t.Errorf("Resolve after Stop = %v", err)
	}
}

func TestResolve(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "a"})
	must(t, a.Start(t.Context()))
	defer func() { must(t, a.Stop(t.Context())) }()
	if got, err := di.Get[*token](t.Context(), a, "a"); err != nil || got.name != "a" {
		t.Errorf("got %v, %v", got, err)
	}
	if all, err := di.All[*token](t.Context(), a); err != nil || len(all) != 1 {
		t.Errorf("got %v, %v", all, err)
	}
	if len(a.Graph().Nodes) != 2 {
		t.Errorf("the graph is %v", a.Graph())
	}
}

func TestGraphProblemsAtOnce(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "a", needs: []string{"absent"}}, &fake{name: "b", needs: []string{"c"}}, &fake{name: "c", needs: []string{"b"}},
		&fake{name: "r", register: func(di.Registrar) error { return errBroken }})
	err := a.Start(t.Context())
	problem(t, err, di.ErrMissing, `*boot_test.token "absent"`)
	problem(t, err, di.ErrCycle, `"b" -> `)
	problem(t, err, errBroken, `provider "r": register`)
	d.is(t, "")
}

func TestBootCycle(t *testing.T) {
	none := func(context.Context, di.Resolver) (*token, error) { return &token{}, nil }
	// a's Boot needs b's service and the other way round; the services need nothing.
	a := &fake{name: "a", needs: []string{"b"}}
	b := &fake{name: "b", needs: []string{"a"}}
	a.register = func(r di.Registrar) error { return di.Singleton(r, none, di.Named("a")) }
	b.register = func(r di.Registrar) error { return di.Singleton(r, none, di.Named("b")) }
	da, db := a.module(), b.module()
	da.Exports, db.Exports = tokens([]string{"a"}), tokens([]string{"b"})
	problem(t, boot.New(boot.Options{}).Add(da, db).Start(t.Context()), di.ErrCycle, "a/a -> b/b -> a/a")
}

func TestProvidersOfOneName(t *testing.T) {
	var d diary
	one := &fake{name: "same", diary: &d, wave: 1}
	two := &fake{name: "same", diary: &d, wave: 1, register: func(r di.Registrar) error { return nil }, needs: []string{"same"}}
	a := boot.New(boot.Options{}).Add(module.Descriptor{Name: "m", Providers: []lifecycle.Provider{two, one}})
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	if s := d.text(); strings.Count(s, "boot:same") != 2 {
		t.Error(s)
	}
}
