package securitytest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

var abilityRules = []rule[security.SecretStore]{
	{
		name:     "has",
		says:     "Has reports whether Get would find the secret",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			f, ok := s.(security.SecretFinder)
			if !ok {
				return fmt.Errorf("no Has: %w", errors.ErrUnsupported)
			}
			for _, name := range append(slices.Collect(maps.Keys(seed())), "absent", "db", "db/password/more", "a/deep") {
				has, err := f.Has(ctx, name)
				if _, want := seed()[name]; err != nil || has != want {
					return fmt.Errorf("Has(%q) = %v, %w", name, has, orNil(err))
				}
			}
			return nil
		},
	},
	{
		name:     "get many",
		says:     "GetMany returns the secrets that are there; a missing name is absent from the map",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			b, ok := s.(security.SecretBatcher)
			if !ok {
				return fmt.Errorf("no GetMany: %w", errors.ErrUnsupported)
			}
			names := append(slices.Collect(maps.Keys(seed())), "absent", "db", "plain")
			got, err := b.GetMany(ctx, names)
			if err != nil || !maps.EqualFunc(got, seed(), func(g config.Secret[string], w string) bool { return g.Reveal() == w }) {
				return fmt.Errorf("GetMany = %d secrets, %w, want the %d of the seed", len(got), orNil(err), len(seed()))
			}
			none, err := b.GetMany(ctx, nil)
			if err != nil || len(none) != 0 {
				return fmt.Errorf("GetMany of no names = %d secrets, %w", len(none), orNil(err))
			}
			return nil
		},
	},
}

var versionRules = []rule[security.SecretStore]{
	{
		name:     "rotate",
		says:     "Rotate is Set, and returns the version that it made, which Get returns from then on",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			v, made, err := rotated(ctx, s)
			if err != nil {
				return err
			}
			if made[0].ID == "" || made[0].ID == made[1].ID {
				return fmt.Errorf("Rotate twice made %q and %q", made[0].ID, made[1].ID)
			}
			if err := errors.Join(holds(ctx, s, "fresh", "two"), hasVersion(ctx, v, made[1].ID, "two")); err != nil {
				return err
			}
			seen := map[string]bool{made[0].ID: true, made[1].ID: true}
			for i := range 30 { // of which a store may keep a few
				next, err := v.Rotate(ctx, "fresh", config.NewSecret(fmt.Sprint("more ", i)))
				if err != nil || seen[next.ID] {
					return fmt.Errorf("Rotate = %q, %w, want an ID that no version had", next.ID, orNil(err))
				}
				seen[next.ID] = true
			}
			return hasVersion(ctx, v, "", "more 29")
		},
	},
	{
		name:     "versions",
		says:     "Versions returns the versions that are kept, newest first, the current one among them",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			v, made, err := rotated(ctx, s)
			if err != nil {
				return err
			}
			if err := set(ctx, s, "fresh", "three"); err != nil { // Set makes a version too
				return err
			}
			got, err := v.Versions(ctx, "fresh")
			if err != nil || len(got) != 3 || got[1].ID != made[1].ID || got[2].ID != made[0].ID {
				return fmt.Errorf("Versions = %v, %w, want another one before %q and %q", got, orNil(err), made[1].ID, made[0].ID)
			}
			return hasVersion(ctx, v, got[0].ID, "three")
		},
	},
	{
		name:     "get version",
		says:     "GetVersion returns the value of a version; \"\" is the current one",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			v, made, err := rotated(ctx, s)
			if err != nil {
				return err
			}
			return errors.Join(hasVersion(ctx, v, made[0].ID, "one"), hasVersion(ctx, v, made[1].ID, "two"), hasVersion(ctx, v, "", "two"))
		},
	},
	{
		name:     "no such version",
		says:     "or an error wrapping ErrSecretNotFound",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			v, made, err := rotated(ctx, s)
			if err != nil {
				return err
			}
			_, wrong := v.GetVersion(ctx, "fresh", "no-such-version")
			_, other := v.GetVersion(ctx, "absent", made[0].ID)
			_, none := v.Versions(ctx, "absent")
			for op, err := range map[string]error{"GetVersion of another ID": wrong, "GetVersion of an absent secret": other, "Versions of one": none} {
				if !errors.Is(err, security.ErrSecretNotFound) {
					return fmt.Errorf("%s = %v, want ErrSecretNotFound", op, err)
				}
			}
			return nil
		},
	},
	{
		name:     "delete removes versions",
		says:     "Delete removes all of them",
		optional: true,
		check: func(ctx context.Context, s security.SecretStore) error {
			v, made, err := rotated(ctx, s)
			if err != nil {
				return err
			}
			if err := s.Delete(ctx, "fresh"); err != nil {
				return err
			}
			if got, err := v.GetVersion(ctx, "fresh", made[0].ID); !errors.Is(err, security.ErrSecretNotFound) {
				return fmt.Errorf("GetVersion after Delete = %q, %v", got.Reveal(), err)
			}
			return lacks(ctx, s, "fresh")
		},
	},
}

// rotated gives a new secret the value "one", then "two".
func rotated(ctx context.Context, s security.SecretStore) (security.VersionedStore, [2]security.SecretVersion, error) {
	var made [2]security.SecretVersion
	v, ok := s.(security.VersionedStore)
	if !ok {
		return nil, made, fmt.Errorf("no versions: %w", errors.ErrUnsupported)
	}
	for i, value := range []string{"one", "two"} {
		var err error
		if made[i], err = v.Rotate(ctx, "fresh", config.NewSecret(value)); err != nil {
			return nil, made, fmt.Errorf("Rotate = %w", err)
		}
	}
	return v, made, nil
}

func hasVersion(ctx context.Context, v security.VersionedStore, id, want string) error {
	if got, err := v.GetVersion(ctx, "fresh", id); err != nil || got.Reveal() != want {
		return fmt.Errorf("GetVersion(%q) = %q, %w, want %q", id, got.Reveal(), orNil(err), want)
	}
	return nil
}
