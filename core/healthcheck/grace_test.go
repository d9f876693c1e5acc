package healthcheck_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/core/healthcheck"
)

// A component has the status that the test gives it, and counts who asks.
type component struct {
	status atomic.Int32
	asked  atomic.Int64
}

func (c *component) is(s health.Status) { c.status.Store(int32(s)) }

func (c *component) CheckHealth(context.Context) health.Result {
	c.asked.Add(1)
	return health.Result{Status: health.Status(c.status.Load())}
}

func TestGrace(t *testing.T) {
	for _, cacheFor := range []time.Duration{0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			c := &component{}
			c.is(health.Unhealthy)
			r := mustNew(t, healthcheck.Options{CacheFor: cacheFor}, health.Check{Name: "index", Checker: c, Grace: time.Minute})
			want := func(s health.Status) {
				t.Helper()
				if got := r.Run(t.Context(), health.Readiness).Status; got != s {
					t.Errorf("after %v, cached for %v: %v, want %v", time.Now(), cacheFor, got, s)
				}
			}
			want(health.Starting)
			time.Sleep(time.Minute - 1)
			want(health.Starting)
			time.Sleep(1)
			want(health.Unhealthy) // a cached Starting ends with the grace
		})
	}
}

func TestGraceEndsWhenReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, optional := &component{}, &component{}
		c.is(health.Degraded)
		optional.is(health.Unhealthy)
		r := mustNew(t, healthcheck.Options{},
			health.Check{Name: "index", Checker: c, Grace: time.Hour},
			health.Check{Name: "mail", Checker: optional, Grace: time.Hour, Optional: true})
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Degraded || got.Results["mail"].Status != health.Degraded {
			t.Errorf("%+v", got)
		}
		c.is(health.Unhealthy)
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Unhealthy {
			t.Errorf("one that was ready and is not: %+v", got)
		}
	})
}

func TestGraceCoversTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := mustNew(t, healthcheck.Options{}, health.Check{
			Name: "index", Timeout: time.Second, Grace: time.Minute,
			Checker: health.CheckerFunc(func(context.Context) health.Result {
				time.Sleep(time.Hour)
				return health.Result{Status: health.Healthy}
			}),
		})
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Starting {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Minute)
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Unhealthy {
			t.Errorf("%+v", got)
		}
		time.Sleep(2 * time.Hour)
	})
}

// TestLivenessOfWhatStarts: an orchestrator restarts what fails this probe.
func TestLivenessOfWhatStarts(t *testing.T) {
	every := []health.Probe{health.Liveness, health.Readiness, health.Startup}
	for status, codes := range map[health.Status]map[string]int{
		health.Starting:  {"/livez": 200, "/readyz": 503, "/startupz": 503},
		health.Unknown:   {"/livez": 503, "/readyz": 503, "/startupz": 503},
		health.Unhealthy: {"/livez": 503, "/readyz": 503, "/startupz": 503},
		health.Degraded:  {"/livez": 200, "/readyz": 200, "/startupz": 200},
		health.Healthy:   {"/livez": 200, "/readyz": 200, "/startupz": 200},
	} {
		c := &component{}
		c.is(status)
		r := mustNew(t, healthcheck.Options{}, health.Check{Name: "x", Checker: c, Probes: every})
		for path, code := range codes {
			for _, h := range []http.Handler{r.Handler(), healthcheck.NewHandler(r.Run)} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				if body := `{"status":"` + status.String() + "\"}\n"; w.Code != code || w.Body.String() != body || w.Header().Get("Content-Type") != "application/json" {
					t.Errorf("%v: %s = %d %s, want %d", status, path, w.Code, w.Body, code)
				}
			}
		}
	}
}

func TestVerboseIsAnOption(t *testing.T) {
	r := mustNew(t, healthcheck.Options{}, health.Check{Name: "secret-project", Checker: says(health.Healthy)})
	for _, h := range []http.Handler{r.Handler(), healthcheck.NewHandler(r.Run)} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz?verbose", nil))
		if strings.Contains(w.Body.String(), "secret-project") {
			t.Errorf("whoever may probe sees the inside: %s", w.Body)
		}
	}
}

func TestAdd(t *testing.T) {
	c := &component{}
	c.is(health.Healthy)
	for name, r := range map[string]*healthcheck.Registry{"zero": {}, "made": mustNew(t, healthcheck.Options{})} {
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Healthy || len(got.Results) != 0 {
			t.Errorf("%s: of no checks: %+v", name, got)
		}
		if err := r.Add(health.Check{Name: "a", Checker: c}, health.Check{Name: "b", Checker: says(health.Degraded)}); err != nil {
			t.Fatal(err)
		}
		err := r.Add(health.Check{Name: "c", Checker: says(health.Unhealthy)}, health.Check{Name: "a", Checker: says(health.Unhealthy)})
		if errs.KindOf(err) != errs.Invalid || !strings.Contains(err.Error(), "a is the name of two checks") {
			t.Errorf("%s: a second check of one name: %v", name, err)
		}
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Degraded || len(got.Results) != 2 {
			t.Errorf("%s: after a failed Add: %+v", name, got)
		}
	}
}

func TestRegistryConcurrentSafe(t *testing.T) {
	c := &component{}
	c.is(health.Healthy)
	r := mustNew(t, healthcheck.Options{CacheFor: time.Microsecond}, health.Check{Name: "first", Checker: c})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				if got := r.Run(t.Context(), health.Readiness); got.Status != health.Healthy {
					t.Errorf("%+v", got)
				}
				if r.Status(t.Context(), health.Readiness) != health.Healthy {
					t.Error("Status is another one than Run's")
				}
				if err := r.Add(health.Check{Name: strings.Repeat("x", 1+i*50+n), Checker: c, Probes: []health.Probe{health.Startup}}); err != nil {
					t.Error(err)
				}
				r.Refresh()
			}
		})
	}
	wg.Wait()
	if got := r.Run(t.Context(), health.Startup); len(got.Results) != 400 {
		t.Errorf("%d checks were added, want 400", len(got.Results))
	}
}

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &component{}
		c.is(health.Healthy)
		r := mustNew(t, healthcheck.Options{CacheFor: time.Minute}, health.Check{Name: "db", Checker: c}, health.Check{Name: "mail", Checker: says(health.Degraded)})
		for range 10 {
			if got := r.Status(t.Context(), health.Readiness); got != health.Degraded {
				t.Errorf("Status = %v", got)
			}
		}
		c.is(health.Unhealthy)
		r.Refresh()
		if got := r.Status(t.Context(), health.Readiness); got != health.Unhealthy || c.asked.Load() != 2 {
			t.Errorf("Status = %v after %d calls", got, c.asked.Load())
		}
	})
}

func TestCachedStatusAllocatesNothing(t *testing.T) {
	checks := make([]health.Check, 5)
	for i := range checks {
		checks[i] = health.Check{Name: string(rune('a' + i)), Checker: says(health.Healthy)}
	}
	r := mustNew(t, healthcheck.Options{CacheFor: time.Hour}, checks...)
	if got := testing.AllocsPerRun(1000, func() {
		if r.Status(t.Context(), health.Readiness) != health.Healthy {
			t.Error("not healthy")
		}
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}
