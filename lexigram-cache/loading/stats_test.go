package loading_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// gauges is a sink that samples when it is asked to.
type gauges struct {
	*sink
	reads map[string]func() float64
}

func (g gauges) Gauge(name string, read func() float64, attrs ...slog.Attr) func() {
	name += " " + attrs[0].Value.String()
	g.reads[name] = read
	return func() { delete(g.reads, name) }
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gauges{newSink(), map[string]func() float64{}}
		c, err := loading.New[int](newFull(), loading.Options{
			Name: "users", Local: newLocal(), NotFound: errNoUser, NegativeTTL: time.Hour, Observer: observe.Observer{Sink: g},
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		load := func(context.Context, string) (int, error) { time.Sleep(time.Second); return 1, nil }
		go func() { _, _ = c.Fetch(t.Context(), "k", load) }()
		synctest.Wait()
		for range 4 { // one joins the load, one finds the value in the store, the others here
			if _, err := c.Fetch(t.Context(), "k", load); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if _, err := c.Fetch(t.Context(), "absent", func(context.Context, string) (int, error) { return 0, errNoUser }); !errors.Is(err, errNoUser) {
				t.Fatal(err)
			}
		}
		want := loading.Stats{LocalHits: 2, StoreHits: 1, Absent: 1, Miss: 2, Coalesced: 1}
		if got := c.Stats(); got != want {
			t.Errorf("Stats = %+v, want %+v", got, want)
		}
		if g.reads["cache.loading.local_hits users"]() != 2 || g.reads["cache.loading.store_hits users"]() != 1 {
			t.Errorf("gauges differ from %+v", want)
		}
		for result, n := range map[string]int64{"miss": 2, "coalesced": 1, "absent": 1} {
			if got := g.count(result); got != n {
				t.Errorf("%d of %q were counted, want %d", got, result, n)
			}
		}
		if err := errors.Join(c.Close(), c.Close()); err != nil || len(g.reads) != 0 {
			t.Errorf("Close = %v; %d gauges are left", err, len(g.reads))
		}
	})
}
