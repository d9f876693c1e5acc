package sagatest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

var failureRules = []rule{
	{
		name: "compensation",
		says: "of the steps that are done, each is undone, the last one first; a step that was refused is not, and none after it runs",
		check: func(ctx context.Context, p *place) error {
			var t tape
			_, in, err := p.run(ctx, saga.Compensated, t.step("b"), t.step("c"), t.step("a"), t.step("d", fails(errRefused)), t.step("e"))
			return both(err, t.expect("b c a d -a -c -b"), expectSteps(in, saga.Undone, saga.Undone, saga.Undone, saga.Refused, saga.Pending))
		},
	},
	{
		name: "why",
		says: "the error of Resume wraps ErrCompensated, and Reason has why, with the step",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, in, err := p.run(ctx, saga.Compensated, t.step("first"), t.step("second", fails(errRefused)))
			if err != nil {
				return err
			}
			if !strings.Contains(in.Reason, "refused") || !strings.Contains(in.Reason, "second") || in.Steps[1].Error == "" {
				return fmt.Errorf("the reason is %q, and the step's error %q", in.Reason, in.Steps[1].Error)
			}
			_, err = resume(ctx, m, saga.Compensated) // says so again
			return err
		},
	},
	{
		name: "nothing to undo",
		says: "an Undo that is nil says that there is nothing to undo",
		check: func(ctx context.Context, p *place) error {
			var t tape
			plain := t.step("b")
			plain.Undo = nil
			_, _, err := p.run(ctx, saga.Compensated, t.step("a"), plain, t.step("c", fails(errRefused)))
			return both(err, t.expect("a b c -a"))
		},
	},
	{
		name: "data of an Undo",
		says: "what Undo makes of Data is kept if it returns nil",
		check: func(ctx context.Context, p *place) error {
			var t tape
			add := func(_ context.Context, c *saga.Call) error { c.Data = append(c.Data, c.Step...); return nil }
			_, in, err := p.run(ctx, saga.Compensated, t.step("a", nil, add), t.step("b", nil, add), t.step("c", fails(errRefused)))
			if err == nil && string(in.Data) != "0ba" {
				err = fmt.Errorf("the data is %q, want %q", in.Data, "0ba")
			}
			return err
		},
	},
	{
		name: "compensation that fails",
		says: "steps that cannot be undone are passed over, and the instance is Failed, never Compensated",
		check: func(ctx context.Context, p *place) error {
			var t tape
			_, in, err := p.run(ctx, saga.Failed, t.step("a"), tries(2, t.step("b", nil, panics)), t.step("c", fails(errRefused)))
			return both(err, t.expect("a b c -b -b -a"), expectSteps(in, saga.Undone, saga.Stuck, saga.Refused))
		},
	},
	{
		name: "resume what failed",
		says: "an instance that has Failed is compensated again, where that is stuck",
		check: func(ctx context.Context, p *place) error {
			var t tape
			broken := true
			m, _, err := p.run(ctx, saga.Failed, t.step("a"), t.step("b", nil, func(context.Context, *saga.Call) error {
				if broken {
					return errUnclear
				}
				return nil
			}), t.step("c", fails(errRefused)))
			if err != nil {
				return err
			}
			if _, err := resume(ctx, m, saga.Failed); err != nil {
				return err
			}
			broken = false
			in, err := resume(ctx, m, saga.Compensated)
			return both(err, t.expect("a b c -b -a -b -b"), expectSteps(in, saga.Undone, saga.Undone, saga.Refused))
		},
	},
	{
		name: "timeout",
		says: "Timeout ends the ctx of one call of Do, and of one of Undo",
		check: func(ctx context.Context, p *place) error {
			var t tape
			slow := t.step("b", hang, hang)
			slow.Timeout = time.Millisecond
			_, in, err := p.run(ctx, saga.Failed, t.step("a"), slow)
			if err == nil && (strings.Contains(in.Steps[1].Error, "nobody") || !strings.Contains(in.Reason, context.DeadlineExceeded.Error())) {
				err = fmt.Errorf("the step was not ended: %q, %q", in.Reason, in.Steps[1].Error)
			}
			return both(err, t.expect("a b -b -a"))
		},
	},
}

var doubtRules = []rule{
	{
		name: "steps in doubt",
		says: "a step in doubt, of which some attempt ended without an answer, is undone as one that is done",
		check: func(ctx context.Context, p *place) error {
			for name, do := range map[string]does{
				"an unclear error": fails(errUnclear),
				"a panic":          panics,
				"a timeout":        fails(context.DeadlineExceeded),
				"unclear, then refused": func(_ context.Context, c *saga.Call) error {
					if c.Attempt == 1 {
						return errUnclear
					}
					return errRefused
				},
			} {
				var t tape
				d := define(t.step("a"), tries(2, t.step("b", do)), t.step("c"))
				m, err := p.open(d)
				if err != nil {
					return err
				}
				if err := m.Start(ctx, "test", name, nil); err != nil {
					return err
				}
				in, err := m.Resume(ctx, name)
				if !errors.Is(err, saga.ErrCompensated) {
					return fmt.Errorf("after %s Resume = %v, want ErrCompensated", name, err)
				}
				if err := both(t.expect("a b b -b -a"), expectSteps(in, saga.Undone, saga.Undone, saga.Pending)); err != nil {
					return fmt.Errorf("after %s %w", name, err)
				}
			}
			return nil
		},
	},
}
