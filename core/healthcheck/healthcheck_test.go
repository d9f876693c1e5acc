package healthcheck_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
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

func says(s health.Status) health.Checker {
	return health.CheckerFunc(func(context.Context) health.Result { return health.Result{Status: s} })
}

func mustNew(t *testing.T, o healthcheck.Options, checks ...health.Check) *healthcheck.Registry {
	t.Helper()
	r, err := healthcheck.NewWith(o, checks...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNewRefuses(t *testing.T) {
	ok := says(health.Healthy)
	for name, checks := range map[string][]health.Check{
		"is the name of two checks": {{Name: "db", Checker: ok}, {Name: "db", Checker: ok}},
		"of a check is empty":       {{Checker: ok}},
		"has no Checker":            {{Name: "db"}},
		"negative Grace":            {{Name: "db", Checker: ok, Grace: -1}},
		"negative Timeout":          {{Name: "db", Checker: ok, Timeout: -1}},
		"unknown probe":             {{Name: "db", Checker: ok, Probes: []health.Probe{9}}},
	} {
		_, err := healthcheck.New(checks...)
		if !errors.Is(err, healthcheck.Err) || errs.KindOf(err) != errs.Invalid || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := healthcheck.NewWith(healthcheck.Options{CacheFor: -1}); !errors.Is(err, healthcheck.Err) {
		t.Errorf("negative CacheFor: %v", err)
	}
}

// TestLivenessRunsNoReadinessCheck: the original ran them all, dropped them, and
// answered "unknown".
func TestLivenessRunsNoReadinessCheck(t *testing.T) {
	var ran atomic.Int64
	r := mustNew(t, healthcheck.Options{}, health.Check{
		Name: "db", Checker: health.CheckerFunc(func(context.Context) health.Result {
			ran.Add(1)
			return health.Result{Status: health.Unhealthy}
		}),
	})
	for _, p := range []health.Probe{health.Liveness, health.Startup} {
		if got := r.Run(t.Context(), p); got.Status != health.Healthy || len(got.Results) != 0 {
			t.Errorf("%v without checks = %+v, want Healthy", p, got)
		}
	}
	if ran.Load() != 0 {
		t.Error("a probe ran a check that is not its own")
	}
	if got := r.Run(t.Context(), health.Readiness); got.Status != health.Unhealthy || ran.Load() != 1 {
		t.Errorf("readiness = %+v after %d runs", got, ran.Load())
	}
}

func TestStatuses(t *testing.T) {
	for _, tc := range []struct {
		says     health.Status
		optional bool
		want     health.Status
	}{
		{health.Healthy, false, health.Healthy},
		{health.Healthy, true, health.Healthy},
		{health.Degraded, false, health.Degraded},
		{health.Starting, false, health.Starting},
		{health.Starting, true, health.Degraded},
		{health.Unknown, false, health.Unknown},
		{health.Unknown, true, health.Degraded},
		{health.Unhealthy, false, health.Unhealthy},
		{health.Unhealthy, true, health.Degraded},
		{99, false, health.Unknown},
	} {
		r := mustNew(t, healthcheck.Options{}, health.Check{Name: "x", Checker: says(tc.says), Optional: tc.optional})
		if got := r.Run(t.Context(), health.Readiness); got.Status != tc.want || got.Results["x"].Status != tc.want {
			t.Errorf("%v (optional %v) = %v, want %v", tc.says, tc.optional, got, tc.want)
		}
	}
}

func TestChecksRunAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := health.CheckerFunc(func(ctx context.Context) health.Result {
			time.Sleep(time.Second)
			return health.Result{Status: health.Healthy}
		})
		r := mustNew(t, healthcheck.Options{}, health.Check{Name: "a", Checker: slow}, health.Check{Name: "b", Checker: slow})
		start := time.Now()
		got := r.Run(t.Context(), health.Readiness)
		if took := time.Since(start); took != time.Second || got.Results["a"].Took != time.Second {
			t.Errorf("took %v, %+v", took, got)
		}
	})
}

func TestStuckCheckDoesNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var started atomic.Int64
		release := make(chan struct{})
		stuck := health.CheckerFunc(func(context.Context) health.Result {
			started.Add(1)
			<-release
			return health.Result{Status: health.Healthy}
		})
		r := mustNew(t, healthcheck.Options{CacheFor: time.Hour},
			health.Check{Name: "stuck", Checker: stuck, Timeout: 2 * time.Second}, health.Check{Name: "fine", Checker: says(health.Healthy)})
		for i := range 50 {
			start := time.Now()
			got := r.Run(t.Context(), health.Readiness)
			want := time.Duration(0)
			if i == 0 {
				want = 2 * time.Second
			}
			if took := time.Since(start); took != want {
				t.Fatalf("run %d took %v, want %v", i, took, want)
			}
			if res := got.Results["stuck"]; res.Status != health.Unhealthy || !strings.Contains(res.Message, "timed out") {
				t.Fatalf("run %d: stuck = %+v", i, res)
			}
			if got.Results["fine"].Status != health.Healthy {
				t.Fatalf("run %d: fine = %+v", i, got.Results["fine"])
			}
		}
		if n := started.Load(); n != 1 {
			t.Errorf("the stuck check was started %d times", n)
		}
		close(release)
		synctest.Wait()
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Healthy || started.Load() != 2 {
			t.Errorf("after it returned: %+v after %d starts; the late answer must not be cached", got, started.Load())
		}
	})
}

func TestCacheAndSingleflight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Int64
		slow := health.CheckerFunc(func(context.Context) health.Result {
			ran.Add(1)
			time.Sleep(100 * time.Millisecond)
			return health.Result{Status: health.Healthy, Details: map[string]string{"n": "1"}}
		})
		r := mustNew(t, healthcheck.Options{CacheFor: time.Second}, health.Check{Name: "db", Checker: slow})
		storm := func() {
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					res := r.Run(t.Context(), health.Readiness).Results["db"]
					res.Details["n"] = "mine" // the caller owns it
				})
			}
			wg.Wait()
		}
		storm()
		storm()
		if n := ran.Load(); n != 1 {
			t.Errorf("200 probes ran the check %d times, want 1", n)
		}
		if got := r.Run(t.Context(), health.Readiness).Results["db"].Details["n"]; got != "1" {
			t.Errorf("a caller's change shows to others: %q", got)
		}
		r.Refresh()
		storm()
		if n := ran.Load(); n != 2 {
			t.Errorf("after Refresh: %d runs, want 2", n)
		}
		time.Sleep(time.Second)
		storm()
		if n := ran.Load(); n != 3 {
			t.Errorf("after the cache ran out: %d runs, want 3", n)
		}
	})
}

func TestRefreshDropsARunningCallsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var draining atomic.Bool
		r := mustNew(t, healthcheck.Options{CacheFor: time.Hour}, health.Check{
			Name: "app", Checker: health.CheckerFunc(func(context.Context) health.Result {
				s := health.Healthy
				if draining.Load() {
					s = health.Unhealthy
				}
				time.Sleep(time.Second)
				return health.Result{Status: s}
			}),
		})
		go r.Run(t.Context(), health.Readiness)
		synctest.Wait()
		draining.Store(true)
		r.Refresh()
		time.Sleep(2 * time.Second)
		if got := r.Run(t.Context(), health.Readiness); got.Status != health.Unhealthy {
			t.Errorf("a call begun before Refresh answers after it: %+v", got)
		}
	})
}

func TestNoCache(t *testing.T) {
	var ran atomic.Int64
	r := mustNew(t, healthcheck.Options{}, health.Check{Name: "db", Checker: health.CheckerFunc(func(context.Context) health.Result {
		ran.Add(1)
		return health.Result{Status: health.Healthy}
	})})
	for range 3 {
		r.Run(t.Context(), health.Readiness)
	}
	if ran.Load() != 3 {
		t.Errorf("%d runs, want 3", ran.Load())
	}
}

func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := mustNew(t, healthcheck.Options{}, health.Check{Name: "slow", Checker: health.CheckerFunc(func(ctx context.Context) health.Result {
			select {
			case <-time.After(time.Second):
				return health.Result{Status: health.Healthy}
			case <-ctx.Done():
				return health.Result{Status: health.Unhealthy}
			}
		})})
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		done := make(chan health.Report)
		go func() {
			synctest.Wait()
			done <- r.Run(t.Context(), health.Readiness)
		}()
		if got := r.Run(impatient, health.Readiness); got.Status != health.Unknown {
			t.Errorf("the impatient caller got %+v, want Unknown", got)
		}
		if got := <-done; got.Status != health.Healthy {
			t.Errorf("the patient caller got %+v, want Healthy: one caller must not cancel another's check", got)
		}
	})
}

// TestPanickingCheckIsOneFailedComponent: in the original one check's KeyError
// took the whole answer with it.
func TestPanickingCheckIsOneFailedComponent(t *testing.T) {
	var log bytes.Buffer
	r := mustNew(t, healthcheck.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))},
		health.Check{Name: "panics", Checker: health.CheckerFunc(func(context.Context) health.Result { panic("dsn=hunter2") })},
		health.Check{Name: "exits", Checker: health.CheckerFunc(func(context.Context) health.Result { runtime.Goexit(); return health.Result{} })},
		health.Check{Name: "fine", Checker: says(health.Healthy)})
	got := r.Run(t.Context(), health.Readiness)
	for _, name := range []string{"panics", "exits"} {
		if res := got.Results[name]; res.Status != health.Unhealthy || strings.Contains(res.Message, "hunter2") {
			t.Errorf("%s = %+v", name, res)
		}
	}
	if got.Results["fine"].Status != health.Healthy {
		t.Errorf("fine = %+v", got.Results["fine"])
	}
	if !strings.Contains(log.String(), "check=panics") || !strings.Contains(log.String(), "stack=") {
		t.Errorf("the panic is not in the log: %s", &log)
	}
}

func TestHandler(t *testing.T) {
	leaky := health.CheckerFunc(func(context.Context) health.Result {
		return health.Result{
			Status: health.Unhealthy, Message: "dial postgres://app:hunter2@db/app: refused",
			Details: map[string]string{"password": "hunter2", "host": "db"},
		}
	})
	h := mustNew(t, healthcheck.Options{}, health.Check{Name: "db", Checker: leaky}).Handler(healthcheck.Verbose())
	for _, tc := range []struct {
		method, path string
		code         int
	}{
		{"GET", "/livez", 200},
		{"GET", "/readyz", 503},
		{"HEAD", "/readyz", 503},
		{"GET", "/startupz", 200},
		{"POST", "/readyz", 405},
		{"DELETE", "/livez", 405},
		{"GET", "/", 404},
		{"GET", "/readyz/x", 404},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, nil))
		if w.Code != tc.code {
			t.Errorf("%s %s = %d, want %d", tc.method, tc.path, w.Code, tc.code)
		}
		if strings.Contains(w.Body.String(), "db") {
			t.Errorf("%s %s tells of the inside without ?verbose: %s", tc.method, tc.path, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz?verbose", nil))
	var body struct {
		Status  string
		Results map[string]struct {
			Status, Message string
			Details         map[string]string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if body.Status != "unhealthy" || body.Results["db"].Details["host"] != "db" || body.Results["db"].Details["password"] != "***" {
		t.Errorf("verbose = %+v", body)
	}
	if strings.Contains(w.Body.String(), "hunter2") {
		t.Errorf("a secret shows: %s", w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("a proxy may keep the answer")
	}
}
