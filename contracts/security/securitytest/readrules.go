package securitytest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// invalid are names that no store takes.
var invalid = []string{
	"", "/", "/etc/passwd", "db/", "db//password", "..", "../db/password", "db/../db/password", "db/./password", ".hidden", "db/.hidden",
	`db\password`, "db password", "db\x00password", "db:password", "DB=password", "pässword", "db/password\n", strings.Repeat("x", 256),
}

var readRules = []rule[security.SecretStore]{
	{
		name: "get",
		says: "Get returns the secret; an empty value is a secret",
		check: func(ctx context.Context, s security.SecretStore) error {
			for name, want := range seed() {
				if err := holds(ctx, s, name, want); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "missing",
		says: "or an error wrapping ErrSecretNotFound",
		check: func(ctx context.Context, s security.SecretStore) error {
			for _, name := range []string{"absent", "db", "db/pass", "a/deep", "db/password/more", "dbpassword", "password", strings.Repeat("x", 255)} {
				if err := lacks(ctx, s, name); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "invalid names",
		says: "a name that CheckSecretName refuses is an error wrapping ErrSecretName from every method",
		check: func(ctx context.Context, s security.SecretStore) error {
			for _, name := range invalid {
				for op, err := range each(gone(ctx), s, name) {
					if !errors.Is(err, security.ErrSecretName) {
						return fmt.Errorf("%s of %.80q = %v, want ErrSecretName", op, name, err)
					}
				}
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a SecretAccessError that wraps the cause of a ctx that has ended, and then there is no effect",
		check: func(ctx context.Context, s security.SecretStore) error {
			for op, err := range each(gone(ctx), s, "db/password") {
				if err := accessError(err, op, errGone); err != nil {
					return err
				}
			}
			return holds(ctx, s, "db/password", "hunter2")
		},
	},
	{
		name: "read-only",
		says: "errors.ErrUnsupported from the Set and Delete of a store that is read-only by nature, with no effect",
		check: func(ctx context.Context, s security.SecretStore) error {
			set := s.Set(ctx, "db/password", config.NewSecret("changed"))
			deleted := s.Delete(ctx, "db/password")
			if errors.Is(set, errors.ErrUnsupported) != errors.Is(deleted, errors.ErrUnsupported) {
				return fmt.Errorf("Set = %v, and Delete = %v", set, deleted)
			}
			if !errors.Is(set, errors.ErrUnsupported) {
				return lacks(ctx, s, "db/password")
			}
			if err := errors.Join(accessError(set, "set", errors.ErrUnsupported), accessError(deleted, "delete", errors.ErrUnsupported)); err != nil {
				return err
			}
			return holds(ctx, s, "db/password", "hunter2")
		},
	},
	{
		name: "values do not show",
		says: "no value shows in its errors",
		check: func(ctx context.Context, s security.SecretStore) error {
			const value = "correct-horse-battery-staple"
			ops := map[string]error{
				"Set with a ctx that has ended": s.Set(gone(ctx), "plain", config.NewSecret(value)),
				"Set of a large value":          s.Set(ctx, "plain", config.NewSecret(strings.Repeat(value, 10_000))),
				"Set of an invalid name":        s.Set(ctx, "../plain", config.NewSecret(value)),
			}
			for op, err := range ops {
				if err == nil {
					return fmt.Errorf("%s = nil", op)
				}
				if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, value) {
					return fmt.Errorf("%s shows the value", op)
				}
			}
			return nil
		},
	},
}

// each calls every method that s has.
func each(ctx context.Context, s security.SecretStore, name string) map[string]error {
	value := config.NewSecret("changed")
	_, get := s.Get(ctx, name)
	all := map[string]error{"get": get, "set": s.Set(ctx, name, value), "delete": s.Delete(ctx, name)}
	optional := map[string]error{}
	if f, ok := s.(security.SecretFinder); ok {
		_, optional["has"] = f.Has(ctx, name)
	}
	if b, ok := s.(security.SecretBatcher); ok {
		_, optional["get many"] = b.GetMany(ctx, []string{"plain", name})
	}
	if v, ok := s.(security.VersionedStore); ok {
		_, optional["rotate"] = v.Rotate(ctx, name, value)
		_, optional["versions"] = v.Versions(ctx, name)
		_, optional["get version"] = v.GetVersion(ctx, name, "")
	}
	for op, err := range optional {
		if !errors.Is(err, errors.ErrUnsupported) { // a decorator's method that its inner store lacks
			all[op] = err
		}
	}
	return all
}

func holds(ctx context.Context, s security.SecretStore, name, want string) error {
	got, err := s.Get(ctx, name)
	if err != nil || got.Reveal() != want {
		return fmt.Errorf("Get(%.80q) = %.80q, %w, want %.80q", name, got.Reveal(), orNil(err), want)
	}
	return nil
}

func lacks(ctx context.Context, s security.SecretStore, name string) error {
	if got, err := s.Get(ctx, name); !errors.Is(err, security.ErrSecretNotFound) || got.Reveal() != "" {
		return fmt.Errorf("Get(%.80q) = %q, %v, want ErrSecretNotFound", name, got.Reveal(), err)
	}
	return nil
}

// accessError checks that err is a SecretAccessError of op that wraps cause.
func accessError(err error, op string, cause error) error {
	e, ok := errors.AsType[*security.SecretAccessError](err)
	if !ok || !errors.Is(err, security.ErrSecretAccess) || !errors.Is(err, cause) {
		return fmt.Errorf("%s = %w, want a SecretAccessError that wraps %q", op, orNil(err), cause)
	}
	if op != "get many" && (e.Name != "db/password" || e.Op != op) {
		return fmt.Errorf("%s of db/password is an error about %s of %q", op, e.Op, e.Name)
	}
	return nil
}

// errNil stands for nil where an error is formatted with %w.
var errNil = errors.New("<nil>")

func orNil(err error) error {
	if err == nil {
		return errNil
	}
	return err
}
