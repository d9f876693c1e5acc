package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/mapstore"
)

// A mortal store is that of a process that dies at a write: before it reaches
// the store or after. Nothing that the process does then has an effect.
type mortal struct {
	*mapstore.Store
	left  int // writes to live for
	after bool
	dead  bool
}

var errDead = errors.New("the process is dead")

func (m *mortal) write(do func() error) error {
	if m.dead {
		return errDead
	}
	m.left--
	if m.left >= 0 {
		return do()
	}
	m.dead = true
	if m.after {
		return errors.Join(do(), errDead)
	}
	return errDead
}

func (m *mortal) Get(ctx context.Context, key string) ([]byte, error) {
	if m.dead {
		return nil, errDead
	}
	return m.Store.Get(ctx, key)
}

func (m *mortal) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return m.write(func() error { return m.Store.Create(ctx, key, value, ttl) })
}

func (m *mortal) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	return m.write(func() error { return m.Store.Swap(ctx, key, old, value, ttl) })
}

// A world is where steps have their effects, each once for a key.
type world struct {
	keys    map[string]bool
	effects []string
	die     func() bool // at a call, before and after its effect; true once
}

func (w *world) do(c *saga.Call, sign string) error {
	if w.die() {
		return errDead
	}
	if !w.keys[c.Key] {
		w.keys[c.Key] = true
		w.effects = append(w.effects, sign+c.Step)
	}
	if w.die() {
		return errDead
	}
	return nil
}

func (w *world) saga(fails bool) Saga[int] {
	do := func(sign string) func(context.Context, *int, *saga.Call) error {
		return func(_ context.Context, n *int, c *saga.Call) error {
			*n++
			return w.do(c, sign)
		}
	}
	last := Step[int]{Name: "d", Do: do("")}
	if fails {
		last.Do = func(context.Context, *int, *saga.Call) error { return saga.ErrInvalid.Wrap(nil, "refused") }
	}
	s := Saga[int]{Name: "s", Version: 1, Steps: []Step[int]{
		{Name: "c", Do: do(""), Undo: do("-")},
		{Name: "a", Do: do(""), Undo: do("-"), Delay: time.Minute},
		{Name: "b", Do: do(""), Undo: do("-"), Await: []string{"go"}},
		last,
	}}
	for i := range s.Steps {
		s.Steps[i].Retry = resilience.RetryConfig{MaxAttempts: 4}
	}
	return s
}

// live runs an instance to its end or to the death of the process, and says which.
func live(t *testing.T, store *mortal, s Saga[int]) (done bool) {
	t.Helper()
	m, err := NewInState(store, Options{}, s)
	if err != nil {
		t.Fatal(err)
	}
	ev := events.Event{ID: "1", Source: "/", Type: "go", Headers: map[string]string{events.HeaderCorrelation: "i"}}
	for range 100 {
		if err := s.Start(t.Context(), m, "i", 0); err != nil && !errors.Is(err, saga.ErrExists) {
			return died(t, store, err)
		}
		if err := m.Handle(t.Context(), ev); err != nil {
			return died(t, store, err)
		}
		in, err := m.Resume(t.Context(), "i")
		switch {
		case errors.Is(err, errDead) || store.dead:
			return died(t, store, err)
		case in.Status.Final():
			return true
		case err != nil && !errors.Is(err, saga.ErrBusy):
			t.Fatalf("Resume = %v", err)
		}
		time.Sleep(10 * time.Second)
	}
	t.Fatal("it does not end")
	return false
}

func died(t *testing.T, store *mortal, err error) bool {
	t.Helper()
	if !store.dead {
		t.Fatal(err)
	}
	return false
}

// TestCrash has a process die at every write, before and after it, and at every
// call of a step, before and after its effect, twice in a row; whoever comes next
// goes on, and each effect comes about once and in order.
func TestCrash(t *testing.T) {
	for _, fails := range []bool{false, true} {
		want, crashes := "c a b d", 0
		if fails {
			want = "c a b -b -a -c"
		}
		for kind := range 3 { // a write before, a write after, a call
			for at := 0; ; at++ {
				more := false
				synctest.Test(t, func(t *testing.T) { more = crash(t, fails, kind, at, want) })
				if !more {
					break
				}
				crashes++
			}
		}
		t.Logf("fails %v: %d deaths, each twice", fails, crashes)
		if crashes < 20 {
			t.Errorf("there were %d deaths only", crashes)
		}
	}
}

// crash has two processes die at their write, or call, number at, and a third
// one end it, and reports whether the first died at all.
func crash(t *testing.T, fails bool, kind, at int, want string) (more bool) {
	t.Helper()
	store := mapstore.New()
	w := &world{keys: map[string]bool{}}
	for life := range 3 {
		self := &mortal{Store: store, left: 1 << 30, after: kind == 1}
		calls := 0
		w.die = func() bool {
			calls++
			self.dead = self.dead || kind == 2 && life < 2 && calls == at+1
			return self.dead
		}
		if kind < 2 && life < 2 {
			self.left = at
		}
		done := live(t, self, w.saga(fails))
		if life == 0 {
			more = !done
		}
		if !done && life == 2 {
			t.Fatal("the last process died too")
		}
		if done {
			break
		}
		time.Sleep(31 * time.Second) // the lease
	}
	what := fmt.Sprintf("fails %v, kind %d, at %d", fails, kind, at)
	if got := strings.Join(w.effects, " "); got != want {
		t.Errorf("%s: the effects are [%s], want [%s]", what, got, want)
	}
	m, err := NewInState(store, Options{}, w.saga(fails))
	if err != nil {
		t.Fatal(err)
	}
	in, err := m.Show(t.Context(), "i")
	if end := map[bool]saga.Status{false: saga.Completed, true: saga.Compensated}[fails]; err != nil || in.Status != end {
		t.Errorf("%s: it is %s, %v", what, in.Status, err)
	}
	return more
}
