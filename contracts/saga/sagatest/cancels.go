package sagatest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

var cancelRules = []rule{
	{
		name: "cancel",
		says: "Cancel has an instance compensated, for the reason",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, _, err := p.run(ctx, saga.Waiting, t.step("a"), t.step("b"), paused("wait"))
			if err != nil {
				return err
			}
			if err := both(m.Cancel(ctx, "i", "the customer left"), t.expect("a b")); err != nil {
				return err
			}
			in, err := resume(ctx, m, saga.Compensated)
			if err == nil && !strings.Contains(in.Reason, "the customer left") {
				err = fmt.Errorf("the reason is %q", in.Reason)
			}
			return both(err, t.expect("a b -b -a"))
		},
	},
	{
		name: "cancel what has ended",
		says: "Cancel of an instance that is final is an error wrapping ErrEnded",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, _, err := p.run(ctx, saga.Completed, t.step("a"))
			if err != nil {
				return err
			}
			if err := m.Cancel(ctx, "i", "late"); !errors.Is(err, saga.ErrEnded) {
				return fmt.Errorf("Cancel = %v, want ErrEnded", err)
			}
			_, err = resume(ctx, m, saga.Completed)
			return both(err, t.expect("a"))
		},
	},
	{
		name: "cancel while a step runs",
		says: "a step that runs is not interrupted by Cancel: what it does is undone",
		check: func(ctx context.Context, p *place) error {
			var t tape
			var m saga.Manager
			_, in, err := p.runWith(ctx, &m, saga.Compensated, t.step("a"), t.step("b", func(ctx context.Context, _ *saga.Call) error {
				if err := m.Cancel(ctx, "i", "now"); err != nil {
					return err
				}
				return ctx.Err()
			}), t.step("c"))
			if err == nil && in.Steps[1].Error != "" {
				err = fmt.Errorf("the step was interrupted: %s", in.Steps[1].Error)
			}
			return both(err, t.expect("a b -b -a"))
		},
	},
	{
		name: "the first reason",
		says: "Cancel of an instance that is Compensating leaves it so, for its first reason",
		check: func(ctx context.Context, p *place) error {
			var t tape
			var m saga.Manager
			_, in, err := p.runWith(ctx, &m, saga.Compensated, t.step("a", nil, func(ctx context.Context, _ *saga.Call) error {
				return m.Cancel(ctx, "i", "second")
			}), t.step("b", fails(errRefused)))
			if err == nil && strings.Contains(in.Reason, "second") {
				err = fmt.Errorf("the reason is %q, want that the step was refused", in.Reason)
			}
			return both(err, t.expect("a b -a"))
		},
	},
}
