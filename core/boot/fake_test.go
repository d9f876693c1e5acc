package boot_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

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
