package audittest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

var queryRules = []rule[audit.Store]{
	{
		name: "order",
		says: "newest first: by Time, and of one time by ID, from the greatest",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, entry("b", 0), entry("d", -1), entry("a", 1), entry("c", 0), entry("B", 0)); err != nil {
				return err
			}
			return yields(ctx, s, audit.Query{}, "a", "c", "b", "B", "d")
		},
	},
	{
		name: "conditions",
		says: "each field that is not zero is a condition, and all of them hold",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, full(), entry("other", -1)); err != nil {
				return err
			}
			f := full()
			for _, q := range []audit.Query{
				{Actor: f.Actor},
				{Action: f.Action},
				{ResourceType: f.ResourceType},
				{ResourceID: f.ResourceID},
				{Source: f.Source},
				{Outcome: f.Outcome},
				{Severity: f.Severity},
				{Tenant: f.Tenant},
				{CorrelationID: f.CorrelationID},
			} {
				if err := yields(ctx, s, q, "full"); err != nil {
					return err
				}
				q.Since = f.Time.Add(time.Microsecond)
				if err := yields(ctx, s, q); err != nil {
					return err
				}
			}
			for _, q := range []audit.Query{
				{Actor: "user"}, {Actor: "USER/7"}, {Action: "user.%"}, {Action: "user"}, {Tenant: "acm"}, {Actor: f.Actor, Action: "test"},
			} {
				if err := yields(ctx, s, q); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "since and until",
		says: "Since, Until, both inclusive",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, entry("a", 1), entry("b", 2), entry("c", 3)); err != nil {
				return err
			}
			second := entry("", 2).Time
			return errors.Join(
				yields(ctx, s, audit.Query{Since: second}, "c", "b"),
				yields(ctx, s, audit.Query{Until: second}, "b", "a"),
				yields(ctx, s, audit.Query{Since: second, Until: second.In(time.FixedZone("X", 3600))}, "b"),
				yields(ctx, s, audit.Query{Since: second.Add(time.Microsecond)}, "c"),
				yields(ctx, s, audit.Query{Until: second.Add(-time.Microsecond)}, "a"),
			)
		},
	},
	{
		name: "pages",
		says: "Before selects what is older than a place; Limit is how many at most",
		check: func(ctx context.Context, s audit.Store) error {
			for i := range 10 {
				if err := appendAll(ctx, s, entry(fmt.Sprintf("%02d", i), i/4)); err != nil {
					return err
				}
			}
			q, seen := audit.Query{Limit: 3}, 0
			for page := range 4 {
				all, err := collect(ctx, s, q)
				if want := min(3, 10-seen); err != nil || len(all) != want {
					return fmt.Errorf("page %d has %d entries, %w, want %d", page, len(all), orNil(err), want)
				}
				for _, e := range all {
					seen++
					if want := fmt.Sprintf("%02d", 10-seen); e.ID != want {
						return fmt.Errorf("page %d has %q, want %q", page, e.ID, want)
					}
				}
				q.Before = all[len(all)-1].Position()
				if page == 1 { // what comes later moves no page
					if err := appendAll(ctx, s, entry("zz", 99)); err != nil {
						return err
					}
				}
			}
			return yields(ctx, s, q)
		},
	},
	{
		name: "invalid queries",
		says: "what CheckQuery refuses is an error wrapping ErrInvalid",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, entry("a", 0)); err != nil {
				return err
			}
			for _, q := range []audit.Query{{Limit: -1}, {Outcome: "maybe"}, {Severity: "severe"}} {
				if all, err := collect(ctx, s, q); !errors.Is(err, audit.ErrInvalid) || len(all) > 0 {
					return fmt.Errorf("Query(%+v) = %d entries, %v, want ErrInvalid", q, len(all), err)
				}
			}
			return nil
		},
	},
	{
		name: "the body of the loop",
		says: "the sequence may be ranged over again, and its body may use the store",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, entry("a", 1), entry("b", 2)); err != nil {
				return err
			}
			seq := s.Query(ctx, audit.Query{Until: entry("", 2).Time})
			for round := range 2 {
				n := 0
				for _, err := range seq {
					if err != nil {
						return err
					}
					n++
					if err := appendAll(ctx, s, entry(fmt.Sprintf("new-%d-%d", round, n), 5)); err != nil {
						return err
					}
				}
				if n != 2 {
					return fmt.Errorf("round %d has %d entries, want 2", round, n)
				}
			}
			for e, err := range seq {
				if err != nil || e.ID != "b" {
					return fmt.Errorf("the third round begins with %q, %w", e.ID, orNil(err))
				}
				break
			}
			return yields(ctx, s, audit.Query{Limit: 1, Before: audit.Position{Time: entry("", 2).Time, ID: "b"}}, "a")
		},
	},
}

var abilityRules = []rule[audit.Store]{
	{
		name:     "count",
		says:     "Count returns how many entries q selects, its Limit aside",
		optional: true,
		check: func(ctx context.Context, s audit.Store) error {
			c, ok := s.(audit.Counter)
			if !ok {
				return fmt.Errorf("no Count: %w", errors.ErrUnsupported)
			}
			if err := appendAll(ctx, s, full(), entry("a", 1), entry("b", 2)); err != nil {
				return err
			}
			for _, tc := range []struct {
				query audit.Query
				want  int64
			}{
				{audit.Query{Limit: 1}, 3},
				{audit.Query{Action: "test"}, 2},
				{audit.Query{Action: "user.update", Tenant: "acme"}, 1},
				{audit.Query{Before: entry("b", 2).Position()}, 2},
				{audit.Query{Actor: "nobody"}, 0},
			} {
				if n, err := c.Count(ctx, tc.query); err != nil || n != tc.want {
					return fmt.Errorf("Count(%+v) = %d, %w, want %d", tc.query, n, orNil(err), tc.want)
				}
			}
			_, invalid := c.Count(ctx, audit.Query{Limit: -1})
			_, ended := c.Count(gone(ctx), audit.Query{})
			if !errors.Is(invalid, audit.ErrInvalid) || !errors.Is(ended, errGone) {
				return fmt.Errorf("Count of an invalid query = %v, with a ctx that has ended = %v", invalid, ended)
			}
			return nil
		},
	},
	{
		name:     "delete expired",
		says:     "DeleteExpired deletes the entries whose Expires is not zero and not after now, and no other",
		optional: true,
		check: func(ctx context.Context, s audit.Store) error {
			x, ok := s.(audit.Expirer)
			if !ok {
				return fmt.Errorf("no DeleteExpired: %w", errors.ErrUnsupported)
			}
			now := epoch.Add(time.Hour)
			early, exact, late := entry("early", 1), entry("exact", 2), entry("late", 3)
			early.Expires, exact.Expires, late.Expires = now.Add(-time.Microsecond), now, now.Add(time.Microsecond)
			if err := appendAll(ctx, s, early, exact, late, entry("never", 4)); err != nil {
				return err
			}
			if _, err := x.DeleteExpired(gone(ctx), now); !errors.Is(err, errGone) {
				return fmt.Errorf("DeleteExpired with a ctx that has ended = %v", err)
			}
			for _, want := range []int64{2, 0} {
				if n, err := x.DeleteExpired(ctx, now); err != nil || n != want {
					return fmt.Errorf("DeleteExpired = %d, %w, want %d", n, orNil(err), want)
				}
			}
			return yields(ctx, s, audit.Query{}, "never", "late")
		},
	},
}
