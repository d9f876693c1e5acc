package security_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
)

func TestCheckSecretName(t *testing.T) {
	for name, ok := range map[string]bool{
		"a": true, "database/password": true, "A-b_c.d/0": true, strings.Repeat("x", 255): true, "a..b": true, "a/b.": true,
		"": false, "/": false, "/a": false, "a/": false, "a//b": false, ".": false, "..": false, "a/../b": false, "a/.b": false,
		`a\b`: false, "a b": false, "a\x00": false, "ä": false, strings.Repeat("x", 256): false, "a:b": false,
	} {
		if err := security.CheckSecretName(name); (err == nil) != ok || !ok && !errors.Is(err, security.ErrSecretName) {
			t.Errorf("CheckSecretName(%.40q) = %v", name, err)
		}
	}
}

func TestCheckKey(t *testing.T) {
	bits := bytes.Repeat([]byte{7}, 32)
	for name, c := range map[string]struct {
		key security.Key
		ok  bool
	}{
		"good":     {security.Key{ID: "2026-11", Bytes: config.NewSecret(bits)}, true},
		"short":    {security.Key{ID: "a", Bytes: config.NewSecret(bits[:31])}, false},
		"long":     {security.Key{ID: "a", Bytes: config.NewSecret(append(bits[:32:32], 1))}, false},
		"zero":     {security.Key{ID: "a", Bytes: config.NewSecret(make([]byte, 32))}, false},
		"no ID":    {security.Key{Bytes: config.NewSecret(bits)}, false},
		"ID level": {security.Key{ID: "a/b", Bytes: config.NewSecret(bits)}, false},
	} {
		if err := security.CheckKey(c.key); (err == nil) != c.ok || !c.ok && !errors.Is(err, security.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretAccessError(t *testing.T) {
	var err error = &security.SecretAccessError{Name: "smtp/password", Op: "set", Cause: errors.Join(fs.ErrPermission, errors.New("x"))}
	if got, want := err.Error(), `security: set secret "smtp/password": permission denied; x`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !errors.Is(err, security.ErrSecretAccess) || !errors.Is(err, security.Err) || errs.KindOf(err) != errs.Denied {
		t.Errorf("%v is of kind %v", err, errs.KindOf(err))
	}
}

// secrets is the least that a store needs, and cannot do more.
type secrets map[string]string

func (s secrets) Get(_ context.Context, name string) (config.Secret[string], error) {
	if v, ok := s[name]; ok {
		return config.NewSecret(v), nil
	}
	return config.Secret[string]{}, security.ErrSecretNotFound
}

func (s secrets) Set(_ context.Context, name string, v config.Secret[string]) error {
	s[name] = v.Reveal()
	return nil
}

func (s secrets) Delete(_ context.Context, name string) error { delete(s, name); return nil }

// decorator has every ability, and its inner store none.
type decorator struct{ secrets }

func (decorator) Has(context.Context, string) (bool, error) { return false, errors.ErrUnsupported }
func (decorator) GetMany(context.Context, []string) (map[string]config.Secret[string], error) {
	return nil, errors.ErrUnsupported
}

func (decorator) Rotate(context.Context, string, config.Secret[string]) (security.SecretVersion, error) {
	return security.SecretVersion{}, errors.ErrUnsupported
}

func (decorator) Versions(context.Context, string) ([]security.SecretVersion, error) {
	return nil, errors.ErrUnsupported
}

func (decorator) GetVersion(context.Context, string, string) (config.Secret[string], error) {
	return config.Secret[string]{}, errors.ErrUnsupported
}

func TestFallbacks(t *testing.T) {
	ctx := t.Context()
	for name, s := range map[string]security.SecretStore{"plain": secrets{"a": "1", "b": ""}, "decorator": decorator{secrets{"a": "1", "b": ""}}} {
		for secret, want := range map[string]bool{"a": true, "b": true, "c": false} {
			if has, err := security.Has(ctx, s, secret); err != nil || has != want {
				t.Errorf("%s: Has(%q) = %v, %v", name, secret, has, err)
			}
		}
		many, err := security.GetMany(ctx, s, []string{"a", "b", "c"})
		if err != nil || !slices.Equal(slices.Sorted(maps.Keys(many)), []string{"a", "b"}) || many["a"].Reveal() != "1" {
			t.Errorf("%s: GetMany = %v, %v", name, slices.Collect(maps.Keys(many)), err)
		}
		if v, err := security.Rotate(ctx, s, "a", config.NewSecret("2")); err != nil || v.ID != "" {
			t.Errorf("%s: Rotate = %+v, %v", name, v, err)
		}
		if all, err := security.Versions(ctx, s, "a"); err != nil || len(all) != 1 {
			t.Errorf("%s: Versions = %v, %v", name, all, err)
		}
		if _, err := security.Versions(ctx, s, "c"); !errors.Is(err, security.ErrSecretNotFound) {
			t.Errorf("%s: Versions of an absent secret: %v", name, err)
		}
		if v, err := security.GetVersion(ctx, s, "a", ""); err != nil || v.Reveal() != "2" {
			t.Errorf("%s: GetVersion = %q, %v", name, v.Reveal(), err)
		}
		if v, err := security.GetVersion(ctx, s, "a", "1"); !errors.Is(err, security.ErrSecretNotFound) || v.Reveal() != "" {
			t.Errorf("%s: GetVersion of another = %q, %v", name, v.Reveal(), err)
		}
	}
}

// able answers itself.
type able struct{ decorator }

func (able) Has(context.Context, string) (bool, error) { return true, nil }
func (able) GetMany(context.Context, []string) (map[string]config.Secret[string], error) {
	return map[string]config.Secret[string]{"own": {}}, nil
}

func (able) Rotate(context.Context, string, config.Secret[string]) (security.SecretVersion, error) {
	return security.SecretVersion{ID: "own"}, nil
}

func (able) Versions(context.Context, string) ([]security.SecretVersion, error) {
	return []security.SecretVersion{{ID: "own"}}, nil
}

func (able) GetVersion(context.Context, string, string) (config.Secret[string], error) {
	return config.NewSecret("own"), nil
}

func TestAbilities(t *testing.T) {
	s := able{decorator{secrets{}}}
	has, err1 := security.Has(t.Context(), s, "x")
	many, err2 := security.GetMany(t.Context(), s, nil)
	rotated, err3 := security.Rotate(t.Context(), s, "x", config.Secret[string]{})
	all, err4 := security.Versions(t.Context(), s, "x")
	value, err5 := security.GetVersion(t.Context(), s, "x", "1")
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil || !has || len(many) != 1 || rotated.ID != "own" || all[0].ID != "own" || value.Reveal() != "own" {
		t.Errorf("the store was not asked: %v", err)
	}
}

func ExampleSecretStore() {
	ctx := context.Background()
	var store security.SecretStore = secrets{"database/password": "hunter2"}

	password, err := store.Get(ctx, "database/password")
	fmt.Println(password, len(password.Reveal()), err)

	_, err = store.Get(ctx, "database/user")
	fmt.Println(errors.Is(err, security.ErrSecretNotFound), security.CheckSecretName("../etc/passwd") != nil)
	// Output:
	// *** 7 <nil>
	// true true
}
