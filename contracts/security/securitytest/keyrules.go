package securitytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/security"
)

var keyRules = []rule[Keys]{
	{
		name: "current",
		says: "its keys are those that CheckKey takes; Key returns the current one, too",
		check: func(ctx context.Context, k Keys) error {
			current, err := k.Source.Current(ctx)
			if err != nil {
				return fmt.Errorf("Current = %w", err)
			}
			if err := security.CheckKey(current); err != nil {
				return err
			}
			return hasKey(ctx, k.Source, current)
		},
	},
	{
		name: "one ID, one key",
		says: "one ID means the same bytes for ever",
		check: func(ctx context.Context, k Keys) error {
			current, err := k.Source.Current(ctx)
			if err != nil {
				return err
			}
			for range 3 {
				again, err := k.Source.Current(ctx)
				if err != nil || again.ID == current.ID && !equal(again, current) {
					return fmt.Errorf("Current has other bytes under the ID %q: %w", again.ID, orNil(err))
				}
				if err := hasKey(ctx, k.Source, current); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "no such key",
		says: "or an error wrapping ErrKeyNotFound",
		check: func(ctx context.Context, k Keys) error {
			if got, err := k.Source.Key(ctx, "no-such-key"); !errors.Is(err, security.ErrKeyNotFound) || len(got.Bytes.Reveal()) > 0 {
				return fmt.Errorf("Key of an ID that does not exist = %q, %v, want ErrKeyNotFound", got.ID, err)
			}
			return nil
		},
	},
	{
		name: "invalid IDs",
		says: "one that CheckKeyID refuses is an error wrapping ErrKey",
		check: func(ctx context.Context, k Keys) error {
			for _, id := range []string{"", "..", ".a", "a/b", "../a", "a b", "a\x00", string(bytes.Repeat([]byte("k"), 65))} {
				if _, err := k.Source.Key(ctx, id); !errors.Is(err, security.ErrKey) {
					return fmt.Errorf("Key(%q) = %v, want ErrKey", id, err)
				}
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause",
		check: func(ctx context.Context, k Keys) error {
			_, current := k.Source.Current(gone(ctx))
			_, key := k.Source.Key(gone(ctx), "no-such-key")
			for op, err := range map[string]error{"Current": current, "Key": key} {
				if !errors.Is(err, errGone) {
					return fmt.Errorf("%s with a ctx that has ended = %v", op, err)
				}
			}
			return nil
		},
	},
	{
		name: "keys do not show",
		says: "Bytes is a secret",
		check: func(ctx context.Context, k Keys) error {
			current, err := k.Source.Current(ctx)
			if err != nil {
				return err
			}
			text, err := json.Marshal(current)
			if err != nil {
				return err
			}
			text = fmt.Appendf(text, "%v %+v %#v %x", current, k.Source, k.Source, k.Source)
			b := current.Bytes.Reveal()
			for _, form := range []string{string(b), fmt.Sprintf("%x", b), fmt.Sprint(b), fmt.Sprintf("%#v", b)[len("[]byte"):]} {
				if bytes.Contains(text, []byte(form)) {
					return errors.New("the bytes show in the text of the key or of its source")
				}
			}
			return nil
		},
	},
	{
		name:     "rotation",
		says:     "a rotation makes another key current and keeps the former",
		optional: true,
		check: func(ctx context.Context, k Keys) error {
			if k.Rotate == nil {
				return fmt.Errorf("no Rotate: %w", errors.ErrUnsupported)
			}
			var seen []security.Key
			for range 3 {
				current, err := k.Source.Current(ctx)
				if err != nil {
					return err
				}
				for _, former := range seen {
					if former.ID == current.ID || bytes.Equal(former.Bytes.Reveal(), current.Bytes.Reveal()) {
						return fmt.Errorf("after a rotation the key %q is %q again", current.ID, former.ID)
					}
					if err := hasKey(ctx, k.Source, former); err != nil {
						return err
					}
				}
				seen = append(seen, current)
				if err := k.Rotate(ctx); err != nil {
					return fmt.Errorf("Rotate = %w", err)
				}
			}
			return nil
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use",
		check: func(ctx context.Context, k Keys) error {
			var wg sync.WaitGroup
			failures := make([]error, 8)
			for i := range failures {
				wg.Go(func() {
					for range 20 {
						current, err := k.Source.Current(ctx)
						if err == nil {
							err = hasKey(ctx, k.Source, current)
						}
						failures[i] = errors.Join(failures[i], err)
					}
				})
			}
			wg.Wait()
			return errors.Join(failures...)
		},
	},
}

func hasKey(ctx context.Context, s security.KeySource, want security.Key) error {
	got, err := s.Key(ctx, want.ID)
	if err != nil || !equal(got, want) {
		return fmt.Errorf("Key(%q) = a key %q of %d bytes that differ, %w", want.ID, got.ID, len(got.Bytes.Reveal()), orNil(err))
	}
	return nil
}

func equal(a, b security.Key) bool {
	return a.ID == b.ID && bytes.Equal(a.Bytes.Reveal(), b.Bytes.Reveal())
}
