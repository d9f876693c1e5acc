package secretstore_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/security/securitytest"
	"github.com/lexigram/lexigram-go/core/keys"
	"github.com/lexigram/lexigram-go/core/secretstore"
)

func fill(t *testing.T, s security.SecretStore, seed map[string]string) security.SecretStore {
	t.Helper()
	for name, value := range seed {
		if err := s.Set(t.Context(), name, config.NewSecret(value)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func write(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask says
		t.Fatal(err)
	}
}

func newEnvironment(t *testing.T, seed map[string]string) security.SecretStore {
	t.Helper()
	environ := []string{"PATH=/bin", "SECRET_=none", "HOME"}
	for name, value := range seed {
		environ = append(environ, "SECRET_"+strings.ToUpper(strings.ReplaceAll(name, "/", "__"))+"="+value)
	}
	e, err := secretstore.NewEnvironment(secretstore.EnvironmentOptions{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newDirectory(t *testing.T, opts secretstore.DirectoryOptions) (*secretstore.Directory, string) {
	t.Helper()
	dir := t.TempDir()
	d, err := secretstore.NewDirectory(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, dir
}

func newSealer(t *testing.T, id string) security.Sealer {
	t.Helper()
	ring, err := keys.FromSecret(config.NewSecret(strings.Repeat("0123456789abcdef", 2)), id)
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := keys.NewEnvelope(ring)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

func encrypt(t *testing.T, inner security.SecretStore) *secretstore.Encrypted {
	t.Helper()
	e, err := secretstore.NewEncrypted(inner, newSealer(t, "a"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestConformance(t *testing.T) {
	for name, open := range map[string]func(*testing.T, map[string]string) security.SecretStore{
		"memory": func(t *testing.T, seed map[string]string) security.SecretStore {
			return fill(t, &secretstore.Memory{}, seed)
		},
		"environment": newEnvironment,
		"directory": func(t *testing.T, seed map[string]string) security.SecretStore {
			d, _ := newDirectory(t, secretstore.DirectoryOptions{})
			return fill(t, d, seed)
		},
		"encrypted memory": func(t *testing.T, seed map[string]string) security.SecretStore {
			return fill(t, encrypt(t, &secretstore.Memory{}), seed)
		},
		"encrypted directory": func(t *testing.T, seed map[string]string) security.SecretStore {
			d, _ := newDirectory(t, secretstore.DirectoryOptions{})
			return fill(t, encrypt(t, d), seed)
		},
		"encrypted store without abilities": func(t *testing.T, seed map[string]string) security.SecretStore {
			return fill(t, encrypt(t, struct{ security.SecretStore }{&secretstore.Memory{}}), seed)
		},
	} {
		t.Run(name, func(t *testing.T) { securitytest.RunSecrets(t, open) })
	}
}

func TestMemoryForgets(t *testing.T) {
	var m secretstore.Memory
	for range 15 {
		if err := m.Set(t.Context(), "a", config.NewSecret("x")); err != nil {
			t.Fatal(err)
		}
	}
	all, err := m.Versions(t.Context(), "a")
	if err != nil || len(all) != 10 || all[0].ID != "15" || all[0].Created.IsZero() {
		t.Errorf("Versions = %v, %v, want the last 10", all, err)
	}
	if _, err := m.GetVersion(t.Context(), "a", "5"); !errors.Is(err, security.ErrSecretNotFound) {
		t.Errorf("GetVersion of a forgotten one: %v", err)
	}
	if err := m.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Versions(t.Context(), "a"); !errors.Is(err, security.ErrSecretNotFound) {
		t.Errorf("Versions after Delete: %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("TESTSECRET_DB__PASS_WORD", "hunter2")
	for i, want := range []string{"hunter2", "hunter2", ""} {
		e, err := secretstore.NewEnvironment(secretstore.EnvironmentOptions{Prefix: "testsecret_", Unset: i == 1})
		if err != nil {
			t.Fatal(err)
		}
		// A prefix in small letters is another one where the system tells them apart.
		e2, err := secretstore.NewEnvironment(secretstore.EnvironmentOptions{Prefix: "TESTSECRET_", Unset: i == 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := e2.Variable("db/pass-word"); got != "TESTSECRET_DB__PASS_WORD" || e.Variable("a") != "TESTSECRET_A" {
			t.Errorf("Variable = %s, %s", got, e.Variable("a"))
		}
		got, err := e2.Get(t.Context(), "db/pass-word")
		if got.Reveal() != want || (err == nil) != (want != "") {
			t.Errorf("%d: Get = %q, %v", i, got.Reveal(), err)
		}
		if err != nil && !strings.Contains(err.Error(), "TESTSECRET_DB__PASS_WORD") {
			t.Errorf("the error does not name the variable: %v", err)
		}
	}
	for _, opts := range []secretstore.EnvironmentOptions{{Prefix: "A=B"}, {Prefix: "A B"}, {Unset: true, Environ: []string{}}} {
		if _, err := secretstore.NewEnvironment(opts); errs.KindOf(err) != errs.Invalid || !errors.Is(err, security.Err) {
			t.Errorf("%+v: %v", opts, err)
		}
	}
}

func TestEncrypted(t *testing.T) {
	ctx := t.Context()
	var inner secretstore.Memory
	e := encrypt(t, &inner)
	if err := e.Set(ctx, "a", config.NewSecret("hunter2")); err != nil {
		t.Fatal(err)
	}
	stored, err := inner.Get(ctx, "a")
	if err != nil || !strings.HasPrefix(stored.Reveal(), "sealed:") || strings.Contains(stored.Reveal(), "hunter2") {
		t.Errorf("stored is %q, %v", stored.Reveal(), err)
	}
	// Moved to another name, never sealed, and sealed with another key.
	bad := map[string]string{"b": stored.Reveal(), "c": "hunter2", "d": "sealed:%%%", "e": "", "f": "sealed:"}
	fill(t, &inner, bad)
	for _, name := range append(slices.Collect(maps.Keys(bad)), "a") {
		store, opens := e, name == "a"
		if opens {
			if store, err = secretstore.NewEncrypted(&inner, newSealer(t, "other")); err != nil {
				t.Fatal(err)
			}
		}
		_, err := store.Get(ctx, name)
		if !errors.Is(err, security.ErrOpen) || !errors.Is(err, security.ErrSecretAccess) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Get(%q) = %v, want ErrOpen", name, err)
		}
		if _, err := store.GetMany(ctx, []string{name}); !errors.Is(err, security.ErrOpen) {
			t.Errorf("GetMany(%q) = %v, want ErrOpen", name, err)
		}
	}
	for _, err := range []error{second(secretstore.NewEncrypted(nil, newSealer(t, "a"))), second(secretstore.NewEncrypted(&inner, nil))} {
		if !errors.Is(err, security.Err) {
			t.Errorf("NewEncrypted of nil: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestEncryptedWithTheKeysDown: what fails is the sealer.
func TestEncryptedWithTheKeysDown(t *testing.T) {
	down := errs.New("X", errs.Unavailable, "down")
	e, err := secretstore.NewEncrypted(fill(t, &secretstore.Memory{}, map[string]string{"a": "sealed:AQ"}), sealer{down})
	if err != nil {
		t.Fatal(err)
	}
	_, get := e.Get(t.Context(), "a")
	for _, err := range []error{get, e.Set(t.Context(), "a", config.NewSecret("hunter2"))} {
		if !errors.Is(err, security.ErrSecretAccess) || errs.KindOf(err) != errs.Unavailable {
			t.Errorf("%v is of kind %v", err, errs.KindOf(err))
		}
	}
}

type sealer struct{ err error }

func (s sealer) Seal(context.Context, string, []byte) ([]byte, error) { return nil, s.err }
func (s sealer) Open(context.Context, string, []byte) ([]byte, error) { return nil, s.err }
