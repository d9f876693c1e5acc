package logkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/core/logkit"
)

// lines counts what is written, and what was dropped before it.
type lines struct {
	slog.Handler
	n, dropped atomic.Uint64
}

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	l.n.Add(1)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == logkit.DroppedKey {
			l.dropped.Add(a.Value.Uint64())
		}
		return true
	})
	return nil
}

func (l *lines) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l *lines) WithGroup(string) slog.Handler      { return l }

func counting() *lines { return &lines{Handler: slog.NewTextHandler(io.Discard, nil)} }

func TestSampler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := counting()
		h := sampler(t, out, logkit.Sample{First: 3, Every: 10, Interval: time.Minute})
		log := slog.New(h)
		want := func(n, dropped uint64) {
			t.Helper()
			if out.n.Load() != n || h.Dropped() != dropped {
				t.Errorf("%d lines, %d dropped, want %d and %d", out.n.Load(), h.Dropped(), n, dropped)
			}
		}
		for range 33 {
			log.With("k", "v").Info("again", "other", time.Now()) // attributes do not matter
		}
		want(3+3, 27)
		for range 3 {
			log.Warn("again") // another level
			log.Info("else")  // another message
		}
		want(6+3+3, 27)
		for range 100 {
			log.Error("again")
		}
		want(12+100, 27)
		time.Sleep(time.Minute)
		log.WithGroup("g").Info("again")
		want(112+1, 27)
		if told := out.dropped.Load(); told != 27 {
			t.Errorf("the lines told of %d dropped ones, want 27", told)
		}
	})
}

func TestSamplerTellsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(sampler(t, slog.NewJSONHandler(&out, nil), logkit.Sample{First: 1}))
		for range 5 {
			log.Info("again", "k", 1)
		}
		time.Sleep(time.Second)
		log.Info("again", "k", 1)
		time.Sleep(time.Second)
		log.Info("again", "k", 1)
		var dropped []float64
		for line := range strings.Lines(out.String()) {
			var m map[string]any
			if err := json.Unmarshal([]byte(line), &m); err != nil || m["k"] != 1.0 {
				t.Fatalf("%s: %v", line, err)
			}
			n, _ := m[logkit.DroppedKey].(float64)
			dropped = append(dropped, n)
		}
		if len(dropped) != 3 || dropped[0] != 0 || dropped[1] != 4 || dropped[2] != 0 {
			t.Errorf("told %v, want 0, 4, 0", dropped)
		}
	})
}

// TestSamplerClockSteps: records whose time goes back do not close the door for long.
func TestSamplerClockSteps(t *testing.T) {
	out := counting()
	h := sampler(t, out, logkit.Sample{First: 1})
	at := time.Now().Round(0) // without a monotonic reading
	for _, step := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour, 0, 0} {
		at = at.Add(step)
		if err := h.Handle(t.Context(), slog.NewRecord(at, slog.LevelInfo, "m", 0)); err != nil {
			t.Fatal(err)
		}
	}
	if out.n.Load() != 3 || h.Dropped() != 2 {
		t.Errorf("%d lines, %d dropped, want 3 and 2", out.n.Load(), h.Dropped())
	}
	if err := h.Handle(t.Context(), slog.NewRecord(time.Time{}, slog.LevelWarn, "m", 0)); err != nil || out.n.Load() != 4 {
		t.Errorf("a record without a time: %d lines, %v", out.n.Load(), err)
	}
}

func TestSamplerConcurrentSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in which no interval ends
		out := counting()
		h := sampler(t, out, logkit.Sample{First: 10, Every: 100})
		log := slog.New(h)
		var wg sync.WaitGroup
		log.Info("again") // begins the interval
		for range 8 {
			wg.Go(func() {
				for range 1_000 {
					log.Info("again")
				}
			})
		}
		wg.Wait()
		if n, total := out.n.Load(), out.n.Load()+h.Dropped(); total != 8_001 || n != 10+79 {
			t.Errorf("%d lines of %d", n, total)
		}
	})
}

func TestSamplerRefuses(t *testing.T) {
	for want, s := range map[string]logkit.Sample{
		"first is negative":    {First: -1},
		"every is negative":    {First: 1, Every: -1},
		"interval is negative": {First: 1, Interval: -1},
		"first is 0":           {Every: 2},
	} {
		if h, err := logkit.NewSampler(slog.DiscardHandler, s); h != nil || !errors.Is(err, logkit.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", s, err)
		}
		if _, err := logkit.New(io.Discard, logkit.Options{Sample: s}); !errors.Is(err, logkit.Err) || !strings.Contains(err.Error(), "sample."+want) {
			t.Errorf("New, %+v: %v", s, err)
		}
	}
}
