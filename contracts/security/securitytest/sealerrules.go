package securitytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/security"
)

const purpose = "secrets/database/password"

var sealerRules = []rule[security.Sealer]{
	{
		name: "open",
		says: "Open returns what was sealed for the purpose",
		check: func(ctx context.Context, s security.Sealer) error {
			for _, plain := range [][]byte{nil, {}, {0}, []byte("hunter2"), bytes.Repeat([]byte("x"), 1<<20)} {
				for _, purpose := range []string{"", purpose, "\x00ä"} {
					if err := opens(ctx, s, purpose, plain); err != nil {
						return err
					}
				}
			}
			return nil
		},
	},
	{
		name: "other bytes each time",
		says: "Seal of the same arguments returns other bytes each time",
		check: func(ctx context.Context, s security.Sealer) error {
			seen := map[string]bool{}
			for range 100 {
				sealed, err := s.Seal(ctx, purpose, []byte("hunter2"))
				if err != nil {
					return err
				}
				if seen[string(sealed)] {
					return errors.New("Seal returned the same bytes twice")
				}
				seen[string(sealed)] = true
			}
			return nil
		},
	},
	{
		name: "nothing shows",
		says: "the purpose is not contained in the sealed bytes, and the plain text even less",
		check: func(ctx context.Context, s security.Sealer) error {
			plain := bytes.Repeat([]byte("hunter2 "), 8)
			sealed, err := s.Seal(ctx, purpose, plain)
			if err != nil {
				return err
			}
			if bytes.Contains(sealed, plain[:16]) || bytes.Contains(sealed, []byte(purpose)) {
				return errors.New("the plain text or the purpose shows")
			}
			return nil
		},
	},
	{
		name: "another purpose",
		says: "where the sealed bytes belong, so that they open nowhere else",
		check: func(ctx context.Context, s security.Sealer) error {
			sealed, err := s.Seal(ctx, purpose, []byte("hunter2"))
			if err != nil {
				return err
			}
			for _, other := range []string{"", "secrets/database", purpose + "2", "secrets/database/passwore", "\x00" + purpose} {
				if err := refuses(ctx, s, other, sealed); err != nil {
					return fmt.Errorf("purpose %q: %w", other, err)
				}
			}
			return nil
		},
	},
	{
		name: "changed bytes",
		says: "an error wrapping ErrOpen: changed",
		check: func(ctx context.Context, s security.Sealer) error {
			sealed, err := s.Seal(ctx, purpose, []byte("hunter2"))
			if err != nil {
				return err
			}
			for i := range sealed {
				for _, flip := range []byte{1, 0x80, 0xff} {
					changed := bytes.Clone(sealed)
					changed[i] ^= flip
					if err := refuses(ctx, s, purpose, changed); err != nil {
						return fmt.Errorf("byte %d: %w", i, err)
					}
				}
			}
			return nil
		},
	},
	{
		name: "cut bytes",
		says: "an error wrapping ErrOpen: cut",
		check: func(ctx context.Context, s security.Sealer) error {
			sealed, err := s.Seal(ctx, purpose, []byte("hunter2"))
			if err != nil {
				return err
			}
			for i := range sealed {
				if err := errors.Join(refuses(ctx, s, purpose, sealed[:i]), refuses(ctx, s, purpose, sealed[i+1:])); err != nil {
					return fmt.Errorf("cut at %d: %w", i, err)
				}
			}
			return refuses(ctx, s, purpose, append(bytes.Clone(sealed), 0))
		},
	},
	{
		name: "never sealed",
		says: "an error wrapping ErrOpen: or never sealed; any bytes may be given to it",
		check: func(ctx context.Context, s security.Sealer) error {
			for _, sealed := range [][]byte{nil, {}, []byte("hunter2"), make([]byte, 100), bytes.Repeat([]byte{1}, 100), bytes.Repeat([]byte{0xff}, 100)} {
				if err := refuses(ctx, s, purpose, sealed); err != nil {
					return fmt.Errorf("%.20q: %w", sealed, err)
				}
			}
			return nil
		},
	},
	{
		name: "arguments and results are the caller's",
		says: "it copies what it is given, and the caller owns what it returns",
		check: func(ctx context.Context, s security.Sealer) error {
			plain := []byte("hunter2")
			sealed, err := s.Seal(ctx, purpose, plain)
			if err != nil {
				return err
			}
			before := bytes.Clone(sealed)
			clear(plain)
			opened, err := s.Open(ctx, purpose, sealed)
			if err != nil || string(opened) != "hunter2" || !bytes.Equal(sealed, before) {
				return fmt.Errorf("Open = %q, %w, and the sealed bytes stayed: %v", opened, orNil(err), bytes.Equal(sealed, before))
			}
			clear(opened)
			if again, err := s.Open(ctx, purpose, sealed); err != nil || string(again) != "hunter2" {
				return fmt.Errorf("Open after its result was overwritten = %q, %w", again, orNil(err))
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause",
		check: func(ctx context.Context, s security.Sealer) error {
			sealed, err := s.Seal(ctx, purpose, []byte("hunter2"))
			if err != nil {
				return err
			}
			_, seal := s.Seal(gone(ctx), purpose, []byte("hunter2"))
			_, open := s.Open(gone(ctx), purpose, sealed)
			if !errors.Is(seal, errGone) || !errors.Is(open, errGone) {
				return fmt.Errorf("with a ctx that has ended Seal = %v and Open = %v", seal, open)
			}
			return nil
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use",
		check: func(ctx context.Context, s security.Sealer) error {
			var wg sync.WaitGroup
			failures := make([]error, 8)
			for i := range failures {
				wg.Go(func() {
					for j := range 20 {
						failures[i] = errors.Join(failures[i], opens(ctx, s, fmt.Sprint(i), fmt.Appendf(nil, "worker %d, %d", i, j)))
					}
				})
			}
			wg.Wait()
			return errors.Join(failures...)
		},
	},
}

func opens(ctx context.Context, s security.Sealer, purpose string, plain []byte) error {
	sealed, err := s.Seal(ctx, purpose, plain)
	if err != nil {
		return fmt.Errorf("Seal = %w", err)
	}
	got, err := s.Open(ctx, purpose, sealed)
	if err != nil || !bytes.Equal(got, plain) {
		return fmt.Errorf("Open = %d bytes, %w, want the %d that were sealed", len(got), orNil(err), len(plain))
	}
	return nil
}

func refuses(ctx context.Context, s security.Sealer, purpose string, sealed []byte) error {
	if plain, err := s.Open(ctx, purpose, sealed); !errors.Is(err, security.ErrOpen) || len(plain) > 0 {
		return fmt.Errorf("Open = %d bytes, %v, want ErrOpen", len(plain), err)
	}
	return nil
}
