package configfile_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type cacheSection struct {
	Backend string        `config:"backend,required" doc:"memory or redis"`
	Size    int           `config:"size" doc:"entries"`
	TTL     time.Duration `config:"ttl"`
	Redis   struct {
		Addr     string                `config:"addr,required"`
		Password config.Secret[string] `config:"password"`
		Pin      config.Secret[string] `config:"innocent"`
	} `config:"redis"`
	Peers []struct {
		Host  string                `config:"host"`
		Token config.Secret[string] `config:"ticket"`
	} `config:"peers"`
}

func explained(t *testing.T) *configfile.Tree {
	t.Helper()
	d := dir(t, map[string]string{
		"app.json": `{
"cache": {"backend": "memory", "redis": {"addr": "${HOST:localhost}:6379", "password": "${PW:hunter2}", "innocent": "${secret:pin}"},
"peers": [{"host": "a", "ticket": "hunter2"}, {"host": "b"}]},
"unknown": {"text": "x"}}`,
		"app.eu.json": `{"cache": {"backend": "redis", "redis": {"password": "hunter2"}}}`,
		".env":        "\nLEX_CACHE__BACKEND=disk\n",
	})
	section := &cacheSection{Size: 100, TTL: 36 * time.Hour}
	section.Redis.Pin = config.NewSecret("hunter2")
	tree, err := configfile.Load(t.Context(), configfile.Options{
		Files: []configfile.File{{Path: filepath.Join(d, "app.json")}}, Profile: "eu", EnvFiles: []configfile.File{{Path: filepath.Join(d, ".env")}},
		EnvPrefix: "LEX", Environ: []string{"LEX_CACHE__BACKEND=none", "LEX_CACHE__PEERS__1__TICKET=hunter2", "HOST=db"}, Flags: []string{"cache.redis.password=hunter2"},
		Secrets: store{"pin": "hunter2"}, Sections: map[string]any{"cache": section},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestExplain(t *testing.T) {
	tree := explained(t)
	shows(t, tree, nil, "hunter2")
	for key, want := range map[string][]string{
		"cache.backend":         {`environment|"none"||environment variable LEX_CACHE__BACKEND`, `dotenv|"disk"||.env:2 (LEX_CACHE__BACKEND)`, `profile|"redis"||app.eu.json:1`, `file|"memory"||app.json:2`, `default|""||default`},
		"cache.size":            {`default|100||default`},
		"cache.ttl":             {`default|"1d12h"||default`},
		"cache.redis.addr":      {`file|"db:6379"|"${HOST:localhost}:6379"|app.json:2`, `default|""||default`},
		"cache.redis.password":  {`flag|***||flag cache.redis.password`, `profile|***||app.eu.json:1`, `file|${PW}||app.json:2`},
		"cache.redis.innocent":  {`file|***|${secret:pin}|app.json:2`, `default|***||default`},
		"cache.peers[0].host":   {`file|"a"||app.json:3`},
		"cache.peers[1].ticket": {`environment|***||environment variable LEX_CACHE__PEERS__1__TICKET`},
		"unknown.text":          {`file|"x"||app.json:4`},
	} {
		all := tree.Explain(key)
		if len(all) != 1 || all[0].Key != key {
			t.Errorf("%s: %v", key, all)
			continue
		}
		var got []string
		for _, s := range all[0].Said {
			place := s.Place
			if i := strings.LastIndex(place, string(filepath.Separator)); i >= 0 {
				place = place[i+1:]
			}
			got = append(got, s.Layer.String()+"|"+s.Value+"|"+s.Written+"|"+place)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%s\nwant\n%s", key, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if all := tree.Explain("cache.redis"); len(all) != 3 || !all[1].Secret || all[0].Secret {
		t.Errorf("a section: %+v", all)
	}
	for _, key := range []string{"nothing", "cache.peers[7]", "cache.backen", "cach"} {
		if all := tree.Explain(key); len(all) != 0 {
			t.Errorf("%s: %v", key, all)
		}
	}
	if text := tree.Explain("cache.backend")[0].String(); !strings.Contains(text, "\n  * environment \"none\"  # environment variable LEX_CACHE__BACKEND\n    dotenv      \"disk\"  # ") {
		t.Errorf("%s", text)
	}
}

// A scalar of a lower layer where a section stands now has said something too.
func TestExplainWhatWasReplaced(t *testing.T) {
	tree := mustLoad(t, `{"a": "x", "b": {"c": 1}, "d": [1, 2], "e": null}`, configfile.Options{Overrides: map[string]any{"a": map[string]any{"k": 1}, "b": "y", "d": "z", "e.f": 2}})
	for key, want := range map[string]string{"a.k": `"x"`, "b": "{…}", "d": "[…]", "e.f": "null"} {
		if all := tree.Explain(key); len(all) != 1 || len(all[0].Said) != 2 || all[0].Said[1].Value != want {
			t.Errorf("%s: %+v", key, all)
		}
	}
}

func TestDumpHasDefaults(t *testing.T) {
	var b strings.Builder
	if err := explained(t).Dump(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cache.size", "= 100 ", "# default\n", `cache.peers[1].ticket`, "cache.redis.addr"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in:\n%s", want, &b)
		}
	}
}

func TestJSONHidesSecretsAtEveryDepth(t *testing.T) {
	tree := mustLoad(t, `{"backends": [{"redis_password": "hunter2", "type": "redis", "n": [[{"token": "hunter2"}]]}], "credentials": ["hunter2"], "db": "postgres://u:hunter2@h/d", "n": null, "i": 1}`, configfile.Options{})
	text, err := json.Marshal(tree)
	want := `{"backends":[{"n":[[{"token":"***"}]],"redis_password":"***","type":"redis"}],"credentials":["***"],"db":"postgres://u:***@h/d","i":1,"n":null}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}

// TestListsOfSecretsAreHidden: what stands where a type holds secrets is one, under
// whatever key, in whatever layer and shape.
func TestListsOfSecretsAreHidden(t *testing.T) {
	type section struct {
		Pins  []config.Secret[string]          `config:"pins"`
		Pairs [2]config.Secret[string]         `config:"pairs"`
		Deep  [][]*config.Secret[string]       `config:"deep"`
		By    map[string]config.Secret[string] `config:"by"`
		Hosts []struct {
			Pin config.Secret[string] `config:"pin"`
		} `config:"hosts"`
	}
	for name, o := range map[string]configfile.Options{
		"file":        {},
		"environment": {EnvPrefix: "LEX", Environ: []string{"LEX_S__PINS=hunter2,hunter3", "LEX_S__PAIRS__0=hunter2", "LEX_S__PAIRS__1=hunter2"}},
		"wrong":       {EnvPrefix: "LEX", Environ: []string{"LEX_S__BY=hunter2", `LEX_S__HOSTS=[{"pin":"hunter2"}]`}},
		"flags":       {Flags: []string{"s.pins=hunter2", "s.hosts=hunter2"}},
	} {
		o.Sections = map[string]any{"s": &section{Pins: []config.Secret[string]{config.NewSecret("hunter2")}}}
		file := `{}`
		if name == "file" {
			file = `{"s": {"pins": ["hunter2"], "pairs": ["hunter2", "hunter3"], "deep": [["hunter2"]], "by": {"a": "hunter2"}, "hosts": [{"pin": "hunter2"}]}}`
		}
		tree := mustLoad(t, file, o)
		shows(t, tree, tree.Decode("s", &section{}), "hunter")
		if diff := fmt.Sprint(mustLoad(t, "{}", configfile.Options{Sections: o.Sections}).Diff(tree)); strings.Contains(diff, "hunter") {
			t.Errorf("%s: the difference shows %s", name, diff)
		}
		rows, err := configfile.EnvVars("LEX", o.Sections)
		if text := fmt.Sprint(rows, err); strings.Contains(text, "hunter") {
			t.Errorf("%s: the variables show %s", name, text)
		}
	}
}

func TestDiff(t *testing.T) {
	old := mustLoad(t, `{"same": 1, "changed": "a", "gone": true, "list": [1, 2], "db": {"password": "hunter2"}, "kind": "1", "empty": {}}`, configfile.Options{})
	next := mustLoad(t, `{"same": 1, "changed": "b", "list": [1, 3, 4], "db": {"password": "hunter3"}, "new": "postgres://u:hunter2@h/d", "kind": 1, "empty": []}`, configfile.Options{})
	want := []configfile.Change{
		{"changed", `"a"`, `"b"`},
		{"db.password", "***", "***"},
		{"empty", "{}", "[]"},
		{"gone", "true", ""},
		{"kind", `"1"`, "1"},
		{"list[1]", "2", "3"},
		{"list[2]", "", "4"},
		{"new", "", `"postgres://u:***@h/d"`},
	}
	if got := old.Diff(next); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	text := mustLoad(t, `{"n": "${N}"}`, configfile.Options{Environ: []string{"N=1"}}) // converted, to an integer too
	if got := text.Diff(mustLoad(t, `{"n": "1"}`, configfile.Options{})); len(got) != 1 {
		t.Errorf("text became a string: %v", got)
	}
	if got := old.Diff(old); len(got) != 0 {
		t.Errorf("a tree differs from itself: %v", got)
	}
}

func TestEnvVars(t *testing.T) {
	section := &cacheSection{Backend: "memory", Size: 100, TTL: 36 * time.Hour}
	section.Redis.Password = config.NewSecret("hunter2")
	type node struct {
		Next   *node
		Name   string
		Size   config.Size
		Names  []string
		Waits  map[string]time.Duration
		Weird  string `config:"Weird"`
		Any    any
		Ratio  float64
		Raw    []byte
		APIKey string `config:"api_key"`
	}
	rows, err := configfile.EnvVars("LEX_", map[string]any{"cache": section, "a.b": &node{Names: []string{"x", "y"}, Size: 1 << 20, APIKey: "hunter2"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]configfile.EnvVar{}
	for _, r := range rows {
		got[r.Key] = r
	}
	for _, want := range []configfile.EnvVar{
		{Name: "LEX_CACHE__BACKEND", Key: "cache.backend", Type: "string", Default: "memory", Doc: "memory or redis", Required: true},
		{Name: "LEX_CACHE__SIZE", Key: "cache.size", Type: "integer", Default: "100", Doc: "entries"},
		{Name: "LEX_CACHE__TTL", Key: "cache.ttl", Type: "duration", Default: "1d12h"},
		{Name: "LEX_CACHE__REDIS__ADDR", Key: "cache.redis.addr", Type: "string", Required: true},
		{Name: "LEX_CACHE__REDIS__PASSWORD", Key: "cache.redis.password", Type: "string", Default: "***", Secret: true},
		{Name: "LEX_CACHE__PEERS__<N>__HOST", Key: "cache.peers[<n>].host", Type: "string"},
		{Name: "LEX_CACHE__PEERS__<N>__TICKET", Key: "cache.peers[<n>].ticket", Type: "string", Secret: true},
		{Name: "LEX_A__B__NAME", Key: "a.b.name", Type: "string"},
		{Name: "LEX_A__B__SIZE", Key: "a.b.size", Type: "size", Default: "1MiB"},
		{Name: "LEX_A__B__NAMES", Key: "a.b.names", Type: "strings, with commas between", Default: "x,y"},
		{Name: "LEX_A__B__WAITS__<KEY>", Key: "a.b.waits.<key>", Type: "duration"},
		{Name: "", Key: "a.b.Weird", Type: "string"}, // variables give lower-case keys
		{Name: "LEX_A__B__ANY", Key: "a.b.any", Type: "any"},
		{Name: "LEX_A__B__RATIO", Key: "a.b.ratio", Type: "number", Default: "0"},
		{Name: "LEX_A__B__RAW", Key: "a.b.raw", Type: "string"},
		{Name: "LEX_A__B__API_KEY", Key: "a.b.api_key", Type: "string", Default: "***", Secret: true},
	} {
		if got[want.Key] != want {
			t.Errorf("%+v, want %+v", got[want.Key], want)
		}
	}
	if rows[0].Name != "LEX_ENV" || rows[1].Name != "LEX_PROFILE" || rows[2].Name != "LEX_DEBUG" || rows[3].Key != "a.b.name" {
		t.Errorf("the order is %+v", rows[:4])
	}
	// What is listed works.
	for _, r := range rows {
		if r.Name == "" || strings.Contains(r.Name, "<") || r.Type == "any" {
			continue
		}
		value := map[string]string{"integer": "1", "duration": "1s", "size": "1KiB", "number": "1", "boolean": "true"}[r.Type]
		if r.Name == "LEX_ENV" {
			value = "test"
		}
		tree, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{r.Name + "=" + value}})
		if r.Name == "LEX_PROFILE" {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		if _, _, ok := tree.Locate(r.Key); !ok {
			t.Errorf("%s does not set %s", r.Name, r.Key)
		}
	}
	for _, bad := range []any{nil, 1, cacheSection{}, (*cacheSection)(nil), &struct {
		A, B string `config:"x"`
	}{}} {
		if _, err := configfile.EnvVars("LEX", map[string]any{"x": bad}); err == nil || !strings.Contains(err.Error(), `section "x"`) {
			t.Errorf("%T: %v", bad, err)
		}
	}
}

func TestSections(t *testing.T) {
	plain, redis := &cacheSection{}, &struct{ Addr string }{"localhost"}
	sections := configfile.Sections(
		module.Descriptor{Name: "plain", Config: plain}, module.Descriptor{Name: "nothing"},
		module.Descriptor{Name: "cache", OneOf: []module.Descriptor{{Name: "memory"}, {Name: "redis", Config: redis}}},
	)
	if len(sections) != 3 || sections["plain"] != plain || sections["cache.redis"] != redis {
		t.Errorf("%v", sections)
	}
	tree, err := configfile.Load(t.Context(), configfile.Options{Sections: sections, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"cache.backend": `"memory"`, "cache.redis.addr": `"localhost"`} {
		if all := tree.Explain(key); len(all) != 1 || all[0].Said[0].Value != want {
			t.Errorf("%s: %+v", key, all)
		}
	}
	if _, ok := tree.Lookup("cache"); ok {
		t.Error("the defaults of sections are settings")
	}
}

// Defaults inside lists and maps of structs are shown, and their secrets are not.
func TestDefaultsAtEveryDepth(t *testing.T) {
	type item struct {
		Name   string
		Ticket config.Secret[[]byte]
		PIN    config.Secret[int] `config:"pin"`
		Next   *item
	}
	section := &struct {
		Items   []item
		Pointed []*item
		ByName  map[string]item
		Plain   map[string]bool
		Addr    netip.Addr
		Broken  broken
		Ratios  []float64
		NaN     float64 `config:"nan"`
		Raw     []byte
		Any     any
		Big     uint64
	}{
		Items:   []item{{Name: "a", Ticket: config.NewSecret([]byte("hunter2")), PIN: config.NewSecret(1234), Next: &item{}}, {}},
		Pointed: []*item{{Name: "p"}, nil}, ByName: map[string]item{"x": {Name: "b", Ticket: config.NewSecret([]byte("hunter2"))}},
		Plain: map[string]bool{"on": true}, Addr: netip.IPv6Loopback(), Ratios: []float64{0.5, 2}, NaN: math.NaN(), Raw: []byte("raw"), Any: map[string]any{"k": 1}, Big: math.MaxUint64,
	}
	tree := mustLoad(t, `{"s": {"by_name": {"y": {"ticket": "hunter2"}}}}`, configfile.Options{
		EnvPrefix: "LEX", Environ: []string{"LEX_S__ITEMS__0__NAME=c"}, Sections: map[string]any{"s": section},
	})
	shows(t, tree, nil, "hunter2", "1234")
	text, err := json.Marshal(tree)
	want := `{"s":{"addr":"::1","any":{"k":1},"by_name":{"x":{"name":"b","ticket":"***"},"y":{"ticket":"***"}},"items":[{"name":"c","pin":"***","ticket":"***"},{"name":""}],"plain":{"on":true},"pointed":[{"name":"p"},null],"ratios":[0.5,2],"raw":"raw"}}`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v, want\n%s", text, err, want)
	}
	if _, err := configfile.EnvVars("LEX", map[string]any{"s": section}); err != nil {
		t.Error(err)
	}
}

// broken cannot say what it is.
type broken struct{}

func (broken) MarshalText() ([]byte, error) { panic("in MarshalText") }
func (*broken) UnmarshalText([]byte) error  { return nil }
