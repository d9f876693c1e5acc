package boot_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
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

// A diary notes what happened, in order.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) note(s string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, s)
}

func (d *diary) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, " ")
}

func (d *diary) is(t *testing.T, want string) {
	t.Helper()
	if got := d.text(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// before fails unless a was noted, and before b.
func (d *diary) before(t *testing.T, a, b string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	i, j := slices.Index(d.lines, a), slices.Index(d.lines, b)
	if i < 0 || j < 0 || i > j {
		t.Errorf("%q does not come before %q: %v", a, b, d.lines)
	}
}

type hookFunc = func(ctx context.Context) error

// A fake is a provider with every hook, which notes them in its diary. It
// registers a named *token, which needs the tokens of others.
type fake struct {
	name      string
	needs     []string
	may       []string // needs that may be absent
	diary     *diary
	wave      lifecycle.Priority
	optional  bool
	bootLimit time.Duration
	stopLimit time.Duration
	register  func(r di.Registrar) error
	boot      hookFunc
	bootstrap hookFunc
	drain     hookFunc
	shutdown  hookFunc
}

type token struct{ name string }

func tokens(names []string) []di.Key {
	ks := make([]di.Key, len(names))
	for i, n := range names {
		ks[i] = di.KeyOf[*token](n)
	}
	return ks
}

func (f *fake) Name() string { return f.name }

func (f *fake) Register(r di.Registrar) error {
	if f.register != nil {
		return f.register(r)
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (*token, error) {
		for _, n := range f.needs {
			if _, err := di.Get[*token](ctx, r, n); err != nil {
				return nil, err
			}
		}
		return &token{f.name}, nil
	}, di.Named(f.name), di.Needs(tokens(f.needs)...),
		di.Closed(func(context.Context, *token) error { f.diary.note("close:" + f.name); return nil }))
}

func (f *fake) Needs() []di.Key {
	ks := tokens(f.needs)
	for _, k := range tokens(f.may) {
		ks = append(ks, di.Optional(k))
	}
	return ks
}

func (f *fake) Priority() lifecycle.Priority { return f.wave }

func (f *fake) Optional() bool { return f.optional }

func (f *fake) Deadlines() (boot, stop time.Duration) { return f.bootLimit, f.stopLimit }

func (f *fake) call(ctx context.Context, hook string, fn hookFunc) error {
	f.diary.note(hook + ":" + f.name)
	if fn == nil {
		return nil
	}
	return fn(ctx)
}

func (f *fake) Boot(ctx context.Context, r di.Resolver) error {
	for _, n := range f.needs {
		if _, err := di.Get[*token](ctx, r, n); err != nil {
			return err
		}
	}
	return f.call(ctx, "boot", f.boot)
}

func (f *fake) Bootstrap(ctx context.Context, _ di.Resolver) error {
	return f.call(ctx, "bootstrap", f.bootstrap)
}
func (f *fake) Drain(ctx context.Context) error    { return f.call(ctx, "drain", f.drain) }
func (f *fake) Shutdown(ctx context.Context) error { return f.call(ctx, "shutdown", f.shutdown) }

// module returns a module of f alone.
func (f *fake) module() module.Descriptor {
	d := module.Descriptor{Name: f.name, Providers: []lifecycle.Provider{f}, Needs: f.Needs()}
	if f.register == nil {
		d.Exports = tokens([]string{f.name})
	}
	return d
}

// app returns an application of fakes, each a module, which share a diary.
func app(o boot.Options, d *diary, fakes ...*fake) *boot.App {
	a := boot.New(o)
	for _, f := range fakes {
		f.diary = d
		if f.wave == 0 {
			f.wave = lifecycle.Normal
		}
		a.Add(f.module())
	}
	return a
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// problem fails unless err is the sentinel and says every text.
func problem(t *testing.T, err, sentinel error, texts ...string) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Errorf("got %v, want an error that is %v", err, sentinel)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got %q, which does not say %q", err, text)
		}
	}
}

func waits(d time.Duration) hookFunc {
	return func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// ignores is a hook that takes d whatever its context says.
func ignores(d time.Duration) hookFunc {
	return func(context.Context) error { time.Sleep(d); return nil }
}

func fails(err error) hookFunc { return func(context.Context) error { return err } }

var errBroken = errs.New("BROKEN", errs.Unavailable, "broken")

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
