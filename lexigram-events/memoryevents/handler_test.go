package memoryevents_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

func TestDeadLetters(t *testing.T) {
	var told []string
	opts := memoryevents.Options{DeadLetters: 2, OnDead: func(d memoryevents.DeadLetter) {
		told = append(told, d.Event.ID)
		panic("is logged")
	}}
	bubble(t, opts, func(t *testing.T, b *memoryevents.Bus) {
		sick := true
		var got []string
		subscribe(t, b, events.Subscription{Group: "g", Lanes: 1}, func(_ context.Context, ev events.Event) error {
			if sick {
				return events.ErrPoison.Wrap(errNo, "cannot read %s", ev.ID)
			}
			got = append(got, ev.ID)
			return nil
		})
		publish(t, b, event("1", "k"), event("2", "k"), event("3", "k"))
		synctest.Wait()
		dead := b.DeadLetters()
		if len(dead) != 2 || dead[0].Event.ID != "2" || dead[1].Group != "g" || dead[1].Attempts != 1 || !errors.Is(dead[1].Reason, errNo) || dead[1].Time != time.Now() {
			t.Fatalf("dead letters %+v", dead)
		}
		if strings.Join(told, " ") != "1 2 3" {
			t.Errorf("told of %q", told)
		}
		sick = false
		err := b.Replay(t.Context(), dead[0].ID, 1, dead[1].ID)
		if errs.KindOf(err) != errs.NotFound || !errors.Is(err, events.Err) {
			t.Errorf("Replay with an ID that is not kept = %v", err)
		}
		synctest.Wait()
		if strings.Join(got, " ") != "2 3" || len(b.DeadLetters()) != 0 {
			t.Errorf("replayed %q, left %+v", got, b.DeadLetters())
		}
	})
}

func TestDropIsForgotten(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		subscribe(t, b, events.Subscription{Retry: events.Retry{Attempts: 2, Drop: true}}, func(context.Context, events.Event) error { return errNo })
		publish(t, b, event("1", ""))
		time.Sleep(time.Hour)
		if dead := b.DeadLetters(); len(dead) != 0 {
			t.Errorf("dead letters %+v", dead)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestReplayToGroupThatEnded(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		c := subscribe(t, b, events.Subscription{}, func(context.Context, events.Event) error { return events.ErrPoison })
		publish(t, b, event("1", ""))
		synctest.Wait()
		c.Stop()
		if err := b.Replay(t.Context(), 1); !errors.Is(err, events.ErrClosed) || len(b.DeadLetters()) != 1 {
			t.Errorf("Replay = %v, left %d", err, len(b.DeadLetters()))
		}
	})
}

// TestGoexit has a handler end its goroutine, as t.FailNow does.
func TestGoexit(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		var calls atomic.Int32
		subscribe(t, b, events.Subscription{Lanes: 1}, func(context.Context, events.Event) error {
			if calls.Add(1) < 3 {
				runtime.Goexit()
			}
			return nil
		})
		publish(t, b, event("1", "k"), event("2", "k"))
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if calls.Load() != 4 {
			t.Errorf("%d calls, want 4", calls.Load())
		}
	})
}

func TestHandlerContext(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		start := time.Now()
		var leaked context.Context
		subscribe(t, b, events.Subscription{Timeout: time.Minute, Retry: events.Retry{Attempts: 1}}, func(ctx context.Context, ev events.Event) error {
			if d, ok := ctx.Deadline(); !ok || d.Sub(start) != time.Minute {
				t.Errorf("deadline %v", d)
			}
			if ev.ID == "lazy" {
				time.Sleep(59 * time.Second)
				if ctx.Err() != nil {
					t.Errorf("Err before the deadline = %v", ctx.Err())
				}
				time.Sleep(time.Second)
				if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
					t.Errorf("Err after the deadline = %v", ctx.Err())
				}
				leaked = ctx
				return nil
			}
			goroutines := runtime.NumGoroutine()
			child := ctx
			for range 100 { // so that goroutines of others do not matter
				var cancel context.CancelFunc
				child, cancel = context.WithCancel(ctx)
				defer cancel()
			}
			if n := runtime.NumGoroutine(); n > goroutines+50 {
				t.Errorf("100 derived contexts cost %d goroutines", n-goroutines)
			}
			<-child.Done()
			if !errors.Is(child.Err(), context.DeadlineExceeded) || time.Since(start) != time.Minute {
				t.Errorf("child ended with %v after %v", child.Err(), time.Since(start))
			}
			return nil
		})
		publish(t, b, event("lazy", ""), event("eager", ""))
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if !errors.Is(leaked.Err(), context.Canceled) {
			t.Errorf("Err after the handler returned = %v", leaked.Err())
		}
		select {
		case <-leaked.Done():
		default:
			t.Error("Done is open after the handler returned")
		}
	})
}

// TestRetryBlocksNobody fails one key for hours and counts what happens meanwhile.
func TestRetryBlocksNobody(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		var good, bad atomic.Int32
		subscribe(t, b, events.Subscription{Lanes: 1}, func(_ context.Context, ev events.Event) error {
			if ev.Key == "bad" {
				bad.Add(1)
				return errNo
			}
			good.Add(1)
			return nil
		})
		publish(t, b, event("bad", "bad"))
		for i := range 100 {
			publish(t, b, event(strconv.Itoa(i), "good"))
			synctest.Wait()
			if good.Load() != int32(i+1) {
				t.Fatalf("after %d events %d are handled", i+1, good.Load())
			}
		}
		time.Sleep(2 * time.Hour)
		if bad.Load() != 10 || len(b.DeadLetters()) != 1 {
			t.Errorf("%d attempts, %d dead", bad.Load(), len(b.DeadLetters()))
		}
	})
}

func TestDeliverToStoppedGroupFails(t *testing.T) {
	bubble(t, memoryevents.Options{}, func(t *testing.T, b *memoryevents.Bus) {
		c := subscribe(t, b, events.Subscription{Group: "g"}, func(context.Context, events.Event) error { return nil })
		c.Stop()
		if err := b.Deliver(t.Context(), event("1", "k"), event("2", "k")); !errors.Is(err, events.ErrClosed) {
			t.Errorf("Deliver to a group without a consumer = %v, want ErrClosed", err)
		}
		c = subscribe(t, b, events.Subscription{}, func(ctx context.Context, _ events.Event) error { <-ctx.Done(); return nil })
		if _, err := b.Forget("g"); err != nil {
			t.Fatal(err)
		}
		delivered := make(chan error)
		go func() { delivered <- b.Deliver(t.Context(), event("3", "k"), event("4", "k")) }()
		synctest.Wait()
		c.Stop()
		if err := <-delivered; !errors.Is(err, events.ErrClosed) {
			t.Errorf("Deliver of what its consumer did not begin = %v, want ErrClosed", err)
		}
	})
}

// TestAllocations: one for the handler's context.
func TestAllocations(t *testing.T) {
	b := memoryevents.New(memoryevents.Options{DedupLimit: 1 << 10})
	handled := make(chan struct{})
	subscribe(t, b, events.Subscription{}, func(context.Context, events.Event) error { handled <- struct{}{}; return nil })
	ids := make([]string, 10_000)
	for i := range ids {
		ids[i] = time.Duration(i).String()
	}
	ctx, i := t.Context(), 0
	n := testing.AllocsPerRun(len(ids)-1, func() {
		ev := event(ids[i], "")
		i++
		if err := b.Publish(ctx, ev); err != nil {
			t.Error(err)
		}
		<-handled
	})
	if n > 2 { // and now and then room in the window
		t.Errorf("%v allocations for an event, want at most 2", n)
	}
	if err := b.Close(ctx); err != nil {
		t.Error(err)
	}
}
