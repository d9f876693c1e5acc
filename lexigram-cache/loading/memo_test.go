package loading_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

func TestMemo(t *testing.T) {
	var calls atomic.Int64
	load := func(context.Context) (int64, error) { return calls.Add(1), nil }
	get := func(ctx context.Context, key string, want int64) {
		t.Helper()
		if v, err := loading.Memo(ctx, key, load); v != want || err != nil {
			t.Errorf("Memo(%s) = %d, %v, want %d", key, v, err, want)
		}
	}
	get(t.Context(), "k", 1)
	get(t.Context(), "k", 2)
	ctx := loading.Scope(t.Context())
	get(ctx, "k", 3)
	get(ctx, "k", 3)
	get(ctx, "other", 4)
	get(tenancy.With(ctx, "acme"), "k", 5)
	get(loading.Scope(ctx), "k", 6)
	get(ctx, "k", 3)
	if v, err := loading.Memo(ctx, "k", func(context.Context) (string, error) { return "text", nil }); v != "text" || err != nil {
		t.Errorf("Memo of another type = %q, %v", v, err)
	}
}

func TestMemoSharesACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := loading.Scope(t.Context())
		var calls atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				v, err := loading.Memo(ctx, "k", func(context.Context) (int64, error) { time.Sleep(time.Second); return calls.Add(1), nil })
				if v != 1 || err != nil {
					t.Errorf("Memo = %d, %v", v, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestMemoErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := loading.Scope(t.Context())
		failure := errors.New("down")
		if _, err := loading.Memo(ctx, "k", func(context.Context) (int, error) { return 0, failure }); !errors.Is(err, failure) {
			t.Errorf("Memo = %v", err)
		}
		if _, err := loading.Memo(ctx, "k", func(context.Context) (int, error) { panic(failure) }); !errors.Is(err, errs.ErrPanic) {
			t.Errorf("Memo of a panic = %v", err)
		}
		first, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		slow := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(time.Minute):
				return 7, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := loading.Memo(first, "k", slow); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Memo of the one who left = %v", err)
			}
		})
		synctest.Wait()
		leaving, leave := context.WithCancelCause(ctx)
		cause := errors.New("left")
		wg.Go(func() {
			if _, err := loading.Memo(leaving, "k", slow); !errors.Is(err, cause) {
				t.Errorf("Memo of one who waited and left = %v", err)
			}
		})
		wg.Go(func() {
			if v, err := loading.Memo(ctx, "k", slow); v != 7 || err != nil {
				t.Errorf("Memo of the one who stayed = %d, %v", v, err)
			}
		})
		synctest.Wait()
		leave(cause)
		wg.Wait()
	})
}
