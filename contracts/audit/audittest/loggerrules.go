package audittest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

var loggerRules = []rule[Recorder]{
	{
		name: "defaults",
		says: "fills in ID, Time, Tenant, Outcome, Severity",
		check: func(ctx context.Context, r Recorder) error {
			for range 2 {
				r.Logger.Log(tenancy.With(ctx, "acme"), audit.Entry{Action: "user.update", Actor: "user/7"})
			}
			all, err := collect(ctx, r.Reader, audit.Query{Tenant: "acme", Outcome: audit.Success, Severity: audit.Medium})
			if err != nil || len(all) != 2 {
				return fmt.Errorf("there are %d entries with the defaults, %w, want 2", len(all), orNil(err))
			}
			for _, e := range all {
				if err := audit.CheckEntry(e); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "what it is given",
		says: "records e",
		check: func(ctx context.Context, r Recorder) error {
			given := full()
			given.Time = given.Time.In(time.FixedZone("X", 3600)).Add(789) // of nanoseconds
			r.Logger.Log(tenancy.With(ctx, "other"), given)
			all, err := collect(ctx, r.Reader, audit.Query{})
			if err != nil || len(all) != 1 {
				return fmt.Errorf("there are %d entries, %w, want 1", len(all), orNil(err))
			}
			got, want := all[0], full()
			// These are the logger's own.
			got.Chain, got.Seq, got.Previous, got.Checksum = want.Chain, want.Seq, want.Previous, want.Checksum
			if d := differs(got, want); d != "" {
				return errors.New(d)
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "the end of ctx does not keep it from it",
		check: func(ctx context.Context, r Recorder) error {
			r.Logger.Log(gone(ctx), entry("a", 0))
			return yields(ctx, r.Reader, audit.Query{}, "a")
		},
	},
	{
		name: "an entry that cannot be kept",
		says: "a Logger records without failing who calls it",
		check: func(ctx context.Context, r Recorder) error {
			invalid := entry("b", 1)
			invalid.Outcome = "maybe"
			for _, e := range []audit.Entry{entry("a", 0), entry("a", 0), {}, invalid, entry("c", 2)} {
				if err := calm(func() { r.Logger.Log(ctx, e) }); err != nil {
					return err
				}
			}
			return yields(ctx, r.Reader, audit.Query{}, "c", "a")
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use",
		check: func(ctx context.Context, r Recorder) error {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 10 {
						r.Logger.Log(ctx, audit.Entry{Action: "test", Actor: "system"})
					}
				})
			}
			wg.Wait()
			if n, err := audit.Count(ctx, r.Reader, audit.Query{}); err != nil || n != 80 {
				return fmt.Errorf("of 80 entries %d are there, %w", n, orNil(err))
			}
			return nil
		},
	},
}

// calm calls fn and returns an error if it panics.
func calm(fn func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it panics: %v", v)
		}
	}()
	fn()
	return nil
}
