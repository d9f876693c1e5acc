package observetest

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/observe"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) observe.Sink { return &Recorder{} })
}

// TestSmallest shows that a sink with no more than the three methods passes, and what it lacks is skipped.
func TestSmallest(t *testing.T) {
	Run(t, func(*testing.T) observe.Sink { return struct{ observe.Sink }{&Recorder{}} })
}

// Each broken sink breaks one rule.
type (
	orphan    struct{ Recorder }
	canceller struct{ Recorder }
	endsOnce  struct{ Recorder }
	blocks    struct{ Recorder }
	panics    struct{ Recorder }
	changes   struct{ Recorder }
	refuses   struct{ Recorder }
	races     struct {
		Recorder
		inside atomic.Int64
	}
	forgets struct{ Recorder }
	samples struct {
		Recorder
		read func() float64
	}
)

func (s *orphan) Start(_ context.Context, op string, attrs ...slog.Attr) (context.Context, func(error)) {
	return s.Recorder.Start(context.Background(), op, attrs...)
}

func (s *canceller) Start(ctx context.Context, op string, attrs ...slog.Attr) (context.Context, func(error)) {
	ctx, cancel := context.WithCancel(ctx)
	ctx, end := s.Recorder.Start(ctx, op, attrs...)
	return ctx, func(err error) { cancel(); end(err) }
}

func (s *endsOnce) Start(ctx context.Context, op string, attrs ...slog.Attr) (context.Context, func(error)) {
	ended := make(chan struct{})
	ctx, end := s.Recorder.Start(ctx, op, attrs...)
	return ctx, func(err error) { close(ended); end(err) }
}

func (s *blocks) Count(context.Context, string, int64, ...slog.Attr) { time.Sleep(time.Second) }

func (s *panics) Record(_ context.Context, _ string, _ float64, attrs ...slog.Attr) {
	for _, a := range attrs {
		a.Value.Any().(slog.LogValuer).LogValue()
	}
}

func (s *changes) Count(_ context.Context, _ string, _ int64, attrs ...slog.Attr) {
	for i := range attrs {
		attrs[i].Key = "app." + attrs[i].Key
	}
}

func (s *refuses) Start(ctx context.Context, op string, attrs ...slog.Attr) (context.Context, func(error)) {
	if ctx.Err() != nil {
		return nil, nil
	}
	return s.Recorder.Start(ctx, op, attrs...)
}

func (s *races) Record(context.Context, string, float64, ...slog.Attr) {
	if s.inside.Add(1) > 1 {
		panic("concurrent map writes")
	}
	time.Sleep(time.Nanosecond)
	s.inside.Add(-1)
}

func (s *forgets) Extract(ctx context.Context, _ map[string]string) context.Context { return ctx }

func (s *samples) Gauge(_ string, read func() float64, _ ...slog.Attr) func() {
	s.read = read
	return func() {}
}

func (s *samples) Levels() map[string]float64 { return map[string]float64{"": s.read()} }

func TestBroken(t *testing.T) {
	broken := map[string]observe.Sink{
		"context is a child":       &orphan{},
		"context is not cancelled": &canceller{},
		"end again":                &endsOnce{},
		"never blocks":             &blocks{},
		"never panics":             &panics{},
		"attrs are the caller's":   &changes{},
		"cancelled context":        &refuses{},
		"concurrent use":           &races{},
		"propagation":              &forgets{},
		"gauge stops":              &samples{},
	}
	for _, r := range rules {
		sink, ok := broken[r.name]
		if !ok {
			t.Errorf("rule %q: no sink breaks it, so nothing shows that its check works", r.name)
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			if err := r.run(t.Context(), sink, time.Second); err == nil || errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("rule %q: the sink that breaks it passed: %v", r.name, err)
			}
			time.Sleep(2 * time.Hour) // a bubble ends when all that it began has ended
		})
	}
}

func TestRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r Recorder
		o := observe.Observer{Sink: &r}
		ctx, end := o.Start(t.Context(), "outer", slog.String("k", "v"))
		_, endInner := o.Start(ctx, "inner")
		time.Sleep(time.Second)
		failure := errors.New("failed")
		endInner(failure)
		endInner(nil)
		end(nil)
		o.Count(ctx, "n", 2)
		o.Count(ctx, "n", 3)
		o.Record(ctx, "v", 0.5)
		stop := r.Gauge("level", func() float64 { return 7 })
		if r.Levels()["level"] != 7 {
			t.Errorf("Levels = %v", r.Levels())
		}
		stop()
		inner, ok := r.Span("inner")
		if !ok || inner.Parent != "outer" || inner.Err != failure || !inner.Ended || inner.Took != time.Second {
			t.Errorf("inner = %+v, %v", inner, ok)
		}
		if s := r.Spans(); len(s) != 2 || s[0].Op != "outer" || s[0].Attrs[0].Key != "k" {
			t.Errorf("Spans = %+v", s)
		}
		if r.Total("n") != 5 || len(r.Values("v")) != 1 || len(r.Levels()) != 0 {
			t.Errorf("total %d, values %v, levels %v", r.Total("n"), r.Values("v"), r.Levels())
		}
		if _, ok := r.Span("absent"); ok {
			t.Error("a span that was not started is found")
		}
	})
}
