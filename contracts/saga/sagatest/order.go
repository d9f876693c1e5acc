package sagatest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

var orderRules = []rule{
	{
		name: "the declared order",
		says: "steps run in their order, one after another",
		check: func(ctx context.Context, p *place) error {
			var t tape
			_, in, err := p.run(ctx, saga.Completed, t.step("reserve"), t.step("charge"), t.step("ship"), t.step("bill"))
			return both(err, t.expect("reserve charge ship bill"), expectSteps(in, saga.Done, saga.Done, saga.Done, saga.Done))
		},
	},
	{
		name: "an instance that has ended",
		says: "a final instance is run no more, and Resume says how it ended",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, _, err := p.run(ctx, saga.Completed, t.step("a"))
			if err != nil {
				return err
			}
			_, err = resume(ctx, m, saga.Completed)
			return both(err, t.expect("a"))
		},
	},
	{
		name: "data",
		says: "what Do makes of Data is kept with the fact that the step is done, if it returns nil; otherwise dropped",
		check: func(ctx context.Context, p *place) error {
			var t tape
			add := func(fail bool) does {
				return func(_ context.Context, c *saga.Call) error {
					c.Data = append(c.Data, c.Step...)
					if fail && c.Attempt == 1 {
						return errUnclear
					}
					return nil
				}
			}
			_, in, err := p.run(ctx, saga.Completed, t.step("a", add(false)), tries(2, t.step("b", add(true))), t.step("c", add(false)))
			if err == nil && string(in.Data) != "0abc" {
				err = fmt.Errorf("the data is %q, want %q", in.Data, "0abc")
			}
			return err
		},
	},
	{
		name: "what a call is told",
		says: "a Call has the instance, the saga, the step and the number of the attempt, from 1",
		check: func(ctx context.Context, p *place) error {
			var t tape
			var calls []saga.Call
			keep := func(fail bool) does {
				return func(_ context.Context, c *saga.Call) error {
					calls = append(calls, *c)
					if fail && c.Attempt < 3 {
						return errUnclear
					}
					return nil
				}
			}
			last := t.step("b", fails(errRefused))
			if _, _, err := p.run(ctx, saga.Compensated, tries(3, t.step("a", keep(true), keep(true))), last); err != nil {
				return err
			}
			if len(calls) != 6 {
				return fmt.Errorf("the step and its Undo were called %d times, want three times each", len(calls))
			}
			for i, c := range calls {
				if c.ID != "i" || c.Saga != "test" || c.Step != "a" || c.Attempt != i%3+1 || string(c.Data) != "0" {
					return fmt.Errorf("call %d is %+v", i+1, c)
				}
			}
			return nil
		},
	},
	{
		name: "keys",
		says: "Key is the same for each attempt, and no other Do or Undo of any instance has it",
		check: func(ctx context.Context, p *place) error {
			var t tape
			twice := func(_ context.Context, c *saga.Call) error {
				if c.Attempt == 1 {
					return errUnclear
				}
				return nil
			}
			m, _, err := p.run(ctx, saga.Compensated, tries(2, t.step("a", twice, twice)), tries(2, t.step("b", twice, twice)), t.step("c", fails(errRefused)))
			if err != nil {
				return err
			}
			for _, id := range []string{"j", "i/a"} {
				if err := m.Start(ctx, "test", id, nil); err != nil {
					return err
				}
				if _, err := m.Resume(ctx, id); !errors.Is(err, saga.ErrCompensated) {
					return fmt.Errorf("Resume = %v, want ErrCompensated", err)
				}
			}
			var all []string
			for _, call := range []string{"a", "b", "-a", "-b"} {
				keys := t.keysOf(call)
				if len(keys) != 6 || keys[0] != keys[1] || keys[2] != keys[3] || keys[4] != keys[5] {
					return fmt.Errorf("the keys of %q in three instances, two attempts each, are %q", call, keys)
				}
				all = append(all, keys...)
			}
			slices.Sort(all)
			if n := len(slices.Compact(all)); n != 12 {
				return fmt.Errorf("12 different calls have %d keys", n)
			}
			return nil
		},
	},
	{
		name: "attempts",
		says: "Retry says how often Do is called when it fails, and for which errors; a panic is a failure",
		check: func(ctx context.Context, p *place) error {
			var t tape
			until := func(n int, fail does) does {
				return func(ctx context.Context, c *saga.Call) error {
					if c.Attempt < n {
						return fail(ctx, c)
					}
					return nil
				}
			}
			never := tries(5, t.step("c", fails(errUnclear)))
			never.Retry.RetryIf = func(err error) bool { return errs.KindOf(err) == errs.Timeout }
			_, in, err := p.run(ctx, saga.Compensated, tries(3, t.step("a", until(3, fails(errUnclear)))), tries(2, t.step("b", until(2, panics))), never)
			return both(err, t.expect("a a a b b c -c -b -a"), expectSteps(in, saga.Undone, saga.Undone, saga.Undone))
		},
	},
}
