package storagetest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

var conditionRules = []rule{
	{
		name: "etag",
		says: "equal tags of one key mean equal bytes; Put, Stat, Open and List agree",
		check: func(e *env) error {
			seen := map[string]string{}
			for _, text := range []string{"", "one", "two", "on\x00", letters(e.large), letters(e.large)[1:] + "~"} {
				put, err := e.put("k", text)
				if err != nil {
					return err
				}
				stat, err := e.s.Stat(e.ctx, "k")
				if err != nil {
					return err
				}
				_, open, err := e.get("k")
				if err != nil {
					return err
				}
				if put.ETag == "" || stat.ETag != put.ETag || open.ETag != put.ETag {
					return fmt.Errorf("the ETags of Put, Stat, Open are %q, %q, %q", put.ETag, stat.ETag, open.ETag)
				}
				if old, ok := seen[put.ETag]; ok {
					return fmt.Errorf("%s and %s have the same ETag", short(old), short(text))
				}
				seen[put.ETag] = text
			}
			return nil
		},
	},
	{
		name: "if absent",
		says: "IfAbsent asks that there is no blob; the error wraps ErrPrecondition if it does not hold, whatever the size",
		check: func(e *env) error {
			if _, err := e.put("k", "old", storage.IfAbsent()); err != nil {
				return err
			}
			for _, text := range []string{"new", letters(e.large)} {
				_, err := e.put("k", text, storage.IfAbsent())
				if err := errors.Join(want("Put(IfAbsent) over a blob", err, storage.ErrPrecondition), e.holds("k", "old")); err != nil {
					return err
				}
			}
			if err := e.s.Delete(e.ctx, "k"); err != nil {
				return err
			}
			_, err := e.put("k", "again", storage.IfAbsent())
			return errors.Join(err, e.holds("k", "again"))
		},
	},
	{
		name: "if match",
		says: "IfMatch asks that the blob that is replaced has this ETag; the error wraps ErrPrecondition if it does not, or there is none",
		check: func(e *env) error {
			first, err := e.put("k", "first")
			if err != nil {
				return err
			}
			second, err := e.put("k", "second", storage.IfMatch(first.ETag))
			if err != nil {
				return err
			}
			for _, text := range []string{"third", letters(e.large)} {
				_, err = e.put("k", text, storage.IfMatch(first.ETag))
				if err := errors.Join(want("Put(IfMatch) with an old ETag", err, storage.ErrPrecondition), e.holds("k", "second")); err != nil {
					return err
				}
			}
			_, err = e.put("none", "v", storage.IfMatch(second.ETag))
			return errors.Join(want("Put(IfMatch) without a blob", err, storage.ErrPrecondition), e.absent("none"))
		},
	},
	{
		name: "a condition that fails while it writes",
		says: "a precondition holds at the step that replaces the blob, not only when Put begins",
		check: func(e *env) error {
			old, err := e.put("match", "old")
			if err != nil {
				return err
			}
			for key, opt := range map[string]storage.PutOption{"absent": storage.IfAbsent(), "match": storage.IfMatch(old.ETag)} {
				r := newScript(letters(100_000), func() error {
					if _, err := e.put(key, "meanwhile"); err != nil {
						return err
					}
					return io.EOF
				})
				_, err := e.s.Put(e.ctx, key, r, opt)
				if err := errors.Join(want("Put("+key+")", err, storage.ErrPrecondition), e.holds(key, "meanwhile")); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "open if match",
		says: "OpenIfMatch opens the blob only if it still has this ETag: ErrPrecondition; without a blob, ErrNotFound",
		check: func(e *env) error {
			first, err := e.put("k", "first")
			if err != nil {
				return err
			}
			if got, _, err := e.get("k", storage.OpenIfMatch(first.ETag), storage.Range(2, 0)); err != nil || got != "rst" {
				return fmt.Errorf("Open(IfMatch, Range 2) = %q, %v, want %q", got, err, "rst")
			}
			if _, err := e.put("k", "second"); err != nil {
				return err
			}
			_, errOld := e.s.Open(e.ctx, "k", storage.OpenIfMatch(first.ETag))
			_, errNone := e.s.Open(e.ctx, "none", storage.OpenIfMatch(first.ETag))
			return errors.Join(want("Open(IfMatch) with an old ETag", errOld, storage.ErrPrecondition),
				want("Open(IfMatch) without a blob", errNone, storage.ErrNotFound))
		},
	},
	{
		name:     "delete if match",
		says:     "DeleteIfMatch deletes the blob only if it still has this ETag: ErrPrecondition; a key without one is no error",
		optional: true,
		check: func(e *env) error {
			first, err := e.put("k", "first")
			if err != nil {
				return err
			}
			second, err := e.put("k", "second")
			if err != nil {
				return err
			}
			err = e.s.Delete(e.ctx, "k", storage.DeleteIfMatch(first.ETag))
			if errors.Is(err, errors.ErrUnsupported) {
				return errors.Join(err, e.holds("k", "second"))
			}
			if err := errors.Join(want("Delete(IfMatch) with an old ETag", err, storage.ErrPrecondition), e.holds("k", "second")); err != nil {
				return err
			}
			for range 2 {
				if err := e.s.Delete(e.ctx, "k", storage.DeleteIfMatch(second.ETag)); err != nil {
					return fmt.Errorf("Delete(IfMatch) = %w", err)
				}
			}
			return e.absent("k")
		},
	},
	{
		name: "both conditions",
		says: "IfAbsent and IfMatch together never hold",
		check: func(e *env) error {
			info, err := e.put("k", "old")
			if err != nil {
				return err
			}
			both := storage.Require(storage.Preconditions{IfAbsent: true, IfMatch: info.ETag})
			for _, key := range []string{"k", "none"} {
				_, err := e.s.Put(e.ctx, key, strings.NewReader("new"), both)
				if err := want("Put(IfAbsent, IfMatch)", err, storage.ErrPrecondition); err != nil {
					return err
				}
			}
			return errors.Join(e.holds("k", "old"), e.absent("none"))
		},
	},
}
