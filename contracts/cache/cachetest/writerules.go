package cachetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var writeRules = []rule{
	{
		name:     "set many",
		says:     "SetMany does as Set for each entry, in place of the value and the ttl that were there",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			b, err := able[cache.BatchWriter](s)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "a", []byte("before"), tick), s.Set(ctx, "c", []byte("c"), 0),
				b.SetMany(ctx, nil, 0),
				b.SetMany(ctx, map[string][]byte{"a": []byte("1"), "empty": nil}, 0),
				b.SetMany(ctx, map[string][]byte{"short": []byte("2"), "c": []byte("3")}, tick)); err != nil {
				return err
			}
			if err := holds(ctx, s, "short", []byte("2")); err != nil && tick > time.Second {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "a", []byte("1")), holds(ctx, s, "empty", nil), missing(ctx, s, "short"), missing(ctx, s, "c"))
		},
	},
	{
		name:     "set many copies",
		says:     "a Store copies what it is given, so a caller may reuse its slices",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			b, err := able[cache.BatchWriter](s)
			if err != nil {
				return err
			}
			v := []byte("before")
			if err := b.SetMany(ctx, map[string][]byte{"k": v}, 0); err != nil {
				return err
			}
			copy(v, "after!")
			return holds(ctx, s, "k", []byte("before"))
		},
	},
	{
		name:     "delete many",
		says:     "DeleteMany removes the entries under keys and returns how many there were",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			b, err := able[cache.BatchWriter](s)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "a", []byte("1"), 0), s.Set(ctx, "b", nil, time.Hour), s.Set(ctx, "c", []byte("3"), 0),
				s.Set(ctx, "old", []byte("4"), tick)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			if n, err := b.DeleteMany(ctx, []string{"a", "absent", "b", "old", "a"}); n != 2 || err != nil {
				return wrong(err, "DeleteMany(a, absent, b, an expired one, a again) = %d, %v, want 2", n, err)
			}
			if n, err := b.DeleteMany(ctx, nil); n != 0 || err != nil {
				return wrong(err, "DeleteMany() = %d, %v, want 0", n, err)
			}
			return errors.Join(missing(ctx, s, "a"), missing(ctx, s, "b"), holds(ctx, s, "c", []byte("3")))
		},
	},
	{
		name:     "writing very many",
		says:     "SetMany and DeleteMany work on each key, however many those are",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			b, err := able[cache.BatchWriter](s)
			if err != nil {
				return err
			}
			entries, keys := map[string][]byte{}, []string{}
			for i := range 900 {
				k := fmt.Sprint("k", i)
				entries[k], keys = []byte(k), append(keys, k)
			}
			if err := b.SetMany(ctx, entries, 0); err != nil {
				return err
			}
			for _, k := range keys {
				if err := holds(ctx, s, k, []byte(k)); err != nil {
					return err
				}
			}
			if _, err := b.DeleteMany(ctx, keys); err != nil {
				return err
			}
			for _, k := range keys {
				if err := missing(ctx, s, k); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:     "exists",
		says:     "Exists reports whether key has a live entry, be it empty",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			e, err := able[cache.Exister](s)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "empty", nil, 0), s.Set(ctx, "lasts", []byte("1"), time.Hour), s.Set(ctx, "old", []byte("1"), tick)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			for key, want := range map[string]bool{"empty": true, "lasts": true, "old": false, "absent": false} {
				if got, err := e.Exists(ctx, key); got != want || err != nil {
					return wrong(err, "Exists(%s) = %v, %v, want %v", key, got, err, want)
				}
			}
			return nil
		},
	},
}
