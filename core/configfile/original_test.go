package configfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// The faults of the configuration of the Python original, each by its symptom.

// The documented form for lists crashed at boot.
func TestOriginalListFromTheEnvironment(t *testing.T) {
	tree := mustLoad(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_CACHE__BACKENDS__0__TYPE=redis"}})
	var cache backends
	if err := tree.Decode("cache", &cache); err != nil || len(cache.Backends) != 1 || cache.Backends[0].Type != "redis" {
		t.Errorf("%+v, %v", cache, err)
	}
}

// 00123456789 became the integer 123456789, and 1e5 the float 100000.0.
func TestOriginalNumericStrings(t *testing.T) {
	for _, text := range []string{"00123456789", "1e5", "0x10", "1_000", "true", "null", "", " padded "} {
		d := dir(t, map[string]string{".env": "LEX_AUTH__DOTENV='" + text + "'"})
		tree, err := configfile.Load(t.Context(), configfile.Options{
			EnvFiles: []configfile.File{{Path: filepath.Join(d, ".env")}}, EnvPrefix: "LEX",
			Environ: []string{"LEX_AUTH__SECRET=" + text, "LEX_AUTH__LABELS__X=" + text, "LEX_AUTH__LIST__0=" + text}, Flags: []string{"auth.flag=" + text},
		})
		if err != nil {
			t.Fatal(err)
		}
		var auth struct {
			Secret       config.Secret[string]
			Labels       map[string]string
			List         []string
			Flag, Dotenv string
		}
		err = tree.Decode("auth", &auth)
		if err != nil || auth.Secret.Reveal() != text || auth.Labels["x"] != text || auth.List[0] != text || auth.Flag != text || auth.Dotenv != text {
			t.Errorf("%q became %+v, %v", text, auth, err)
		}
	}
}

// Secrets inside lists leaked: backends[].redis_password.
func TestOriginalRedactionInsideLists(t *testing.T) {
	tree := mustLoad(t, `{"backends": [{"type": "redis", "redis_password": "hunter2"}], "tokens": {"refresh_tokens": ["hunter2"]}}`,
		configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_BACKENDS__0__API_KEY=hunter2", "LEX_BACKENDS__1__REDIS_PASSWORD=hunter2"}})
	shows(t, tree, tree.Decode("", &struct{}{}), "hunter2")
}

// What stands under a key that smells of a secret does not show in errors either.
func TestErrorsUnderSecretSections(t *testing.T) {
	tree := mustLoad(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_CREDENTIALS__SMALL=hunter2", "LEX_CREDENTIALS__NESTED__HTTP_ADDR__X=hunter2", "LEX_CREDENTIALS__ADDR=hunter2"}})
	err := tree.Decode("credentials", &everything{})
	if err == nil || !strings.Contains(err.Error(), "credentials.small: is not an integer") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

// Misspelt keys were accepted silently, in the environment too.
func TestOriginalMisspeltKeys(t *testing.T) {
	tree := mustLoad(t, "{\"cache\": {\n\"backnds\": []}}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_CACHE__NMAES=x"}})
	err := tree.Decode("cache", &backends{})
	for _, want := range []string{`app.json:2: cache.backnds: unknown key (did you mean "backends"?)`, `environment variable LEX_CACHE__NMAES: cache.nmaes: unknown key (did you mean "names"?)`} {
		if !errors.Is(err, config.ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

// A source that could not be read was logged and skipped: the application ran on defaults.
func TestOriginalUnreadableSource(t *testing.T) {
	d := dir(t, map[string]string{"bad.json": "{", "bad.env": "A", "ok.json": "{}"})
	loop := filepath.Join(d, "loop.json") // unreadable to the superuser too
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	file := func(name string) []configfile.File {
		return []configfile.File{{Path: filepath.Join(d, name), Optional: true}}
	}
	for name, tc := range map[string]struct {
		o    configfile.Options
		want error
	}{
		"unreadable":      {configfile.Options{Files: file("loop.json")}, config.ErrSource},
		"malformed":       {configfile.Options{Files: file("bad.json")}, config.ErrSyntax},
		"unreadable .env": {configfile.Options{EnvFiles: file("loop.json")}, config.ErrSource},
		"malformed .env":  {configfile.Options{EnvFiles: file("bad.env")}, config.ErrSyntax},
		"profile":         {configfile.Options{Files: file("ok.json"), Profile: "none"}, config.ErrSource},
	} {
		if tree, err := configfile.Load(t.Context(), tc.o); !errors.Is(err, tc.want) || tree != nil {
			t.Errorf("%s: %v, %v", name, tree, err)
		}
	}
}

// LEX_DB next to LEX_DB__URL depended on the order, or crashed.
func TestOriginalConflictingVariables(t *testing.T) {
	for _, environ := range [][]string{{"LEX_DB=x", "LEX_DB__URL=y"}, {"LEX_DB__URL=y", "LEX_DB=x"}} {
		_, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: environ})
		if !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), "variable LEX_DB__URL") || !strings.Contains(err.Error(), "variable LEX_DB,") {
			t.Errorf("%v: %v", environ, err)
		}
	}
}

// A value that could not be converted was kept as it was, without a word.
func TestOriginalFailedConversion(t *testing.T) {
	err := mustLoad(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_S__FLAG=maybe", "LEX_S__SMALL=1.5"}}).Decode("s", &everything{})
	for _, want := range []string{`LEX_S__FLAG: s.flag: "maybe" is not true or false`, `LEX_S__SMALL: s.small: "1.5" is not an integer`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

// An unknown environment counted as development.
func TestOriginalUnknownEnvironment(t *testing.T) {
	_, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=prodction"}})
	if !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), "development, staging, production, test") {
		t.Errorf("%v", err)
	}
}

// A section that was no mapping counted as absent.
func TestOriginalSectionThatIsNoMapping(t *testing.T) {
	if err := mustLoad(t, `{"s": "x"}`, configfile.Options{}).Decode("s", &everything{}); !errors.Is(err, config.ErrValue) {
		t.Errorf("%v", err)
	}
}

// ${VAR} was left alone inside lists of lists.
func TestOriginalInterpolationAtEveryDepth(t *testing.T) {
	tree := mustLoad(t, `{"a": [[{"b": ["${X}"]}]]}`, configfile.Options{Environ: []string{"X=1"}})
	if got := tree.Explain("a")[0]; got.Said[0].Value != `"1"` {
		t.Errorf("%v", got)
	}
}
