package idempotency_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/lock"
)

// in runs a test in a bubble, where waiting takes no time.
func in(t *testing.T, name string, test func(t *testing.T, s *mapStore)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newMapStore()) })
	})
}

type work = func(context.Context, idempotency.Claim) ([]byte, error)

// gives is work that takes a while.
func gives(result string, d time.Duration) work {
	return func(context.Context, idempotency.Claim) ([]byte, error) {
		time.Sleep(d)
		return []byte(result), nil
	}
}

var (
	errDown = errors.New("store is down")
	errBoom = errors.New("boom")
)

func TestDo(t *testing.T) {
	in(t, "once, then replayed", func(t *testing.T, s *mapStore) {
		s.fail = func(m string) error {
			if m == "release" {
				t.Error("released, and nothing was to release")
			}
			return nil
		}
		for i, result := range []string{"first", "second"} {
			out, err := idempotency.Do(t.Context(), s, "k", "f", gives(result, time.Hour))
			if err != nil || string(out.Result) != "first" || out.Replayed != (i == 1) {
				t.Errorf("Do = %q, %v, %v", out.Result, out.Replayed, err)
			}
		}
		time.Sleep(idempotency.DefaultKeep)
		if out, err := idempotency.Do(t.Context(), s, "k", "f", gives("third", 0)); err != nil || out.Replayed {
			t.Errorf("Do after the result expired = %+v, %v", out, err)
		}
	})
	in(t, "mismatch", func(t *testing.T, s *mapStore) {
		if _, err := idempotency.Do(t.Context(), s, "k", "f", gives("", 0)); err != nil {
			t.Fatal(err)
		}
		_, err := idempotency.Do(t.Context(), s, "k", "other", gives("", 0), idempotency.Wait(time.Hour))
		if !errors.Is(err, idempotency.ErrMismatch) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("Do = %v", err)
		}
	})
	in(t, "in flight", func(t *testing.T, s *mapStore) {
		go idempotency.Do(t.Context(), s, "k", "f", gives("slow", time.Minute))
		time.Sleep(10 * time.Second)
		_, err := idempotency.Do(t.Context(), s, "k", "f", gives("", 0))
		p, ok := errors.AsType[*idempotency.PendingError](err)
		if !ok || p.Key != "k" || p.RetryAfter() != 10*time.Second || !errors.Is(err, idempotency.ErrPending) || errs.KindOf(err) != errs.Conflict {
			t.Errorf("Do = %#v", err)
		}
		if _, err := idempotency.Do(t.Context(), s, "k", "other", gives("", 0)); !errors.Is(err, idempotency.ErrMismatch) {
			t.Errorf("Do with another fingerprint = %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := idempotency.Do(ctx, s, "k", "f", gives("", 0), idempotency.Wait(time.Hour)); !errors.Is(err, idempotency.ErrPending) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Do that waits a second = %v", err)
		}
		began := time.Now()
		_, err = idempotency.Do(t.Context(), s, "k", "f", gives("", 0), idempotency.Wait(5*time.Second))
		if took := time.Since(began); !errors.As(err, &p) || took < 5*time.Second || took > 6*time.Second {
			t.Errorf("Do that waits five seconds = %v after %v", err, took)
		}
		out, err := idempotency.Do(t.Context(), s, "k", "f", gives("", 0), idempotency.Wait(time.Hour))
		if err != nil || string(out.Result) != "slow" || !out.Replayed {
			t.Errorf("Do that waits = %+v, %v", out, err)
		}
		time.Sleep(time.Minute)
	})
	in(t, "error, panic and Goexit release", func(t *testing.T, s *mapStore) {
		for _, fn := range []work{
			func(context.Context, idempotency.Claim) ([]byte, error) { return []byte("x"), errBoom },
			func(context.Context, idempotency.Claim) ([]byte, error) { panic(errBoom) },
		} {
			out, err := idempotency.Do(t.Context(), s, "k", "f", fn)
			if !errors.Is(err, errBoom) || out.Result != nil || s.has("k") {
				t.Errorf("Do = %+v, %v, the claim stands: %v", out, err, s.has("k"))
			}
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			idempotency.Do(t.Context(), s, "k", "f", func(context.Context, idempotency.Claim) ([]byte, error) { runtime.Goexit(); return nil, nil })
		}()
		if <-done; s.has("k") {
			t.Error("Goexit leaves the claim")
		}
		s.fail = func(m string) error {
			if m == "release" {
				return errDown
			}
			return nil
		}
		_, err := idempotency.Do(t.Context(), s, "k", "f", func(context.Context, idempotency.Claim) ([]byte, error) { return nil, errBoom })
		if !errors.Is(err, errBoom) || !errors.Is(err, errDown) {
			t.Errorf("Do whose claim is not released = %v", err)
		}
	})
	in(t, "arguments", func(t *testing.T, s *mapStore) {
		for want, do := range map[error]func() (idempotency.Outcome, error){
			idempotency.ErrClaim: func() (idempotency.Outcome, error) { return idempotency.Do(t.Context(), s, "", "f", nil) },
			idempotency.ErrTTL: func() (idempotency.Outcome, error) {
				return idempotency.Do(t.Context(), s, "k", "f", nil, idempotency.Lease(0))
			},
		} {
			if _, err := do(); !errors.Is(err, want) {
				t.Errorf("Do = %v, want %v", err, want)
			}
		}
		s.fail = func(string) error { return errDown }
		if _, err := idempotency.Do(t.Context(), s, "k", "f", nil); !errors.Is(err, errDown) {
			t.Errorf("Do = %v", err)
		}
	})
}

func TestDoClaim(t *testing.T) {
	in(t, "lost", func(t *testing.T, s *mapStore) {
		began := time.Now()
		out, err := idempotency.Do(t.Context(), s, "k", "f", func(ctx context.Context, _ idempotency.Claim) ([]byte, error) {
			s.mu.Lock()
			s.tokens["k"] = "another"
			s.mu.Unlock()
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), lock.ErrLost) {
				t.Errorf("cause %v", context.Cause(ctx))
			}
			return []byte("done all the same"), nil
		})
		if !errors.Is(err, idempotency.ErrUnkept) || !errors.Is(err, idempotency.ErrLost) || string(out.Result) != "done all the same" || !s.has("k") || time.Since(began) > idempotency.DefaultLease/3 {
			t.Errorf("Do = %+v, %v after %v", out, err, time.Since(began))
		}
	})
	in(t, "completed by the work itself", func(t *testing.T, s *mapStore) {
		out, err := idempotency.Do(t.Context(), s, "k", "f", func(ctx context.Context, c idempotency.Claim) ([]byte, error) {
			if err := s.Complete(ctx, c, []byte("in a transaction"), time.Hour); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Hour / 2) // renewals find it complete, and its own
			return []byte("in a transaction"), ctx.Err()
		})
		if err != nil || string(out.Result) != "in a transaction" || !s.has("k") {
			t.Errorf("Do = %+v, %v", out, err)
		}
	})
	in(t, "kept although the caller left", func(t *testing.T, s *mapStore) {
		ctx, cancel := context.WithCancel(t.Context())
		out, err := idempotency.Do(ctx, s, "k", "f", func(ctx context.Context, _ idempotency.Claim) ([]byte, error) {
			cancel()
			<-ctx.Done()
			return []byte("r"), nil
		})
		again, errAgain := idempotency.Do(t.Context(), s, "k", "f", gives("", 0))
		if err != nil || errAgain != nil || string(out.Result) != "r" || !again.Replayed {
			t.Errorf("Do = %+v, %v, again %+v, %v", out, err, again, errAgain)
		}
	})
	in(t, "kept when the store is back", func(t *testing.T, s *mapStore) {
		var n atomic.Int64
		s.fail = func(m string) error {
			if m == "complete" && n.Add(1) < 4 {
				return errDown
			}
			return nil
		}
		if _, err := idempotency.Do(t.Context(), s, "k", "f", gives("r", 0)); err != nil || n.Load() != 4 {
			t.Errorf("Do = %v after %d tries", err, n.Load())
		}
	})
	in(t, "not kept", func(t *testing.T, s *mapStore) {
		s.fail = func(m string) error {
			if m == "complete" {
				return errDown
			}
			return nil
		}
		out, err := idempotency.Do(t.Context(), s, "k", "f", gives("r", 0))
		if !errors.Is(err, idempotency.ErrUnkept) || !errors.Is(err, errDown) || string(out.Result) != "r" {
			t.Errorf("Do = %+v, %v", out, err)
		}
		if _, err := idempotency.Do(t.Context(), s, "k", "f", gives("r", 0)); !errors.Is(err, idempotency.ErrPending) {
			t.Errorf("Do right after = %v", err)
		}
	})
}

func TestFingerprint(t *testing.T) {
	a, b := idempotency.Fingerprint([]byte("ab"), []byte("c")), idempotency.Fingerprint([]byte("a"), []byte("bc"))
	if a == b || len(a) != 64 || a != idempotency.Fingerprint([]byte("ab"), []byte("c")) || a == idempotency.Fingerprint([]byte("abc")) {
		t.Errorf("Fingerprint = %s and %s", a, b)
	}
}

func TestChecksAndErrors(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for _, c := range []struct {
		claim idempotency.Claim
		ok    bool
	}{
		{idempotency.Claim{Key: "k", Token: "t"}, true},
		{idempotency.Claim{Key: long[1:], Token: long[:256], Fingerprint: long[:256]}, true},
		{idempotency.Claim{Key: "", Token: "t"}, false},
		{idempotency.Claim{Key: long, Token: "t"}, false},
		{idempotency.Claim{Key: "k"}, false},
		{idempotency.Claim{Key: "k", Token: long[:257]}, false},
		{idempotency.Claim{Key: "k", Token: "t", Fingerprint: long[:257]}, false},
	} {
		if err := idempotency.CheckClaim(c.claim); (err == nil) != c.ok || !c.ok && !errors.Is(err, idempotency.ErrClaim) {
			t.Errorf("CheckClaim(%.80v) = %v", c.claim, err)
		}
	}
	for e, kind := range map[*errs.Error]errs.Kind{
		idempotency.ErrPending: errs.Conflict, idempotency.ErrMismatch: errs.Invalid, idempotency.ErrLost: errs.Conflict, idempotency.ErrClaim: errs.Invalid,
		idempotency.ErrTTL: errs.Invalid, idempotency.ErrNotFound: errs.NotFound, idempotency.ErrFull: errs.Exhausted, idempotency.ErrUnkept: errs.Unavailable,
	} {
		if !errors.Is(e, idempotency.Err) || errs.KindOf(e) != kind {
			t.Errorf("%v is of kind %v, and of the family: %v", e, errs.KindOf(e), errors.Is(e, idempotency.Err))
		}
	}
	if _, err := idempotency.Get(t.Context(), newMapStore(), "k"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Get of a store that cannot = %v", err)
	}
	if idempotency.Pending.String() != "pending" || idempotency.Complete.String() != "complete" {
		t.Error("the names of the states")
	}
}
