package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/mapstore"
)

// begun returns a manager in a store with a worker that runs until the test ends.
func begun(t *testing.T, store *mapstore.Store, sagas ...saga.Saga) (*Manager, *Worker) {
	t.Helper()
	m, err := NewInState(store, Options{}, sagas...)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWorker(m, WorkerOptions{Poll: time.Minute})
	if err == nil {
		err = w.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return m, w
}

// status is that of an instance, or why it has none.
func status(t *testing.T, m *Manager, id string) saga.Status {
	t.Helper()
	in, err := m.Show(t.Context(), id)
	if err != nil {
		t.Error(err)
	}
	return in.Status
}

func TestWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var calls []string
		record := func(name string) func(context.Context, *int, *saga.Call) error {
			return func(_ context.Context, n *int, c *saga.Call) error {
				mu.Lock()
				defer mu.Unlock()
				calls = append(calls, fmt.Sprint(name, c.Attempt))
				*n++
				return nil
			}
		}
		flaky := func(ctx context.Context, n *int, c *saga.Call) error {
			if err := record("flaky")(ctx, n, c); err != nil || c.Attempt < 3 {
				return errors.Join(err, errors.New("not now"))
			}
			return nil
		}
		began := time.Now()
		s := Saga[int]{Name: "s", Version: 1, Steps: []Step[int]{
			{Name: "first", Do: record("first")},
			{Name: "flaky", Do: flaky, Retry: resilience.RetryConfig{BaseDelay: time.Hour, MaxDelay: time.Hour, Jitter: resilience.NoJitter}},
			{Name: "later", Do: record("later"), Delay: 24 * time.Hour},
			{Name: "event", Do: record("event"), Await: []string{"go"}},
		}}
		m, _ := begun(t, mapstore.New(), s)
		if err := s.Start(t.Context(), m, "i", 7); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := status(t, m, "i"); got != saga.Running {
			t.Errorf("at once it is %s", got)
		}
		time.Sleep(26*time.Hour + 10*time.Minute)
		synctest.Wait()
		if got := status(t, m, "i"); got != saga.Waiting {
			t.Errorf("after %v it is %s", time.Since(began), got)
		}
		ev := events.Event{ID: "1", Source: "/", Type: "go", Headers: map[string]string{events.HeaderCorrelation: "i"}}
		if err := m.Handle(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		in, err := m.Show(t.Context(), "i")
		if v, verr := s.Value(in); err != nil || verr != nil || in.Status != saga.Completed || v != 11 {
			t.Errorf("it is %s with %d, %v, %v", in.Status, v, err, verr)
		}
		if got := strings.Join(calls, " "); got != "first1 flaky1 flaky2 flaky3 later1 event1" {
			t.Errorf("called were %s", got)
		}
	})
}

// TestWorkersShare has two workers of two processes run 30 instances: each step once.
func TestWorkersShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		calls := map[string]int{}
		work := func(_ context.Context, _ *int, c *saga.Call) error {
			time.Sleep(time.Minute) // longer than the lease
			mu.Lock()
			defer mu.Unlock()
			calls[c.Key]++
			return nil
		}
		s := Saga[int]{Name: "s", Version: 1, Steps: []Step[int]{{Name: "a", Do: work}, {Name: "b", Do: work}}}
		store := mapstore.New()
		m, _ := begun(t, store, s)
		begun(t, store, s)
		for i := range 30 {
			if err := s.Start(t.Context(), m, fmt.Sprint("i", i), i); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(20 * time.Minute)
		for i := range 30 {
			if got := status(t, m, fmt.Sprint("i", i)); got != saga.Completed {
				t.Errorf("instance %d is %s", i, got)
			}
		}
		for key, n := range calls {
			if n != 1 {
				t.Errorf("%s was called %d times", key, n)
			}
		}
		if len(calls) != 60 {
			t.Errorf("%d steps were called", len(calls))
		}
	})
}

func TestWorkerStops(t *testing.T) {
	for _, drain := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ended := 0
			s := Saga[int]{Name: "s", Version: 1, Steps: []Step[int]{{Name: "a", Do: func(ctx context.Context, _ *int, _ *saga.Call) error {
				select {
				case <-time.After(time.Minute):
					ended++
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}}}}
			store := mapstore.New()
			m, w := begun(t, store, s)
			if err := s.Start(t.Context(), m, "i", 0); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			end, want := w.Stop, 0
			if drain {
				end, want = w.Drain, 1
			}
			if err := end(t.Context()); err != nil {
				t.Error(err)
			}
			if ended != want {
				t.Errorf("drain %v: the step ended %d times", drain, ended)
			}
			if err := w.Start(t.Context()); !errors.Is(err, saga.ErrInvalid) {
				t.Errorf("Start of a worker that was stopped: %v", err)
			}
			m2, _ := begun(t, store, s)
			time.Sleep(3 * time.Minute) // with all attempts, and at once: the lease was given back
			if got := status(t, m2, "i"); got != saga.Completed || ended != 1 {
				t.Errorf("drain %v: after the next worker it is %s, and the step ended %d times", drain, got, ended)
			}
		})
	}
}

func TestWorkerRefuses(t *testing.T) {
	m, err := NewInState(mapstore.New(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []WorkerOptions{{Parallel: -1}, {Poll: time.Microsecond}} {
		if _, err := NewWorker(m, o); !errors.Is(err, saga.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := NewWorker(nil, WorkerOptions{}); !errors.Is(err, saga.ErrInvalid) {
		t.Error(err)
	}
	for _, o := range []Options{{Lease: time.Millisecond}, {Retention: 1}, {Prefix: strings.Repeat("x", 101)}} {
		if _, err := NewInState(mapstore.New(), o); !errors.Is(err, saga.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := New(nil, Options{}); !errors.Is(err, saga.ErrInvalid) {
		t.Error(err)
	}
	if _, err := NewInState(nil, Options{}); !errors.Is(err, saga.ErrInvalid) {
		t.Error(err)
	}
	w, err := NewWorker(m, WorkerOptions{})
	if err := errors.Join(err, w.Stop(t.Context()), w.Drain(t.Context())); err != nil {
		t.Error(err)
	}
}
