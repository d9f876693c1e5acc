package configfile_test

import (
	"context"
	"errors"
	"flag"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// Every layer says one key more than the one above it.
func TestOrderOfLayers(t *testing.T) {
	d := dir(t, map[string]string{
		"a.json":     `{"k": {"file": "file", "profile": "file", "dotenv": "file", "env": "file", "flag": "file", "override": "file"}}`,
		"a.dev.json": `{"k": {"profile": "profile", "dotenv": "profile", "env": "profile", "flag": "profile", "override": "profile"}}`,
		".env":       "LEX_K__DOTENV=dotenv\nLEX_K__ENV=dotenv\nLEX_K__FLAG=dotenv\nLEX_K__OVERRIDE=dotenv\n",
	})
	var set []string
	fs := flag.NewFlagSet("app", flag.ContinueOnError)
	fs.Func("set", "a setting, as key=value; may be repeated", func(s string) error { set = append(set, s); return nil })
	if err := fs.Parse([]string{"-set", "k.flag=first", "-set", "k.flag=flag", "-set=k.override=flag"}); err != nil {
		t.Fatal(err)
	}
	tree, err := configfile.Load(t.Context(), configfile.Options{
		Defaults: map[string]any{"k": map[string]any{
			"default": "default", "file": "default", "profile": "default", "dotenv": "default", "env": "default", "flag": "default", "override": "default",
		}},
		Files: []configfile.File{{Path: filepath.Join(d, "a.json")}}, Profile: "dev", EnvFiles: []configfile.File{{Path: filepath.Join(d, ".env")}},
		EnvPrefix: "LEX", Environ: []string{"LEX_K__ENV=env", "LEX_K__FLAG=env", "LEX_K__OVERRIDE=env"}, Flags: set, Overrides: map[string]any{"k.override": "override"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range []string{"default", "file", "profile", "dotenv", "env", "flag", "override"} {
		if got := look(t, tree, "k."+layer); got != layer {
			t.Errorf("k.%s = %v", layer, got)
		}
	}
	said := tree.Explain("k.override")[0].Said
	var layers []string
	for _, s := range said {
		layers = append(layers, s.Layer.String())
	}
	if got := strings.Join(layers, " "); got != "override flag environment dotenv profile file default" {
		t.Errorf("k.override was said by %s", got)
	}
}

func TestFlagErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a":                             "flag: a: has no value: write key=value",
		"=1":                            "flag: is not a key",
		"a..b=1":                        "flag: a..b: is not a key",
		"a=1 a.b=2":                     "flag: a.b: contradicts flag a, which is no section",
		strings.Repeat("a.", 70) + "=":  "is not a key",
		strings.Repeat("a.", 70) + "a=": "deeper",
	} {
		_, err := configfile.Load(t.Context(), configfile.Options{Flags: strings.Fields(text), Environ: []string{}})
		if !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	tree, err := configfile.Load(t.Context(), configfile.Options{Flags: []string{"s.small=x", "s.list=a=b,c"}, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Section(tree, "s", everything{})
	if err == nil || !strings.Contains(err.Error(), `flag s.small: s.small: "x" is not an integer`) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestEnvironmentNames(t *testing.T) {
	for _, tc := range []struct {
		environ string
		want    config.Environment
	}{
		{"", config.Development},
		{"LEX_ENV=PRODUCTION", config.Production},
		{"APP_ENV=Staging", config.Staging},
		{"APP_ENV=prod LEX_ENV=test", config.Test},
		{"LEX_ENV=", config.Development},
		{"LEX_ENV= APP_ENV=test", config.Development},
	} {
		tree, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: strings.Fields(tc.environ)})
		if err != nil || tree.Environment() != tc.want {
			t.Errorf("%q: %v, %v, want %v", tc.environ, tree, err, tc.want)
		}
	}
	_, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{"APP_ENV=prod"}})
	if !errors.Is(err, config.ErrValue) || err.Error() != "environment variable APP_ENV: environment: is not one of development, staging, production, test" {
		t.Errorf("APP_ENV=prod: %v", err)
	}
	tree, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{"APP_ENV=production"}})
	if err != nil || tree.Environment() != config.Development {
		t.Errorf("without a prefix the environment counts: %v", err)
	}
}

func TestDebug(t *testing.T) {
	for text, want := range map[string]bool{`{}`: false, `{"debug": true}`: true, `{"debug": false}`: false, `{"debug": "${ON}"}`: true, `{"debug": {"addr": "x"}}`: false, `{"debug": null}`: false} {
		tree := mustLoad(t, text, configfile.Options{Environ: []string{"ON=yes"}})
		if tree.Debug() != want {
			t.Errorf("%s: debug is %v", text, tree.Debug())
		}
	}
	if err := mustLoad(t, `{"debug": true, "environment": "test"}`, configfile.Options{}).Decode("", &struct{}{}); err != nil {
		t.Errorf("the loader's own keys are unknown: %v", err)
	}
	for _, text := range []string{`{"debug": "true"}`, `{"debug": 1}`, `{"debug": "${MAYBE}"}`} {
		_, err := load(t, text, configfile.Options{Environ: []string{"MAYBE=maybe"}})
		if !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), "app.json:1: debug: is not true or false") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// store is a source of secrets.
type store map[string]string

var errStore = errs.New("TEST_STORE", errs.NotFound, "store: no such secret")

func (s store) Get(ctx context.Context, name string) (config.Secret[string], error) {
	switch {
	case ctx.Err() != nil:
		return config.Secret[string]{}, ctx.Err()
	case name == "panics":
		panic("in the store")
	case name == "sealed":
		return config.Secret[string]{}, errors.New("store: is sealed\nand more")
	}
	text, ok := s[name]
	if !ok {
		return config.Secret[string]{}, errStore.Wrap(nil, "store: %s", name)
	}
	return config.NewSecret(text), nil
}

func TestSecretReferences(t *testing.T) {
	secrets := store{"database/password": "hunter2", "a:b": "hunter3", "list": "hunter4,hunter5", "pin": "42"}
	tree := mustLoad(t, `{
"db": {"password": "${secret:database/password}", "url": "postgres://app:${secret:database/password}@${HOST:db}/app", "pin": "${secret:pin}",
"keys": ["${secret:a:b}", "plain"], "split": "${secret:list}", "each": "${secret:list}", "tokens": {"x": "${secret:a:b}"}, "literal": "$${secret:x}"},
"plain": {"name": "${secret:database/password}", "any": {"x": ["${secret:database/password}"]}, "wait": "${secret:pin}", "list": ["${secret:a:b}"]}
}`, configfile.Options{Secrets: secrets})
	type db struct {
		Password config.Secret[string]
		URL      config.Secret[string] `config:"url"`
		PIN      *config.Secret[int]   `config:"pin"`
		Keys     []config.Secret[string]
		Split    config.Secret[[]string]
		Each     []config.Secret[string]
		Tokens   map[string]config.Secret[string]
		Literal  string
	}
	got, err := config.Section(tree, "db", db{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Password.Reveal() != "hunter2" || got.URL.Reveal() != "postgres://app:hunter2@db/app" || got.PIN.Reveal() != 42 || got.Keys[0].Reveal() != "hunter3" || got.Each[1].Reveal() != "hunter5" ||
		!reflect.DeepEqual(got.Split.Reveal(), []string{"hunter4", "hunter5"}) || got.Tokens["x"].Reveal() != "hunter3" || got.Literal != "${secret:x}" {
		t.Errorf("%+v %v", got, got.Password.Reveal())
	}
	var plain struct {
		Name string
		Any  any
		Wait int
		List []string
	}
	err = tree.Decode("plain", &plain)
	for _, want := range []string{
		`app.json:4: plain.name: holds the secret "database/password", for which the field has to be a config.Secret`, "plain.any: holds", "plain.wait: holds", "plain.list[0]: holds",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	shows(t, tree, err, "hunter")
}

func TestSecretErrors(t *testing.T) {
	text := "{\"a\": \"${secret:missing}\",\n\"b\": [\"${secret:sealed}\"],\n\"c\": \"${secret:panics}\", \"d\": \"${secret:}\", \"e\": \"${secret:ok}${secret:missing}\"}"
	_, err := load(t, text, configfile.Options{Secrets: store{"ok": "hunter2"}})
	for _, want := range []string{
		`app.json:1: a: needs the secret "missing", which the secret store does not have`,
		`app.json:2: b[0]: needs the secret "sealed", which the secret store does not give: store: is sealed`,
		`app.json:3: c: needs the secret "panics", which the secret store does not give: panic`, "d: has a ${secret:} without the name", `e: needs the secret "missing"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if !errors.Is(err, config.ErrSource) || !errors.Is(err, config.ErrValue) || !errors.Is(err, errStore) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "and more") {
		t.Errorf("%v", err)
	}
	_, err = load(t, `{"a": "${secret:x}"}`, configfile.Options{})
	if !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), `a: needs the secret "x", and no secret store is given`) {
		t.Errorf("without a store: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = configfile.Load(ctx, configfile.Options{Files: []configfile.File{{Path: filepath.Join(dir(t, map[string]string{"a.json": `{"a": "${secret:x}"}`}), "a.json")}}, Secrets: store{"x": "y"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSecretIsAskedForOnce(t *testing.T) {
	n := 0
	tree := mustLoad(t, `{"a": "${secret:x}", "b": ["${secret:x}", "${secret:x}${secret:x}"]}`, configfile.Options{Secrets: restless{nil, &n}})
	if n != 1 || look(t, tree, "a") != "hunter1" {
		t.Errorf("it was asked for %d times", n)
	}
}

// A secret that nothing uses any more is not asked for, and the environment's text is left alone.
func TestSecretsAreAskedForOnlyWhenUsed(t *testing.T) {
	tree := mustLoad(t, `{"a": "${secret:missing}", "b": "x"}`, configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_A=${secret:missing}"}, Overrides: map[string]any{"b": "${secret:missing}"}})
	for _, key := range []string{"a", "b"} {
		if got := look(t, tree, key); got != "${secret:missing}" {
			t.Errorf("%s = %v", key, got)
		}
	}
}

var _ configfile.SecretSource = security.SecretStore(nil)
