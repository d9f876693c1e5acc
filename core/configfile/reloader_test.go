package configfile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// pair is a section whose halves must be equal.
type pair struct {
	A, B   int
	Hidden config.Secret[string]
}

var errOdd = errors.New("odd one out")

func (p pair) Validate() error {
	if p.A != p.B {
		return errOdd
	}
	return nil
}

// A source is a file that a Reloader reads.
type source struct {
	t    *testing.T
	path string
}

func newSource(t *testing.T, text string) source {
	return source{t, filepath.Join(dir(t, map[string]string{"app.json": text}), "app.json")}
}

// replace writes a temporary file beside and renames it, as editors do.
func (s source) replace(text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path+"~", []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.path+"~", s.path); err != nil {
		s.t.Fatal(err)
	}
}

func (s source) reloader(o configfile.ReloadOptions) *configfile.Reloader {
	s.t.Helper()
	o.Load.Files = []configfile.File{{Path: s.path}}
	o.Load.Environ = []string{}
	r, err := configfile.NewReloader(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func halves(n int) string {
	return fmt.Sprintf(`{"s": {"a": %d, "b": %d, "hidden": "hunter%d"}}`, n, n, n)
}

func follow(t *testing.T, r *configfile.Reloader) *configfile.Live[pair] {
	t.Helper()
	l, err := configfile.Follow(t.Context(), r, "s", pair{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestReload(t *testing.T) {
	s := newSource(t, halves(1))
	r := s.reloader(configfile.ReloadOptions{})
	live := follow(t, r)
	first := r.Current()
	var diary []string
	note := func(name string, u configfile.Update) {
		diary = append(diary, fmt.Sprint(name, " ", u.Old == first, " ", r.Current() == u.New, " ", live.Get().A, " ", len(u.Changes)))
		clear(u.Changes) // the next one has its own
	}
	r.After(func(_ context.Context, u configfile.Update) { note("after", u) })
	r.Before(func(_ context.Context, u configfile.Update) error { note("before", u); return nil })
	cancel := r.Before(func(_ context.Context, u configfile.Update) error { note("second", u); return nil })

	if changes, err := r.Reload(t.Context()); changes != nil || err != nil || len(first.Diff(r.Current())) != 0 || len(diary) != 0 {
		t.Errorf("nothing changed: %v, %v, %v", changes, err, diary)
	}
	s.replace("\n" + halves(1))
	if _, err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, line, _ := r.Current().Locate("s.a"); line != 2 {
		t.Errorf("s.a moved to line 2, and is said to stand on %d", line)
	}
	first = r.Current()
	s.replace(halves(2))
	changes, err := r.Reload(t.Context())
	want := []configfile.Change{{"s.a", "1", "2"}, {"s.b", "1", "2"}, {"s.hidden", "***", "***"}}
	if err != nil || !reflect.DeepEqual(changes, want) {
		t.Errorf("%+v, %v", changes, err)
	}
	if got := strings.Join(diary, ", "); got != "before true false 1 3, second true false 1 3, after true true 2 3" {
		t.Errorf("%s", got)
	}
	if live.Get().Hidden.Reveal() != "hunter2" {
		t.Error("the section is not that of the new tree")
	}
	cancel()
	cancel()
	diary = nil
	s.replace(halves(3))
	if _, err := r.Reload(t.Context()); err != nil || len(diary) != 2 {
		t.Errorf("after cancelling one: %v, %v", diary, err)
	}
}

func TestReloadRejected(t *testing.T) {
	s := newSource(t, halves(1))
	r := s.reloader(configfile.ReloadOptions{})
	live := follow(t, r)
	first := r.Current()
	errVeto, asked, told := errors.New("the pool cannot shrink"), 0, 0
	cancels := []func(){
		r.Before(func(context.Context, configfile.Update) error { asked++; return errVeto }),
		r.Before(func(context.Context, configfile.Update) error { asked++; panic("in a callback") }),
	}
	r.After(func(context.Context, configfile.Update) { told++ })
	for text, wants := range map[string][]error{
		`{"s": {"a": 2, "b": 2`:          {config.ErrSyntax},
		`{"s": {"a": 2, "b": "x"}}`:      {config.ErrValue},
		`{"s": {"a": 2, "b": 3}}`:        {config.ErrValue},
		`{"s": {"a": 1, "b": 1, "c":1}}`: {config.ErrUnknown},
		halves(2):                        {errVeto},
	} {
		asked = 0
		s.replace(text)
		changes, err := r.Reload(t.Context())
		for _, want := range append(wants, configfile.ErrReload) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", text, err, want)
			}
		}
		if changes != nil || r.Current() != first || live.Get().A != 1 || told != 0 || strings.Contains(fmt.Sprint(err), "hunter") {
			t.Errorf("%s: %v, %v, half of it is in force", text, changes, err)
		}
		if veto := wants[0] == errVeto; veto != (asked == 2) {
			t.Errorf("%s: %d were asked", text, asked)
		}
		if _, panicked := errors.AsType[*errs.PanicError](err); panicked != (wants[0] == errVeto) {
			t.Errorf("%s: the panic is not told: %v", text, err)
		}
	}
	for _, cancel := range cancels {
		cancel()
	}
	s.replace(halves(2)) // was rejected before
	if changes, err := r.Reload(t.Context()); len(changes) != 3 || err != nil || live.Get().A != 2 || told != 1 {
		t.Errorf("%v, %v", changes, err)
	}
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Reload(t.Context()); !errors.Is(err, config.ErrSource) || live.Get().A != 2 {
		t.Errorf("without its file: %v", err)
	}
}

func TestReloadPanicAfter(t *testing.T) {
	s := newSource(t, halves(1))
	r := s.reloader(configfile.ReloadOptions{})
	told := false
	r.After(func(context.Context, configfile.Update) { panic("too late") })
	r.After(func(context.Context, configfile.Update) { told = true })
	s.replace(halves(2))
	changes, err := r.Reload(t.Context())
	if len(changes) != 3 || !errors.Is(err, configfile.ErrReload) || !told || look(t, r.Current(), "s.a") != int64(2) {
		t.Errorf("%v, %v", changes, err)
	}
}

func TestCancelInsideACallback(t *testing.T) {
	s := newSource(t, halves(1))
	r := s.reloader(configfile.ReloadOptions{})
	calls := 0
	var cancel func()
	cancel = r.Before(func(context.Context, configfile.Update) error { calls++; cancel(); return nil })
	r.Before(func(context.Context, configfile.Update) error { calls++; return nil })
	for n := range 2 {
		s.replace(halves(n + 2))
		if _, err := r.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 3 {
		t.Errorf("%d calls, want 3", calls)
	}
}

func TestReloaderErrors(t *testing.T) {
	if _, err := configfile.NewReloader(t.Context(), configfile.ReloadOptions{Interval: -1}); !errors.Is(err, config.ErrValue) {
		t.Errorf("%v", err)
	}
	if _, err := configfile.NewReloader(t.Context(), configfile.ReloadOptions{Load: configfile.Options{Files: []configfile.File{{Path: "none"}}}}); !errors.Is(err, config.ErrSource) {
		t.Errorf("%v", err)
	}
	r := newSource(t, `{"s": {"a": 1}}`).reloader(configfile.ReloadOptions{})
	if _, err := configfile.Follow(t.Context(), r, "s", pair{}); !errors.Is(err, config.ErrValue) {
		t.Errorf("a section that is wrong from the beginning: %v", err)
	}
	if _, err := configfile.Follow(t.Context(), r, "s", 1); !errors.Is(err, config.Err) {
		t.Errorf("no struct: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := configfile.Follow(ctx, r, "t", pair{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := r.Reload(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, configfile.ErrReload) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestReloadWaitsForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, halves(1))
		r := s.reloader(configfile.ReloadOptions{})
		release := make(chan struct{})
		r.Before(func(context.Context, configfile.Update) error { <-release; return nil })
		s.replace(halves(2))
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := r.Reload(t.Context()); first <- err }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, err := r.Reload(ctx); second <- err }()
		synctest.Wait()
		cancel()
		if err := <-second; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		close(release)
		if err := <-first; err != nil {
			t.Error(err)
		}
	})
}

// The structs of sections may be decoded into while a Reloader runs.
func TestReloaderKeepsNoSections(t *testing.T) {
	s := newSource(t, `{}`)
	section := &pair{A: 1, B: 1}
	r := s.reloader(configfile.ReloadOptions{Load: configfile.Options{Sections: map[string]any{"s": section}}})
	section.A, section.B = 7, 7
	s.replace(`{"x": 1}`)
	if _, err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.Current().Explain("s.a"); len(got) != 1 || got[0].Said[0].Value != "1" {
		t.Errorf("the default is %v", got)
	}
	if _, err := configfile.Follow(t.Context(), r, "t.u", struct{ Hidden config.Secret[string] }{}); err != nil {
		t.Fatal(err)
	}
	s.replace(`{"t": {"u": {"hidden": "hunter2"}}, "s": {"hidden": "hunter3"}}`)
	changes, err := r.Reload(t.Context())
	if err != nil || fmt.Sprint(changes) != "[{s.hidden  ***} {t.u.hidden  ***} {x 1 }]" {
		t.Errorf("%v, %v", changes, err)
	}
}

// A secret whose section was not known when it was loaded does not show when it goes.
func TestReloadHidesWhatWasLoadedBeforeFollow(t *testing.T) {
	s := newSource(t, `{"s": {"hidden": "hunter2"}}`)
	r := s.reloader(configfile.ReloadOptions{})
	follow(t, r)
	shows(t, r.Current(), nil, "hunter2")
	s.replace(`{}`)
	if changes, err := r.Reload(t.Context()); err != nil || fmt.Sprint(changes) != "[{s.hidden *** }]" {
		t.Errorf("%v, %v", changes, err)
	}
}

// A secret that is rotated in its store is a change.
func TestReloadFetchesSecretsAgain(t *testing.T) {
	s := newSource(t, `{"s": {"hidden": "${secret:x}"}}`)
	secrets := store{"x": "hunter1"}
	r := s.reloader(configfile.ReloadOptions{Load: configfile.Options{Secrets: secrets}})
	live := follow(t, r)
	secrets["x"] = "hunter2"
	changes, err := r.Reload(t.Context())
	if err != nil || fmt.Sprint(changes) != "[{s.hidden *** ***}]" || live.Get().Hidden.Reveal() != "hunter2" {
		t.Errorf("%v, %v", changes, err)
	}
}

func ExampleReloader() {
	ctx := context.Background()
	d, err := os.MkdirTemp("", "configfile")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(d)
	path := filepath.Join(d, "application.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			panic(err)
		}
	}
	write(`{"mail": {"from": "a@example.org", "password": "hunter2"}}`)
	r, err := configfile.NewReloader(ctx, configfile.ReloadOptions{Load: configfile.Options{Files: []configfile.File{{Path: path}}}})
	if err != nil {
		panic(err)
	}
	type Mail struct {
		From     string                `config:"from,required"`
		Password config.Secret[string] `config:"password"`
	}
	mail, err := configfile.Follow(ctx, r, "mail", Mail{})
	if err != nil {
		panic(err)
	}
	write(`{"mail": {"from": "", "password": "hunter3"}}`)
	_, err = r.Reload(ctx) // as on SIGHUP; Run looks by itself
	fmt.Println(errors.Is(err, config.ErrMissing), mail.Get().From)

	write(`{"mail": {"from": "b@example.org", "password": "hunter3"}}`)
	changes, err := r.Reload(ctx)
	fmt.Println(changes, err, mail.Get().From)
	// Output:
	// true a@example.org
	// [{mail.from "a@example.org" "b@example.org"} {mail.password *** ***}] <nil> b@example.org
}
