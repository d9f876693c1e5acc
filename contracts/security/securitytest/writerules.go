package securitytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
)

var writeRules = []rule[security.SecretStore]{
	{
		name:     "set",
		says:     "Set creates or replaces the secret",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			for _, name := range []string{"new", "new/below", "db/password", strings.Repeat("n", 200)} {
				for _, value := range []string{"one", "", "two"} {
					if err := set(ctx, s, name, value); err != nil {
						if name == "new/below" && errs.KindOf(err) == errs.Conflict {
							break // see the rule about levels
						}
						return err
					}
					if err := holds(ctx, s, name, value); err != nil {
						return err
					}
				}
			}
			return holds(ctx, s, "db/password2", "another one")
		},
	},
	{
		name:     "any bytes",
		says:     "it may be empty and hold any bytes",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			for _, value := range []string{"\n", "a\n", "a\r\n", "a\n\n", " a ", "\x00\xff\xfe", "-----BEGIN-----\nx\n-----END-----\n", "\r", "''\"${x}"} {
				if err := set(ctx, s, "plain", value); err != nil {
					return err
				}
				if err := holds(ctx, s, "plain", value); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:     "large values",
		says:     "what CheckSecretValue refuses is an error wrapping ErrSecretValue, and the secret stays as it was; 16 KiB are taken",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			taken := strings.Repeat("x", 16<<10)
			if err := set(ctx, s, "plain", taken); err != nil {
				return err
			}
			if err := s.Set(ctx, "plain", config.NewSecret(strings.Repeat("y", 64<<10+1))); !errors.Is(err, security.ErrSecretValue) {
				return fmt.Errorf("Set of 64 KiB and a byte = %v, want ErrSecretValue", err)
			}
			return holds(ctx, s, "plain", taken)
		},
	},
	{
		name:     "levels",
		says:     "a name that is a level of another one is another secret, or an error of kind Conflict",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			for _, pair := range [][2]string{{"db", "db/password"}, {"db/password/more", "db/password"}} {
				err := s.Set(ctx, pair[0], config.NewSecret("own"))
				switch {
				case errors.Is(err, errors.ErrUnsupported):
					return err
				case err != nil && errs.KindOf(err) != errs.Conflict:
					return fmt.Errorf("Set(%q) = %w, want nil or a Conflict", pair[0], err)
				case err == nil:
					err = holds(ctx, s, pair[0], "own")
				default:
					err = lacks(ctx, s, pair[0])
				}
				if err := errors.Join(err, holds(ctx, s, pair[1], "hunter2")); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:     "delete",
		says:     "Delete removes the secret, and no other",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			if err := s.Delete(ctx, "db/password"); err != nil {
				return fmt.Errorf("Delete = %w", err)
			}
			if err := lacks(ctx, s, "db/password"); err != nil {
				return err
			}
			if err := holds(ctx, s, "db/password2", "another one"); err != nil {
				return err
			}
			if err := set(ctx, s, "db/password", "again"); err != nil {
				return err
			}
			return holds(ctx, s, "db/password", "again")
		},
	},
	{
		name:     "delete absent",
		says:     "one that is not there is no error",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			for _, name := range []string{"absent", "absent/below", "db"} {
				if err := s.Delete(ctx, name); err != nil {
					return fmt.Errorf("Delete(%q) = %w", name, err)
				}
			}
			return holds(ctx, s, "db/password", "hunter2")
		},
	},
	{
		name:     "in one step",
		says:     "a Get at the same time returns the old value or the new one, whole",
		optional: true,
		check:    oneStep,
	},
	{
		name:     "concurrent use",
		says:     "it is safe for concurrent use",
		optional: true,
		check:    concurrentUse,
	},
}

func set(ctx context.Context, s security.SecretStore, name, value string) error {
	if err := s.Set(ctx, name, config.NewSecret(value)); err != nil {
		return fmt.Errorf("Set(%.80q) = %w", name, err)
	}
	return nil
}

// oneStep reads while values of different lengths are written.
func oneStep(ctx context.Context, s security.SecretStore) error {
	values := []string{strings.Repeat("a", 9_000), strings.Repeat("b", 10), strings.Repeat("c", 16_000)}
	if err := set(ctx, s, "plain", values[0]); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writer := make(chan error, 1)
	go func() {
		defer close(writer)
		for i := range 60 {
			if err := s.Set(ctx, "plain", config.NewSecret(values[i%len(values)])); err != nil {
				writer <- err
				return
			}
		}
	}()
	for {
		select {
		case err := <-writer:
			return err
		default:
		}
		got, err := s.Get(ctx, "plain")
		if v := got.Reveal(); err != nil || v == "" || len(v) != len(values[v[0]-'a']) || strings.Trim(v, v[:1]) != "" {
			cancel()
			<-writer
			return fmt.Errorf("Get during Set = %d bytes, %w", len(v), orNil(err))
		}
	}
}

// concurrentUse gives each of several goroutines names of its own.
func concurrentUse(ctx context.Context, s security.SecretStore) error {
	var wg sync.WaitGroup
	failures := make([]error, 8)
	for i := range failures {
		wg.Go(func() {
			for j := range 10 {
				name := fmt.Sprintf("worker%d/secret%d", i, j)
				if err := errors.Join(set(ctx, s, name, name), holds(ctx, s, name, name)); err != nil {
					failures[i] = err
					return
				}
			}
			failures[i] = s.Delete(ctx, fmt.Sprintf("worker%d/secret0", i))
		})
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	for i := range failures {
		for j := range 10 {
			name := fmt.Sprintf("worker%d/secret%d", i, j)
			check := holds(ctx, s, name, name)
			if j == 0 {
				check = lacks(ctx, s, name)
			}
			if check != nil {
				return check
			}
		}
	}
	return nil
}
