package boot_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// A graceful is a service that holds something and is no provider.
type graceful struct {
	name  string
	diary *diary
	hook  hookFunc
}

func (g *graceful) Shutdown(ctx context.Context) error {
	g.diary.note("shutdown:" + g.name)
	if g.hook == nil {
		return nil
	}
	return g.hook(ctx)
}

func (g *graceful) key() di.Key { return di.KeyOf[*graceful](g.name) }

// register registers services, each of which needs the one before.
func register(r di.Registrar, services ...*graceful) error {
	for i, g := range services {
		var needs []di.Key
		if i > 0 {
			needs = []di.Key{services[i-1].key()}
		}
		build := func(ctx context.Context, r di.Resolver) (*graceful, error) {
			for _, k := range needs {
				if _, err := r.Resolve(ctx, k); err != nil {
					return nil, err
				}
			}
			return g, nil
		}
		if err := di.Singleton(r, build, di.Named(g.name), di.Needs(needs...)); err != nil {
			return err
		}
	}
	return nil
}

func TestGracefulServices(t *testing.T) {
	var d diary
	a, b := &graceful{name: "a", diary: &d}, &graceful{name: "b", diary: &d, hook: fails(errBroken)}
	f := &fake{name: "p", register: func(r di.Registrar) error { return register(r, a, b) }}
	f.shutdown = func(ctx context.Context) error { return nil }
	application := app(boot.Options{}, &d, f)
	must(t, application.Start(t.Context()))
	ctx := lifecycle.WithStopCause(t.Context(), errBroken)
	a.hook = func(ctx context.Context) error {
		if lifecycle.StopCause(ctx) != error(errBroken) {
			t.Errorf("the cause is %v", lifecycle.StopCause(ctx))
		}
		return nil
	}
	problem(t, application.Stop(ctx), errBroken, `boot: module "p", provider "p": close *boot_test.graceful "b": broken`)
	d.is(t, "boot:p bootstrap:p drain:p shutdown:p shutdown:b shutdown:a")
}

// Each has a deadline, and one that ignores it does not keep the others waiting.
func TestGracefulServiceIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a, b := &graceful{name: "a", diary: &d, hook: waits(time.Hour)}, &graceful{name: "b", diary: &d, hook: ignores(time.Hour)}
		application := app(boot.Options{ShutdownTimeout: time.Minute}, &diary{},
			&fake{name: "p", register: func(r di.Registrar) error { return register(r, a, b) }})
		must(t, application.Start(t.Context()))
		began := time.Now()
		err := application.Stop(t.Context())
		problem(t, err, boot.ErrStuck, `close *boot_test.graceful "b": deadline of 1m0s exceeded: boot: still running 1s after`)
		problem(t, err, context.DeadlineExceeded, `close *boot_test.graceful "a": deadline of 1m0s exceeded`)
		if took := time.Since(began); took != 2*time.Minute+time.Second {
			t.Errorf("Stop took %v", took)
		}
		d.is(t, "shutdown:b shutdown:a")
		time.Sleep(time.Hour)
	})
}

// A service that nobody built has nothing to release, and a scoped one is its scope's.
func TestGracefulServiceThatWasNotBuilt(t *testing.T) {
	var d diary
	f := &fake{name: "p", boot: fails(errBroken), register: func(r di.Registrar) error { return register(r, &graceful{name: "a", diary: &d}) }}
	problem(t, app(boot.Options{}, &diary{}, f).Start(t.Context()), errBroken)
	d.is(t, "")
}

// A serving is a provider that is the service which it registers.
type serving struct{ fake }

func (s *serving) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (*serving, error) { return s, nil })
}

func TestProviderThatIsItsOwnService(t *testing.T) {
	var d diary
	s := &serving{fake{name: "s", diary: &d, wave: lifecycle.Normal}}
	a := boot.New(boot.Options{}).Add(module.Descriptor{Name: "s", Providers: []lifecycle.Provider{s}, Exports: []di.Key{di.KeyOf[*serving]()}})
	must(t, a.Start(t.Context()))
	if _, err := di.Get[*serving](t.Context(), a); err != nil {
		t.Error(err)
	}
	must(t, a.Stop(t.Context()))
	d.is(t, "boot:s bootstrap:s drain:s shutdown:s")
}
