package sagatest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

var startRules = []rule{
	{
		name: "start",
		says: "Start records an instance of the latest version of the saga; it runs no step",
		check: func(ctx context.Context, p *place) error {
			var t tape
			one, two := define(t.step("a")), define(t.step("a"), t.step("b"))
			two.Version = 2
			m, err := p.open(two, one)
			if err != nil {
				return err
			}
			data := []byte("0")
			if err := m.Start(ctx, "test", "i", data); err != nil {
				return fmt.Errorf("Start = %w", err)
			}
			data[0] = 'x'
			in, err := m.Show(ctx, "i")
			if err != nil || in.ID != "i" || in.Saga != "test" || in.Version != 2 || in.Status != saga.Running || string(in.Data) != "0" || !in.Began.Equal(p.clock.Now()) {
				return fmt.Errorf("Show = %+v, %v", in, err)
			}
			return both(expectSteps(in, saga.Pending, saga.Pending), t.expect(""))
		},
	},
	{
		name: "an ID that is taken",
		says: "an ID belongs to one instance for ever, whatever its saga and tenant: one that is taken is an error wrapping ErrExists",
		check: func(ctx context.Context, p *place) error {
			var t tape
			other := define(t.step("b"))
			other.Name = "other"
			m, err := p.open(define(t.step("a")), other)
			if err != nil {
				return err
			}
			if err := m.Start(ctx, "test", "i", []byte("0")); err != nil {
				return err
			}
			for _, name := range []string{"test", "other"} {
				if err := m.Start(tenancy.With(ctx, "acme"), name, "i", []byte("1")); !errors.Is(err, saga.ErrExists) {
					return fmt.Errorf("Start with an ID that is taken = %v, want ErrExists", err)
				}
			}
			in, err := resume(ctx, m, saga.Completed)
			if err == nil && (string(in.Data) != "0" || in.Saga != "test") {
				err = fmt.Errorf("the second Start changed the first one's instance: %+v", in)
			}
			if again := m.Start(ctx, "test", "i", nil); err == nil && !errors.Is(again, saga.ErrExists) {
				err = fmt.Errorf("Start with the ID of an instance that has ended = %v, want ErrExists", again)
			}
			return err
		},
	},
	{
		name: "a saga that is not here",
		says: "a saga that the manager has no definition of is an error wrapping ErrNoSaga",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.open(define(t.step("a")))
			if err != nil {
				return err
			}
			if err := m.Start(ctx, "tes", "i", nil); !errors.Is(err, saga.ErrNoSaga) {
				return fmt.Errorf("Start of an unknown saga = %v, want ErrNoSaga", err)
			}
			return nil
		},
	},
	{
		name: "definitions that are refused",
		says: "every manager calls Check, for each definition that it is given",
		check: func(_ context.Context, p *place) error {
			var t tape
			spoilt := define(t.step("a"))
			spoilt.Version = 0
			if _, err := p.open(spoilt); !errors.Is(err, saga.ErrInvalid) {
				return fmt.Errorf("a definition of version 0 = %v, want ErrInvalid", err)
			}
			return nil
		},
	},
	{
		name: "IDs that are refused",
		says: "an ID that CheckID refuses is its error",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.open(define(t.step("a")))
			if err != nil {
				return err
			}
			for _, id := range []string{"", "a\x00", "a\n", "\xff", strings.Repeat("x", 256)} {
				_, resumed := m.Resume(ctx, id)
				_, shown := m.Show(ctx, id)
				for _, err := range []error{m.Start(ctx, "test", id, nil), m.Cancel(ctx, id, ""), resumed, shown} {
					if !errors.Is(err, saga.ErrInvalid) {
						return fmt.Errorf("with the ID %.20q: %v, want ErrInvalid", id, err)
					}
				}
			}
			for _, id := range []string{"ö/ 日", strings.Repeat("x", 255), "a'; --", "a/b"} {
				if err := m.Start(ctx, "test", id, nil); err != nil {
					return fmt.Errorf("Start with the ID %.20q = %w", id, err)
				}
				if in, err := m.Resume(ctx, id); err != nil || in.ID != id {
					return fmt.Errorf("Resume of %.20q = %q, %v", id, in.ID, err)
				}
			}
			return nil
		},
	},
	{
		name: "the tenant",
		says: "Resume runs the steps in the tenant's context that the instance began with",
		check: func(ctx context.Context, p *place) error {
			var t tape
			m, err := p.open(define(t.step("a", func(ctx context.Context, c *saga.Call) error {
				id, err := tenancy.From(ctx)
				c.Data = []byte(id)
				return err
			})))
			if err != nil {
				return err
			}
			if err := m.Start(tenancy.With(ctx, "acme"), "test", "i", nil); err != nil {
				return err
			}
			in, err := resume(ctx, m, saga.Completed)
			if err == nil && (string(in.Data) != "acme" || in.Tenant != "acme") {
				err = fmt.Errorf("the step ran for tenant %q, and the instance is of %q, want acme", in.Data, in.Tenant)
			}
			return err
		},
	},
}
