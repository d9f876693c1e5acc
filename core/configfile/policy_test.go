package configfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

const weakFile = `{
"debug": true,
"auth": {"jwt_secret": "hunter2", "oauth_client_secret": "hunter2-hunter2"},
"db": {"password": "ChangeMe", "api_keys": ["long enough, unique", "xxx"]},
"session_secret": "",
"strong": {"jwt_secret": "0123456789abcdef0123456789abcdef", "client_secret": "0123456789abcdef", "password": "short", "empty": {"password": ""}},
"note": "changeme"
}`

var weak = []string{
	"app.json:3: auth.jwt_secret: is too short a secret: set at least 32 random bytes",
	"app.json:3: auth.oauth_client_secret: is too short a secret: set at least 16 random bytes",
	"app.json:4: db.password: is a placeholder: set a secret of your own",
	"app.json:4: db.api_keys[1]: is a placeholder",
	"app.json:5: session_secret: is too short",
}

func TestWeakSecretsInProduction(t *testing.T) {
	for _, env := range []string{"production", "Staging"} {
		_, err := load(t, weakFile, configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=" + env}})
		for _, want := range append(weak, "app.json:2: debug: is on in "+strings.ToLower(env)+": turn it off") {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in: %v", env, want, err)
			}
		}
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "strong") || strings.Contains(err.Error(), "note") || !errors.Is(err, config.ErrValue) {
			t.Errorf("%s: %v", env, err)
		}
	}
}

func TestWeakSecretsElsewhereAreWarnings(t *testing.T) {
	for _, env := range []string{"development", "test"} {
		tree := mustLoad(t, weakFile, configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=" + env}})
		all := errors.Join(tree.Warnings()...)
		for _, want := range weak {
			if all == nil || !strings.Contains(all.Error(), want) {
				t.Errorf("%s: %q is not in: %v", env, want, all)
			}
		}
		if got := len(tree.Warnings()); got != len(weak) || !tree.Debug() {
			t.Errorf("%s: %d warnings, want %d", env, got, len(weak))
		}
	}
	if tree := mustLoad(t, `{"password": "a good one"}`, configfile.Options{}); len(tree.Warnings()) != 0 {
		t.Errorf("%v", tree.Warnings())
	}
}

type vault struct {
	Innocent config.Secret[string]
	Bytes    config.Secret[[]byte]
	Number   config.Secret[int]
	Unused   config.Secret[string] `config:"jwt_secret"`
}

// A field's type says that it is a secret where its key does not.
func TestWeakSecretsByType(t *testing.T) {
	text := `{"v": {"innocent": "changeme", "number": 1}}`
	production := []string{"LEX_ENV=production"}
	defaults := vault{Bytes: config.NewSecret([]byte("placeholder"))}
	tree := mustLoad(t, text, configfile.Options{EnvPrefix: "LEX", Environ: production})
	_, err := config.Section(tree, "v", defaults)
	source, line, _ := tree.Locate("v.innocent")
	place := fmt.Sprintf("%s:%d", source, line)
	if err == nil || err.Error() != place+": v.innocent: is a placeholder: set a secret of your own\nv.bytes: is a placeholder: set a secret of your own" {
		t.Errorf("%v", err)
	}
	if _, err := config.Section(mustLoad(t, text, configfile.Options{}), "v", defaults); err != nil {
		t.Errorf("in development: %v", err)
	}
	// A section that Load knows is judged by Load.
	_, err = load(t, text, configfile.Options{EnvPrefix: "LEX", Environ: production, Sections: map[string]any{"v": &defaults}})
	if err == nil || !strings.Contains(err.Error(), "v.innocent: is a placeholder") || !strings.Contains(err.Error(), "v.bytes: is a placeholder") || strings.Contains(err.Error(), "jwt") {
		t.Errorf("%v", err)
	}
	warned := mustLoad(t, text, configfile.Options{Sections: map[string]any{"v": &defaults}}).Warnings()
	if len(warned) != 2 {
		t.Errorf("%v", warned)
	}
}

// A secret that a section leaves out is not wanted.
func TestAbsentSecretIsNotWeak(t *testing.T) {
	section := &struct {
		JWTSecret string `config:"jwt_secret"`
		Password  string
	}{}
	if _, err := load(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=production"}, Sections: map[string]any{"s": section}}); err != nil {
		t.Error(err)
	}
	section.JWTSecret = "short"
	_, err := load(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=production"}, Sections: map[string]any{"s": section}})
	if err == nil || err.Error() != "s.jwt_secret: is too short a secret: set at least 32 random bytes" {
		t.Errorf("%v", err)
	}
}
