package configfile_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// running runs a Reloader in a bubble, and returns what ends it.
func running(t *testing.T, r *configfile.Reloader) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, halves(1))
		var log strings.Builder
		r := s.reloader(configfile.ReloadOptions{Interval: 10 * time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		live := follow(t, r)
		stop := running(t, r)
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		pass(time.Second)
		s.replace(halves(2))
		pass(9*time.Second + 400*time.Millisecond)
		if live.Get().A != 1 {
			t.Error("a change counts before it has settled")
		}
		pass(200 * time.Millisecond)
		if live.Get().A != 2 {
			t.Errorf("the change is not in force: %+v", live.Get())
		}
		s.replace(`{"s": {"a": 3, "b": 4, "hidden": "hunter3"}}`)
		pass(11 * time.Second)
		if live.Get().A != 2 || !strings.Contains(log.String(), "configuration not reloaded") || !strings.Contains(log.String(), errOdd.Error()) {
			t.Errorf("%+v\n%s", live.Get(), &log)
		}
		s.replace(halves(3))
		pass(11 * time.Second) // the pause is twice as long now
		if live.Get().A != 2 {
			t.Error("there is no backoff")
		}
		pass(11 * time.Second)
		if live.Get().A != 3 || strings.Contains(log.String(), "hunter") {
			t.Errorf("%+v\n%s", live.Get(), &log)
		}
		stop()
		s.replace(halves(4))
		pass(time.Hour)
		if live.Get().A != 3 {
			t.Error("it goes on after its end")
		}
	})
}

// A file is written in pieces, and removed for a while; each piece is a document
// of its own.
func TestRunLeavesWhatIsBeingWrittenAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := dir(t, map[string]string{"app.json": halves(1), "more.json": `{"more": 1}`})
		base, more := filepath.Join(d, "app.json"), filepath.Join(d, "more.json")
		r, err := configfile.NewReloader(t.Context(), configfile.ReloadOptions{
			Interval: time.Second, Load: configfile.Options{Environ: []string{}, Files: []configfile.File{{Path: base}, {Path: more, Optional: true}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		r.After(func(_ context.Context, u configfile.Update) { seen = append(seen, fmt.Sprint(u.Changes)) })
		stop := running(t, r)
		defer stop()
		write := func(path, text string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			time.Sleep(300 * time.Millisecond)
		}
		time.Sleep(930 * time.Millisecond) // so that no writing meets a reading
		for _, piece := range []string{"", `{"s"`, `{"s": {}}`, `{"s": {"a": 2}}`, `{"s": {"a": 2, "b": 2}}`} {
			write(base, piece)
		}
		if err := os.Remove(more); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		write(more, `{"more": 2}`)
		if err := os.WriteFile(base+".swp", []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if want := "[{more 1 2} {s.a 1 2} {s.b 1 2} {s.hidden \"hunter1\" }]"; len(seen) != 1 || seen[0] != want {
			t.Errorf("the changes are %q, want %q", seen, want)
		}
	})
}

func TestRunGivesUpOnRestlessSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, secrets := 0, store{}
		var log strings.Builder
		d := dir(t, map[string]string{"app.json": `{"a": "${secret:x}"}`})
		r, err := configfile.NewReloader(t.Context(), configfile.ReloadOptions{
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Load:   configfile.Options{Environ: []string{}, Files: []configfile.File{{Path: filepath.Join(d, "app.json")}}, Secrets: restless{secrets, &n}},
		})
		if err != nil {
			t.Fatal(err)
		}
		first := r.Current()
		stop := running(t, r)
		time.Sleep(time.Minute)
		stop()
		if r.Current() != first || !strings.Contains(log.String(), "faster than they can be read") {
			t.Errorf("%s", &log)
		}
	})
}

// restless gives another secret each time.
type restless struct {
	store
	n *int
}

func (r restless) Get(context.Context, string) (config.Secret[string], error) {
	*r.n++
	return config.NewSecret(fmt.Sprint("hunter", *r.n)), nil
}

func TestRunBacksOffToTenIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource(t, halves(1))
		r := s.reloader(configfile.ReloadOptions{Interval: time.Minute})
		stop := running(t, r)
		defer stop()
		s.replace("{")
		time.Sleep(24 * time.Hour)
		s.replace(halves(2))
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		if got := look(t, r.Current(), "s.a"); got != int64(2) {
			t.Errorf("s.a = %v, ten intervals after it was mended", got)
		}
	})
}
