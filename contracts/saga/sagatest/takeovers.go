package sagatest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A frozen process hangs in a step, before or after the step's effect, until it is thawed.
type frozen struct {
	reached, thaw chan struct{}
	hung          atomic.Bool
}

func newFrozen() *frozen { return &frozen{reached: make(chan struct{}), thaw: make(chan struct{})} }

// wait hangs, the first time.
func (f *frozen) wait() {
	if f.hung.CompareAndSwap(false, true) {
		close(f.reached)
		<-f.thaw
	}
}

// freeze resumes the instance until it hangs in f, or ends; end thaws it, and
// returns what Resume did.
func (f *frozen) freeze(ctx context.Context, m saga.Manager, id string) (end func() error) {
	done := make(chan error, 1)
	go func() { _, err := m.Resume(ctx, id); done <- err }()
	select {
	case <-f.reached:
		return func() error { close(f.thaw); return <-done }
	case err := <-done:
		return func() error { return err }
	}
}

var takeoverRules = []rule{
	{
		name: "a lease",
		says: "while one runs an instance, Resume by another is ErrBusy and runs nothing",
		check: func(ctx context.Context, p *place) error {
			var t tape
			f := newFrozen()
			d := define(t.step("a", func(context.Context, *saga.Call) error { f.wait(); return nil }), t.step("b"))
			first, err := p.started(ctx, d)
			if err != nil {
				return err
			}
			second, err := p.open(d)
			if err != nil {
				return err
			}
			end := f.freeze(ctx, first, "i")
			_, busy := second.Resume(ctx, "i")
			if err := end(); err != nil {
				return fmt.Errorf("Resume by the one who runs it = %w", err)
			}
			if !errors.Is(busy, saga.ErrBusy) {
				return fmt.Errorf("Resume of what another one runs = %v, want ErrBusy", busy)
			}
			return t.expect("a b")
		},
	},
	{
		name: "at the same time",
		says: "each step is run once by those who Resume at the same time",
		check: func(ctx context.Context, p *place) error {
			const rounds, callers = 5, 8
			var t tape
			work := func(context.Context, *saga.Call) error { time.Sleep(time.Millisecond); return nil }
			d := define(t.step("a", work), t.step("b", work), t.step("c", work))
			for i := range rounds {
				id := fmt.Sprint("i", i)
				first, err := p.open(d)
				if err != nil {
					return err
				}
				if err := first.Start(ctx, "test", id, nil); err != nil {
					return err
				}
				failed := make([]error, callers)
				var wg sync.WaitGroup
				for j := range failed {
					m, err := p.open(d)
					if err != nil {
						return err
					}
					wg.Go(func() {
						if _, err := m.Resume(ctx, id); err != nil && !errors.Is(err, saga.ErrBusy) {
							failed[j] = err
						}
					})
				}
				wg.Wait()
				if err := errors.Join(failed...); err != nil {
					return fmt.Errorf("Resume at the same time = %w, want nil or ErrBusy", err)
				}
				if in, err := first.Show(ctx, id); err != nil || in.Status != saga.Completed {
					return fmt.Errorf("after all have ended the instance is %s, %v", in.Status, err)
				}
			}
			return t.expect(strings.TrimSpace(strings.Repeat("a b c ", rounds)))
		},
	},
	{
		name: "taken over at every step",
		says: "another process goes on where one has died, and calls what it was at again, with the same Key",
		check: func(ctx context.Context, p *place) error {
			// Each effect is kept under its key, as the other side of a step would.
			for at := range 6 { // a, b, c before its failure; -b, -a; each before and after the effect
				for _, after := range []bool{false, true} {
					if err := takeover(ctx, p, fmt.Sprintf("i%d%v", at, after), at, after); err != nil {
						return fmt.Errorf("at call %d, after its effect: %v: %w", at+1, after, err)
					}
				}
			}
			return nil
		},
	},
	{
		name: "who comes late",
		says: "what a step came to of which the instance was taken over is not recorded: Resume is ErrLost",
		check: func(ctx context.Context, p *place) error {
			var t tape
			f := newFrozen()
			d := define(tries(2, t.step("a", func(_ context.Context, c *saga.Call) error {
				late := c.Attempt == 1
				if late {
					f.wait()
				}
				c.Data = fmt.Append(nil, late)
				return nil
			})), t.step("b"))
			first, err := p.started(ctx, d)
			if err != nil {
				return err
			}
			end := f.freeze(ctx, first, "i")
			p.clock.Advance(time.Hour)
			second, err := p.open(d)
			if err == nil {
				_, err = resume(ctx, second, saga.Completed)
			}
			if late := end(); err == nil && !errors.Is(late, saga.ErrLost) {
				err = fmt.Errorf("Resume of what was taken over = %v, want ErrLost", late)
			}
			if err != nil {
				return err
			}
			in, err := resume(ctx, second, saga.Completed)
			if err == nil && string(in.Data) != "false" {
				err = fmt.Errorf("the data is of the one who came late")
			}
			return both(err, t.expect("a a b"))
		},
	},
	{
		name: "attempts of the dead",
		says: "an attempt whose process died counts: the step is in doubt, and has one attempt fewer",
		check: func(ctx context.Context, p *place) error {
			var t tape
			f := newFrozen()
			d := define(t.step("a"), t.step("b", func(context.Context, *saga.Call) error { f.wait(); return nil }))
			first, err := p.started(ctx, d)
			if err != nil {
				return err
			}
			end := f.freeze(ctx, first, "i")
			p.clock.Advance(time.Hour)
			second, err := p.open(d)
			if err == nil {
				_, err = resume(ctx, second, saga.Compensated)
			}
			_ = end() // it was taken over
			return both(err, t.expect("a b -b -a"))
		},
	},
	{
		name: "the end of ctx",
		says: "when ctx ends the step that runs is waited for, what is done is recorded, the error wraps the cause, and another Resume goes on",
		check: func(ctx context.Context, p *place) error {
			stopped := errors.New("the process stops")
			for _, done := range []bool{false, true} {
				var t tape
				id := fmt.Sprint("i", done)
				running, stop := context.WithCancelCause(ctx)
				defer stop(nil)
				first := true
				d := define(t.step("a"), t.step("b", func(ctx context.Context, _ *saga.Call) error {
					if !first {
						return nil
					}
					first = false
					stop(stopped)
					if done {
						return nil
					}
					return hang(ctx, nil)
				}), t.step("c"))
				m, err := p.open(d)
				if err != nil {
					return err
				}
				if err := m.Start(ctx, "test", id, nil); err != nil {
					return err
				}
				in, err := m.Resume(running, id)
				if !errors.Is(err, stopped) || in.Status != saga.Running {
					return fmt.Errorf("Resume whose ctx ends = %s, %v, want the cause", in.Status, err)
				}
				if in, err = m.Resume(ctx, id); err != nil || in.Status != saga.Completed {
					return fmt.Errorf("Resume after that = %s, %v", in.Status, err)
				}
				want := "a b b c"
				if done {
					want = "a b c"
				}
				if err := t.expect(want); err != nil {
					return err
				}
			}
			return nil
		},
	},
}

// takeover has a process die at the given call of an instance that is
// compensated, and checks that each effect came about once and in order.
func takeover(ctx context.Context, p *place, id string, at int, after bool) error {
	var mu sync.Mutex
	var effects []string
	var order []string
	f := newFrozen()
	n := -1
	step := func(name string, fail error) saga.Step {
		act := func(sign string, fail error) does {
			return func(_ context.Context, c *saga.Call) error {
				mu.Lock()
				n++
				die := n == at
				mu.Unlock()
				if die && !after {
					f.wait()
				}
				mu.Lock()
				if (!die || after) && !slices.Contains(effects, c.Key) {
					effects, order = append(effects, c.Key), append(order, sign+name)
				}
				mu.Unlock()
				if die && after {
					f.wait()
				}
				return fail
			}
		}
		s := tries(3, saga.Step{Name: name, Do: act("", fail), Undo: act("-", nil)})
		s.Retry.BaseDelay = time.Millisecond
		return s
	}
	d := define(step("a", nil), step("b", nil), step("c", errRefused), step("d", nil))
	m, err := p.open(d)
	if err != nil {
		return err
	}
	if err := m.Start(ctx, "test", id, nil); err != nil {
		return err
	}
	end := f.freeze(ctx, m, id)
	p.clock.Advance(time.Hour)
	other, err := p.open(d)
	if err == nil {
		_, err = other.Resume(ctx, id)
	}
	_ = end() // it was taken over, unless there are fewer calls
	if !errors.Is(err, saga.ErrCompensated) {
		return fmt.Errorf("Resume by another = %v, want ErrCompensated", err)
	}
	want := "a b c -b -a"
	if at == 2 {
		want = "a b c -c -b -a" // its process died in c, which is in doubt
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(order, " "); got != want {
		return fmt.Errorf("the effects are [%s], want [%s]", got, want)
	}
	return nil
}
