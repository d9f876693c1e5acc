package keys_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/keys"
)

// sealer boots an application of which the configuration alone says the keys,
// and returns what it seals with.
func sealer(t *testing.T, values map[string]any) (security.Sealer, error) {
	t.Helper()
	cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: values})
	if err != nil {
		t.Fatal(err)
	}
	app := boot.New(boot.Options{Config: cfg}).Add(keys.Module(keys.Config{}))
	if err := app.Start(t.Context()); err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := app.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return di.Get[security.Sealer](t.Context(), app)
}

func TestModule(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	old, err := sealer(t, map[string]any{"keys.secret": secret, "keys.ids": []string{"2026-05"}})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := old.Seal(t.Context(), "smtp", []byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := sealer(t, map[string]any{"keys.secret": secret, "keys.ids": []string{"2026-11", "2026-05"}})
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := rotated.Open(t.Context(), "smtp", sealed); err != nil || string(plain) != "plain" {
		t.Errorf("opened after a rotation: %q, %v", plain, err)
	}
	again, err := rotated.Seal(t.Context(), "smtp", nil)
	if id, _ := keys.KeyID(again); err != nil || id != "2026-11" {
		t.Errorf("sealed with %q, %v", id, err)
	}
	if _, err := old.Open(t.Context(), "smtp", again); !errors.Is(err, security.ErrOpen) {
		t.Errorf("opened without its key: %v", err)
	}
}

func TestModuleWithoutKeys(t *testing.T) {
	for _, values := range []map[string]any{
		nil,
		{"keys.secret": "0123456789abcdef0123456789abcdef"},
		{"keys.secret": "short", "keys.ids": []string{"1"}},
	} {
		s, err := sealer(t, values)
		if !errors.Is(err, security.ErrKey) || s != nil {
			t.Errorf("%v: %v", values, err)
		} else if strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("the secret is in %v", err)
		}
	}
}
