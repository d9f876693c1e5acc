package audittest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

var appendRules = []rule[audit.Store]{
	{
		name: "every field",
		says: "Append adds e, whole: Old and New with every digit of their numbers",
		check: func(ctx context.Context, s audit.Store) error {
			bare := entry("bare", -1)
			if err := appendAll(ctx, s, full(), bare); err != nil {
				return err
			}
			got, err := collect(ctx, s, audit.Query{})
			if err != nil || len(got) != 2 {
				return fmt.Errorf("Query = %d entries, %w, want 2", len(got), orNil(err))
			}
			for i, want := range []audit.Entry{full(), bare} {
				if d := differs(got[i], want); d != "" {
					return fmt.Errorf("entry %q: %s", want.ID, d)
				}
				if err := audit.CheckEntry(got[i]); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "invalid entries",
		says: "what Check refuses is an error wrapping ErrInvalid",
		check: func(ctx context.Context, s audit.Store) error {
			for name, change := range map[string]func(*audit.Entry){
				"no ID":                 func(e *audit.Entry) { e.ID = "" },
				"no action":             func(e *audit.Entry) { e.Action = "" },
				"no actor":              func(e *audit.Entry) { e.Actor = "" },
				"no time":               func(e *audit.Entry) { e.Time = time.Time{} },
				"a nanosecond":          func(e *audit.Entry) { e.Time = e.Time.Add(1) },
				"another time zone":     func(e *audit.Entry) { e.Time = e.Time.In(time.FixedZone("X", 3600)) },
				"no outcome":            func(e *audit.Entry) { e.Outcome = "" },
				"unknown severity":      func(e *audit.Entry) { e.Severity = "severe" },
				"old is a list":         func(e *audit.Entry) { e.Old = json.RawMessage("[]") },
				"new is not JSON":       func(e *audit.Entry) { e.New = json.RawMessage("{") },
				"a long name":           func(e *audit.Entry) { e.Source = strings.Repeat("x", 256) },
				"large metadata":        func(e *audit.Entry) { e.Metadata = map[string]string{"x": strings.Repeat("x", 256<<10)} },
				"a zero byte":           func(e *audit.Entry) { e.Actor = "a\x00b" },
				"text that is no UTF-8": func(e *audit.Entry) { e.Metadata = map[string]string{"x": "\xff"} },
			} {
				e := entry("invalid", 0)
				change(&e)
				if err := s.Append(gone(ctx), e); !errors.Is(err, audit.ErrInvalid) {
					return fmt.Errorf("Append of an entry with %s = %v, want ErrInvalid", name, err)
				}
			}
			return yields(ctx, s, audit.Query{})
		},
	},
	{
		name: "duplicate",
		says: "an ID that is there is an error wrapping ErrDuplicate",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, entry("a", 0)); err != nil {
				return err
			}
			again := entry("a", 1)
			again.Action = "changed"
			if err := s.Append(ctx, again); !errors.Is(err, audit.ErrDuplicate) {
				return fmt.Errorf("Append of another entry of an ID = %v, want ErrDuplicate", err)
			}
			return yields(ctx, s, audit.Query{Action: "test"}, "a")
		},
	},
	{
		name: "copies in",
		says: "it copies what it is given",
		check: func(ctx context.Context, s audit.Store) error {
			e := full()
			if err := appendAll(ctx, s, e); err != nil {
				return err
			}
			scribble(e)
			return unchanged(ctx, s)
		},
	},
	{
		name: "copies out",
		says: "and what it yields",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, full()); err != nil {
				return err
			}
			for e, err := range s.Query(ctx, audit.Query{}) {
				if err != nil {
					return err
				}
				scribble(e)
			}
			return unchanged(ctx, s)
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause, without effect",
		check: func(ctx context.Context, s audit.Store) error {
			if err := appendAll(ctx, s, entry("a", 0)); err != nil {
				return err
			}
			if err := s.Append(gone(ctx), entry("b", 1)); !errors.Is(err, errGone) {
				return fmt.Errorf("Append with a ctx that has ended = %v", err)
			}
			if all, err := collect(gone(ctx), s, audit.Query{}); !errors.Is(err, errGone) || len(all) > 0 {
				return fmt.Errorf("Query with a ctx that has ended = %d entries, %v", len(all), err)
			}
			return yields(ctx, s, audit.Query{}, "a")
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use",
		check: func(ctx context.Context, s audit.Store) error {
			const writers, each = 8, 20
			var wg sync.WaitGroup
			failures := make([]error, writers)
			for i := range writers {
				wg.Go(func() {
					for j := range each {
						e := entry(fmt.Sprintf("%d-%d", i, j), j)
						e.Actor = fmt.Sprint(i)
						failures[i] = errors.Join(failures[i], s.Append(ctx, e))
						_, err := collect(ctx, s, audit.Query{Limit: 5})
						failures[i] = errors.Join(failures[i], err)
					}
				})
			}
			wg.Wait()
			if err := errors.Join(failures...); err != nil {
				return err
			}
			for i := range writers {
				if n, err := audit.Count(ctx, s, audit.Query{Actor: fmt.Sprint(i)}); err != nil || n != each {
					return fmt.Errorf("of %d entries %d are there, %w", each, n, orNil(err))
				}
			}
			return nil
		},
	},
}

// scribble overwrites what an entry's maps and slices hold.
func scribble(e audit.Entry) {
	e.Metadata["ip"] = "scribbled"
	copy(e.New, "{         }")
	clear(e.PayloadHash)
}

func unchanged(ctx context.Context, s audit.Store) error {
	got, err := collect(ctx, s, audit.Query{})
	if err != nil || len(got) != 1 {
		return fmt.Errorf("Query = %d entries, %w", len(got), orNil(err))
	}
	if d := differs(got[0], full()); d != "" {
		return errors.New(d)
	}
	return nil
}
