package memoryevents_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/health/healthtest"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

var errNo = errors.New("no")

func event(id, key string) events.Event {
	return events.Event{ID: id, Source: "/test", Type: "a.b", Key: key}
}

func publish(t *testing.T, b *memoryevents.Bus, evs ...events.Event) {
	t.Helper()
	if err := b.Publish(t.Context(), evs...); err != nil {
		t.Fatal(err)
	}
}

func subscribe(t *testing.T, b *memoryevents.Bus, s events.Subscription, h events.Handler) events.Consumer {
	t.Helper()
	if s.Types == nil {
		s.Types = []string{">"}
	}
	c, err := b.Subscribe(t.Context(), s, h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bubble runs a test in synthetic time, with a bus that it closes.
func bubble(t *testing.T, o memoryevents.Options, test func(t *testing.T, b *memoryevents.Bus)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := memoryevents.New(o)
		defer func() {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = b.Close(ctx) // a test about Close has looked at its error
		}()
		test(t, b)
	})
}

func TestValidate(t *testing.T) {
	if err := (memoryevents.Config{}).Validate(); err != nil {
		t.Error(err)
	}
	err := memoryevents.Config{Buffer: -1, DedupWindow: -1}.Validate()
	if !errors.Is(err, errs.ErrValidation) || !strings.Contains(err.Error(), "buffer must") || !strings.Contains(err.Error(), "dedup_window must") {
		t.Errorf("%v, want the two keys that are negative", err)
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return memoryevents.Module(memoryevents.Config{}) })
}

func TestHealth(t *testing.T) {
	healthtest.Run(t, func(*testing.T) health.Checker { return memoryevents.New(memoryevents.Options{}) })
	bubble(t, memoryevents.Options{Buffer: 1}, func(t *testing.T, b *memoryevents.Bus) {
		want := func(s health.Status, words string) {
			t.Helper()
			if got := b.CheckHealth(t.Context()); got.Status != s || !strings.Contains(got.Message, words) {
				t.Errorf("got %v %q, want %v with %q", got.Status, got.Message, s, words)
			}
		}
		want(health.Healthy, "")
		fail := make(chan struct{})
		subscribe(t, b, events.Subscription{Group: "g"}, func(context.Context, events.Event) error { <-fail; return events.ErrPoison })
		publish(t, b, event("1", ""))
		want(health.Degraded, `group "g" is full`)
		close(fail)
		synctest.Wait()
		want(health.Degraded, "1 dead letters")
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want(health.Unhealthy, "closed")
	})
}

func TestCloseDrains(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		var calls atomic.Int32
		c := subscribe(t, b, events.Subscription{Lanes: 1}, func(context.Context, events.Event) error {
			if calls.Add(1)%2 == 1 {
				return errNo // is tried again, while the bus drains
			}
			return nil
		})
		for i := range 5 {
			publish(t, b, event(fmt.Sprint(i), "k"))
		}
		if err := b.Close(t.Context()); err != nil {
			t.Fatalf("Close = %v", err)
		}
		select {
		case <-c.Closed():
		default:
			t.Error("a consumer is open after Close")
		}
		if !errors.Is(c.Err(), events.ErrClosed) {
			t.Errorf("Err = %v, want ErrClosed", c.Err())
		}
		if calls.Load() != 10 {
			t.Errorf("%d calls, want 10", calls.Load())
		}
	})
}

// TestCloseLetsHandlersPublish has events of a chain of handlers arrive although the bus drains.
func TestCloseLetsHandlersPublish(t *testing.T) {
	bubble(t, memoryevents.Options{Buffer: 1}, func(t *testing.T, b *memoryevents.Bus) {
		got := make(chan string, 10)
		for _, step := range []string{"1", "2", "3"} {
			subscribe(t, b, events.Subscription{Types: []string{"step" + step}}, func(ctx context.Context, ev events.Event) error {
				time.Sleep(time.Second)
				got <- step
				return b.Publish(ctx, events.New("/test", "step"+string(step[0]+1), nil))
			})
		}
		publish(t, b, events.New("/test", "step1", nil))
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(got) != 3 {
			t.Errorf("%d of 3 steps were taken", len(got))
		}
		if err := b.Publish(t.Context(), event("1", "")); !errors.Is(err, events.ErrClosed) {
			t.Errorf("Publish = %v, want ErrClosed", err)
		}
	})
}

func TestCloseReportsWhatIsLeft(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		ended := make(chan error, 1)
		subscribe(t, b, events.Subscription{Group: "g", Timeout: time.Hour}, func(ctx context.Context, _ events.Event) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		})
		publish(t, b, event("1", "k"), event("2", "k"), event("3", "k"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := b.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, events.Err) || !strings.Contains(err.Error(), "3 events were not handled") {
			t.Errorf("Close = %v", err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler's ctx ended with %v", err)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Errorf("second Close = %v", err)
		}
	})
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		c := subscribe(t, b, events.Subscription{Group: "g"}, func(context.Context, events.Event) error { return nil })
		c.Stop()
		publish(t, b, event("1", ""))
		if err := b.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "1 events were not handled") {
			t.Errorf("Close with an event of a group without a consumer = %v", err)
		}
	})
}

func TestForget(t *testing.T) {
	bubble(t, memoryevents.Options{Buffer: 2}, func(t *testing.T, b *memoryevents.Bus) {
		c := subscribe(t, b, events.Subscription{Group: "g"}, func(context.Context, events.Event) error { return nil })
		if _, err := b.Forget("g"); !errors.Is(err, events.ErrGroup) {
			t.Errorf("Forget of a group with a consumer = %v, want ErrGroup", err)
		}
		c.Stop()
		publish(t, b, event("1", "k"), event("2", "k"))
		blocked := make(chan error)
		go func() { blocked <- b.Publish(t.Context(), event("3", "k")) }()
		synctest.Wait()
		if n, err := b.Forget("g"); n != 2 || err != nil {
			t.Errorf("Forget = %d, %v", n, err)
		}
		if err := <-blocked; err != nil {
			t.Errorf("the publisher that waited for room got %v", err)
		}
		if n, err := b.Forget("g"); n != 0 || err != nil {
			t.Errorf("second Forget = %d, %v", n, err)
		}
	})
}

func TestDedupWindow(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		var n atomic.Int32
		subscribe(t, b, events.Subscription{}, func(context.Context, events.Event) error { n.Add(1); return nil })
		for i, c := range []struct {
			after time.Duration
			want  int32
		}{{0, 1}, {119 * time.Second, 1}, {4 * time.Minute, 2}, {time.Hour, 3}, {time.Minute, 3}} {
			time.Sleep(c.after)
			publish(t, b, event("1", ""))
			synctest.Wait()
			if n.Load() != c.want {
				t.Errorf("step %d: handled %d times, want %d", i, n.Load(), c.want)
			}
		}
	})
}

func TestDedupLimit(t *testing.T) {
	bubble(t, memoryevents.Options{DedupLimit: 10}, func(t *testing.T, b *memoryevents.Bus) {
		var n atomic.Int32
		subscribe(t, b, events.Subscription{}, func(context.Context, events.Event) error { n.Add(1); return nil })
		for range 2 {
			for i := range 30 {
				publish(t, b, event(fmt.Sprint(i), ""))
			}
		}
		for i := 25; i < 30; i++ { // among the last ten
			publish(t, b, event(fmt.Sprint(i), ""))
		}
		synctest.Wait()
		if n.Load() != 60 {
			t.Errorf("handled %d, want 60", n.Load())
		}
	})
}

// TestBackPressureConcurrentSafe has many publishers share little room in two groups.
func TestBackPressureConcurrentSafe(t *testing.T) {
	const publishers, each = 16, 200
	b := memoryevents.New(memoryevents.Options{Buffer: 2})
	var got [2]atomic.Int32
	for i := range got {
		subscribe(t, b, events.Subscription{Lanes: 1 + i}, func(context.Context, events.Event) error { got[i].Add(1); return nil })
	}
	var wg sync.WaitGroup
	var taken atomic.Int32
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				ctx, cancel := context.WithCancel(t.Context())
				if i%10 == 9 {
					go cancel() // some give up, sooner or later
				}
				err := b.Publish(ctx, event(fmt.Sprint(p, "-", i), fmt.Sprint(i%3)))
				cancel()
				switch {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, context.Canceled):
					t.Errorf("Publish = %v", err)
				}
			}
		})
	}
	wg.Wait()
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if got[i].Load() != taken.Load() {
			t.Errorf("group %d handled %d of %d", i, got[i].Load(), taken.Load())
		}
	}
}

func TestPublishersWhoWaitHearOfClose(t *testing.T) {
	bubble(t, memoryevents.Options{Buffer: 1}, func(t *testing.T, b *memoryevents.Bus) {
		subscribe(t, b, events.Subscription{}, func(context.Context, events.Event) error { time.Sleep(time.Second); return nil })
		publish(t, b, event("1", ""))
		blocked := make(chan error)
		go func() { blocked <- b.Publish(t.Context(), event("2", "")) }()
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- b.Close(t.Context()) }()
		if err := <-blocked; !errors.Is(err, events.ErrClosed) {
			t.Errorf("Publish = %v, want ErrClosed", err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

// What was delivered to a group whose last consumer stops is given back at
// once: whoever delivers, such as the relay of an outbox, would wait for ever.
func TestDeliverToAGroupThatIsLeft(t *testing.T) {
	for name, leave := range map[string]func(events.Consumer){
		"stop":  func(c events.Consumer) { c.Stop() },
		"drain": func(c events.Consumer) { _ = c.Drain(context.Background()) },
	} {
		synctest.Test(t, func(t *testing.T) {
			b := memoryevents.New(memoryevents.Options{})
			defer b.Close(context.Background())
			var handled atomic.Int64
			h := func(context.Context, events.Event) error { handled.Add(1); time.Sleep(time.Second); return nil }
			s := events.Subscription{Types: []string{"a"}, Group: "g", Lanes: 1}
			c, err := b.Subscribe(t.Context(), s, h)
			if err != nil {
				t.Fatal(err)
			}
			var answers [6]error
			var wg sync.WaitGroup
			for i := range answers {
				ev := events.New("/test", "a", nil)
				ev.Key = []string{"", "k"}[i%2]
				wg.Go(func() { answers[i] = b.Deliver(t.Context(), ev) })
			}
			synctest.Wait()
			published := events.New("/test", "a", nil)
			published.Key = "k"
			if err := b.Publish(t.Context(), published); err != nil {
				t.Fatal(err)
			}
			leave(c)
			wg.Wait()
			failed := 0
			for _, err := range answers {
				if errors.Is(err, events.ErrClosed) {
					failed++
				} else if err != nil {
					t.Errorf("%s: Deliver = %v", name, err)
				}
			}
			if failed != len(answers)-1 || handled.Load() != 1 {
				t.Errorf("%s: %d of %d calls of Deliver failed, %d events were handled", name, failed, len(answers), handled.Load())
			}
			if c, err = b.Subscribe(t.Context(), s, h); err != nil { // what was published is kept for it
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			if n := handled.Load(); n != 2 {
				t.Errorf("%s: after another consumer came, %d events were handled, want 2", name, n)
			}
			c.Stop()
		})
	}
}
