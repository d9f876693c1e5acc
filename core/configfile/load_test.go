package configfile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/config/configtest"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// dir writes files, by name, and returns their directory.
func dir(t *testing.T, files map[string]string) string {
	t.Helper()
	d := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(d, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// load loads one JSON file and more options.
func load(t *testing.T, text string, o configfile.Options) (*configfile.Tree, error) {
	t.Helper()
	o.Files = []configfile.File{{Path: filepath.Join(dir(t, map[string]string{"app.json": text}), "app.json")}}
	if o.Environ == nil {
		o.Environ = []string{}
	}
	return configfile.Load(t.Context(), o)
}

func mustLoad(t *testing.T, text string, o configfile.Options) *configfile.Tree {
	t.Helper()
	tree, err := load(t, text, o)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func look(t *testing.T, c config.Config, key string) any {
	t.Helper()
	v, ok := c.Lookup(key)
	if !ok {
		t.Errorf("%s is absent", key)
	}
	return v
}

func TestLayers(t *testing.T) {
	d := dir(t, map[string]string{
		"a.json":         `{"file": "a", "second": "a", "profile": "a", "env": "a", "override": "a", "list": [1, 2], "m": {"a": 1, "b": {"c": 1}}, "gone": {"x": 1}}`,
		"b.json":         `{"second": "b", "profile": "b", "env": "b", "override": "b", "list": [3], "m": {"b": {"d": 2}}, "gone": null}`,
		"a.staging.json": `{"profile": "p", "env": "p", "override": "p"}`,
	})
	tree, err := configfile.Load(t.Context(), configfile.Options{
		Files:     []configfile.File{{Path: filepath.Join(d, "a.json")}, {Path: filepath.Join(d, "b.json")}, {Path: filepath.Join(d, "none.json"), Optional: true}},
		Profile:   "staging",
		EnvPrefix: "LEX_",
		Environ:   []string{"LEX_ENV=Staging", "LEX_ENV_X=1", "LEX_OVERRIDE=e", "LEX_M__B__E=3", "LEXIGRAM_X=no", "PATH=/bin", "LEX_PROFILE=ignored", "=C:=x", "LEX_NEW__DEEP__KEY=", "LEX_FLAG_NEW_CHECKOUT=true"},
		Overrides: map[string]any{"override": "o", "m.b.f": 4, "n": map[string]any{"d": time.Minute, "l": []string{"x"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"file": "a", "second": "b", "profile": "p", "override": "o", "list": []any{int64(3)}, "gone": nil, "env_x": "1",
		"m":            map[string]any{"a": int64(1), "b": map[string]any{"c": int64(1), "d": int64(2), "e": "3", "f": int64(4)}},
		"new.deep.key": "", "n.d": "1m", "n.l": []any{"x"}, "environment": "Staging",
	} {
		if got := look(t, tree, key); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %#v, want %#v", key, got, want)
		}
	}
	for _, absent := range []string{"nothing", "m.x", "file.x", "gone.x", "list.0", "igram_x", "flag_new_checkout", "a..b", "."} {
		if v, ok := tree.Lookup(absent); ok {
			t.Errorf("%s = %v, want nothing", absent, v)
		}
	}
	if tree.Environment() != config.Staging || tree.Profile() != "staging" {
		t.Errorf("%v %v", tree.Environment(), tree.Profile())
	}
	if source, line, ok := tree.Locate("m.b.e"); !ok || source != "environment variable LEX_M__B__E" || line != 0 {
		t.Errorf("m.b.e stands at %s:%d, %v", source, line, ok)
	}
	if source, line, _ := tree.Locate("second"); filepath.Base(source) != "b.json" || line != 1 {
		t.Errorf("second stands at %s:%d", source, line)
	}
}

func TestNothing(t *testing.T) {
	tree, err := configfile.Load(t.Context(), configfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if tree.Environment() != config.Development {
		t.Errorf("environment %q", tree.Environment())
	}
	if v, ok := tree.Lookup(""); !ok || len(v.(map[string]any)) != 0 {
		t.Errorf("root = %v, %v", v, ok)
	}
}

func TestProfileFromEnvironment(t *testing.T) {
	d := dir(t, map[string]string{"a.json": `{"k": 1}`, "a.eu-west_1.json": `{"k": 2}`})
	tree, err := configfile.Load(t.Context(), configfile.Options{Files: []configfile.File{{Path: filepath.Join(d, "a.json")}}, EnvPrefix: "LEX", Environ: []string{"LEX_PROFILE=eu-west_1"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := look(t, tree, "k"); got != int64(2) {
		t.Errorf("k = %v", got)
	}
	if _, ok := tree.Lookup("profile"); ok {
		t.Error("the profile is a key")
	}
}

func TestLoadErrors(t *testing.T) {
	d := dir(t, map[string]string{
		"bad.json": "{\n\"a\": }", "list.json": "[]", "dup.json": `{"a": 1, "a": 2}`, "x.toml": "", "big.json": `{"a":"` + strings.Repeat("x", configfile.MaxFileSize) + `"}`,
		"many.json": `{"a":[` + strings.Repeat("1,", configfile.MaxNodes) + `1]}`, "ok.json": "{}", "ok.typo.json": "{",
	})
	if err := os.Mkdir(filepath.Join(d, "dir.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(name string) configfile.Options {
		return configfile.Options{Files: []configfile.File{{Path: filepath.Join(d, name)}}, Environ: []string{}}
	}
	profile := func(name string) configfile.Options {
		o := at("ok.json")
		o.Profile = name
		return o
	}
	environ := func(all ...string) configfile.Options {
		return configfile.Options{EnvPrefix: "LEX", Environ: all}
	}
	overrides := func(m map[string]any) configfile.Options {
		return configfile.Options{Overrides: m, Environ: []string{}}
	}
	deep := any("x")
	for range 70 {
		deep = []any{deep}
	}
	for name, tc := range map[string]struct {
		o    configfile.Options
		is   error
		text string
	}{
		"missing":              {at("none.json"), config.ErrSource, "none.json: no such file"},
		"malformed":            {at("bad.json"), config.ErrSyntax, "bad.json:2:"},
		"list":                 {at("list.json"), config.ErrSyntax, "list.json:1:"},
		"duplicate":            {at("dup.json"), config.ErrSyntax, "dup.json:1: a: given twice"},
		"format":               {at("x.toml"), config.ErrSource, `no format for ".toml", only for .json`},
		"size":                 {at("big.json"), config.ErrSource, "larger than 1 MiB"},
		"many":                 {at("many.json"), config.ErrSyntax, "more than 65536 values"},
		"directory":            {at("dir.json"), config.ErrSource, "is a directory"},
		"profile without file": {profile("nope"), config.ErrSource, `profile "nope" has no file beside`},
		"profile malformed":    {profile("typo"), config.ErrSyntax, "ok.typo.json"},
		"profile path":         {profile("../../etc/x"), config.ErrValue, "is not a name"},
		"prefix":               {configfile.Options{EnvPrefix: "A B"}, config.ErrValue, "is not a name such as LEX"},
		"env below a value":    {environ("LEX_DB=x", "LEX_DB__URL=y"), config.ErrValue, "environment variable LEX_DB__URL: db.url: contradicts environment variable LEX_DB,"},
		"env deep":             {environ("LEX_DB__URL__HOST=x", "LEX_DB__URL=y", "LEX_DB__OK=1"), config.ErrValue, "contradicts environment variable LEX_DB__URL"},
		"env case":             {environ("LEX_DB=x", "LEX_db=y"), config.ErrValue, "contradicts"},
		"env name":             {environ("LEX__DB__HOST=x"), config.ErrValue, "environment variable LEX__DB__HOST: is not a key"},
		"env empty":            {environ("LEX_=x"), config.ErrValue, "is not a key"},
		"env trailing":         {environ("LEX_A__=x"), config.ErrValue, "is not a key"},
		"env dot":              {environ("LEX_A.B=x"), config.ErrValue, "not a dot"},
		"env deepest":          {environ("LEX_A" + strings.Repeat("__A", 100) + "=x"), config.ErrValue, "deeper"},
		"environment":          {environ("LEX_ENV=prod"), config.ErrValue, "environment variable LEX_ENV: environment: is not one of development, staging"},
		"environments":         {environ("LEX_ENV=test", "LEX_ENVIRONMENT=staging"), config.ErrValue, "contradicts"},
		"environment type":     {overrides(map[string]any{"environment": 1}), config.ErrValue, "is not one of"},
		"override conflict":    {overrides(map[string]any{"a": 1, "a.b": 2}), config.ErrValue, "override: a.b: contradicts"},
		"override key":         {overrides(map[string]any{"a..b": 1}), config.ErrValue, "is not a key"},
		"override type":        {overrides(map[string]any{"a": make(chan int)}), config.ErrValue, "is a Go chan int"},
		"override map":         {overrides(map[string]any{"a": map[int]any{}}), config.ErrValue, "whose keys are no strings"},
		"override depth":       {overrides(map[string]any{"a": deep}), config.ErrValue, "deeper"},
		"override range":       {overrides(map[string]any{"a": uint64(1) << 63}), config.ErrValue, "too large"},
	} {
		_, err := configfile.Load(t.Context(), tc.o)
		if !errors.Is(err, tc.is) || !strings.Contains(err.Error(), tc.text) || !errors.Is(err, config.Err) {
			t.Errorf("%s: %v, want %q", name, err, tc.text)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := load(t, "{\"a\": \"${ONE}\",\n\"b\": [\"${TWO}\"]}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=prod", "LEX__X=1"}, Overrides: map[string]any{"c": func() {}}})
	for _, want := range []string{"ONE", "app.json:2: b[0]: needs the environment variable TWO", "LEX_ENV", "LEX__X", "override: c"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestOptionalFileMustBeReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.json")
	if err := os.Symlink(path, path); err != nil {
		t.Skip(err)
	}
	_, err := configfile.Load(t.Context(), configfile.Options{Files: []configfile.File{{Path: path, Optional: true}}})
	if !errors.Is(err, config.ErrSource) {
		t.Errorf("a loop of links is no absent file: %v", err)
	}
}

// hostile is a format that breaks its contract.
type hostile struct{ parse func() (*config.Node, error) }

func (hostile) Extensions() []string                 { return []string{".json"} }
func (h hostile) Parse([]byte) (*config.Node, error) { return h.parse() }
func bomb(depth int) *config.Node {
	n := &config.Node{Scalar: "x"}
	for range depth {
		n = &config.Node{Type: config.List, List: []*config.Node{n, n, n, n}}
	}
	return &config.Node{Type: config.Map, Map: []config.Entry{{Key: "a", Value: n}}}
}

func TestHostileFormats(t *testing.T) {
	loop := &config.Node{Type: config.List}
	loop.List = []*config.Node{loop}
	for name, parse := range map[string]func() (*config.Node, error){
		"panic": func() (*config.Node, error) { panic("x") },
		"nil":   func() (*config.Node, error) { return nil, nil },
		"child": func() (*config.Node, error) {
			return &config.Node{Type: config.Map, Map: []config.Entry{{Key: "a"}}}, nil
		},
		"type": func() (*config.Node, error) { return &config.Node{Type: 9}, nil },
		"scalar": func() (*config.Node, error) {
			return &config.Node{Type: config.Map, Map: []config.Entry{{Key: "a", Value: &config.Node{Scalar: 1}}}}, nil
		},
		"twice": func() (*config.Node, error) {
			e := config.Entry{Key: "a", Value: &config.Node{}}
			return &config.Node{Type: config.Map, Map: []config.Entry{e, e}}, nil
		},
		"bomb":  func() (*config.Node, error) { return bomb(30), nil },
		"loop":  func() (*config.Node, error) { return loop, nil },
		"error": func() (*config.Node, error) { return nil, errors.New("plain") },
	} {
		_, err := load(t, "{}", configfile.Options{Formats: []config.Format{hostile{parse}}})
		if !errors.Is(err, config.ErrSyntax) || !strings.Contains(err.Error(), "app.json") {
			t.Errorf("%s: %v, want ErrSyntax that names the file", name, err)
		}
	}
}

func TestInterpolation(t *testing.T) {
	env := []string{"A=1", "B=${A}", "EMPTY=", "URL=http://x:80/}"}
	for in, want := range map[string]string{
		"plain": "plain", "${A}": "1", "x${A}y${A}": "x1y1", "${NONE:}": "", "${NONE:d e:f}": "d e:f", "${EMPTY:d}": "", "${B}": "${A}", "${URL}": "http://x:80/}",
		"$${A}": "${A}", "$A": "$A", "$": "$", "$$": "$$", "a$${A}${A}": "a${A}1", "${NONE:$}": "$", "$$${A}": "$${A}", "}": "}",
	} {
		tree, err := load(t, `{"m": {"k": ["`+in+`"]}}`, configfile.Options{Environ: env})
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := look(t, tree, "m").(map[string]any)["k"].([]any)[0]; got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
	for _, in := range []string{"${NONE}", "${", "${A", "${}", "${:x}", "${1A}", "${A-B}", "${A }", "x${NONE}"} {
		_, err := load(t, `{"k": "`+in+`"}`, configfile.Options{Environ: env})
		k, ok := errors.AsType[*config.KeyError](err)
		if !ok || k.Line != 1 || k.Key != "k" || filepath.Base(k.Source) != "app.json" || !errors.Is(err, config.ErrValue) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestInterpolationLeavesOtherLayersAlone(t *testing.T) {
	tree := mustLoad(t, `{"replaced": "${NONE}", "kept": "${LEX_TEXT}"}`, configfile.Options{
		EnvPrefix: "LEX", Environ: []string{"LEX_TEXT=${HOME}"}, Overrides: map[string]any{"replaced": "${X}"},
	})
	for _, key := range []string{"text", "kept"} {
		if got := look(t, tree, key); got != "${HOME}" {
			t.Errorf("%s = %q", key, got)
		}
	}
	if got := look(t, tree, "replaced"); got != "${X}" {
		t.Errorf("replaced = %q", got)
	}
}

func TestLookupIsTheCallers(t *testing.T) {
	tree := mustLoad(t, `{"m": {"l": [1, {"x": 2}]}}`, configfile.Options{})
	m := look(t, tree, "m").(map[string]any)
	m["l"].([]any)[1].(map[string]any)["x"] = "mine"
	m["new"] = 1
	if got := look(t, tree, ""); !reflect.DeepEqual(got, map[string]any{"m": map[string]any{"l": []any{int64(1), map[string]any{"x": int64(2)}}}}) {
		t.Errorf("a caller's change shows: %v", got)
	}
}

func TestByteOrderMark(t *testing.T) {
	if got := look(t, mustLoad(t, "\ufeff{\"a\": 1}", configfile.Options{}), "a"); got != int64(1) {
		t.Errorf("a = %v", got)
	}
}

func TestDumpHidesSecrets(t *testing.T) {
	tree := mustLoad(t, `{
"db": {"password": "hunter2", "url": "postgres://u:hunter2@h/d", "port": 1},
"ssh_key": "hunter2", "credentials": {"user": ["hunter2", {"x": "hunter2"}]}, "empty": {}, "none": [], "nothing": null, "a\nb": "hunter1\n",
"dsn": "${DSN:password=hunter2 host=x}", "text": "host=x password=hunter2"
}`, configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_DB__TOKEN=hunter2", "LEX_DB__HOST=h"}})
	var b strings.Builder
	if err := tree.Dump(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hunter2") {
		t.Errorf("a secret shows:\n%s", &b)
	}
	for _, want := range []string{"app.json:2\n", "environment variable LEX_DB__HOST\n", `credentials.user[1].x`, `"a\nb"`, "= {}", "= []", "= null"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in:\n%s", want, &b)
		}
	}
	if err := tree.Dump(failing{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the writer's error is lost: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestTreeConformance(t *testing.T) {
	configtest.Run(t, func(t *testing.T, c configtest.Content) config.Config {
		var environ []string
		for key, text := range c.Text {
			environ = append(environ, "LEX_"+strings.ToUpper(strings.ReplaceAll(key, ".", "__"))+"="+text)
		}
		if c.Values == nil {
			c.Values = map[string]any{}
		}
		text, err := json.Marshal(c.Values)
		if err != nil {
			t.Fatal(err)
		}
		return mustLoad(t, string(text), configfile.Options{EnvPrefix: "LEX", Environ: environ})
	})
}

// shows fails if a word is in anything that is meant for people.
func shows(t *testing.T, tree *configfile.Tree, err error, words ...string) {
	t.Helper()
	var b strings.Builder
	if err := tree.Dump(&b); err != nil {
		t.Fatal(err)
	}
	text, jsonErr := json.Marshal(tree)
	explained, explainErr := json.Marshal(tree.Explain(""))
	if jsonErr != nil || explainErr != nil {
		t.Fatal(jsonErr, explainErr)
	}
	fmt.Fprintf(&b, "%s\n%s\n%v\n%v %+v", text, explained, err, tree, tree.Warnings())
	for _, e := range tree.Explain("") {
		b.WriteString(e.String())
	}
	for _, w := range words {
		if strings.Contains(b.String(), w) {
			t.Errorf("%q shows in:\n%s", w, &b)
		}
	}
}
