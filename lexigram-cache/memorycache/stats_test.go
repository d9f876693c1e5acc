package memorycache

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/observe"
)

// gauges is a sink that samples when it is asked to.
type gauges struct{ reads map[string]func() float64 }

func (gauges) Start(ctx context.Context, _ string, _ ...slog.Attr) (context.Context, func(error)) {
	return ctx, func(error) {}
}
func (gauges) Count(context.Context, string, int64, ...slog.Attr)    {}
func (gauges) Record(context.Context, string, float64, ...slog.Attr) {}

func (g gauges) Gauge(name string, read func() float64, _ ...slog.Attr) func() {
	g.reads[name] = read
	return func() { delete(g.reads, name) }
}

func TestGauges(t *testing.T) {
	for opts, want := range map[Options][]string{
		{}:               {"cache.bytes", "cache.entries", "cache.evictions", "cache.hits", "cache.misses"},
		{MaxEntries: 10}: {"cache.entries", "cache.evictions", "cache.hits", "cache.misses"},
	} {
		g := gauges{map[string]func() float64{}}
		opts.Observer = observe.Observer{Sink: &g}
		s := open(t, opts)
		if err := s.Set(t.Context(), "k", []byte("v"), 0); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := s.Get(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
		}
		if got := slices.Sorted(maps.Keys(g.reads)); !slices.Equal(got, want) {
			t.Errorf("%q are sampled, want %q", got, want)
		}
		if hits, entries := g.reads["cache.hits"](), g.reads["cache.entries"](); hits != 3 || entries != 1 {
			t.Errorf("%v hits, %v entries", hits, entries)
		}
		if err := s.Close(); err != nil || len(g.reads) != 0 {
			t.Errorf("Close = %v; %d gauges are left", err, len(g.reads))
		}
	}
}
