package configfile_test

import (
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type embedded struct{ Inline string }

type everything struct {
	embedded
	Text     string
	Flag     bool
	Small    int8
	Big      uint64
	Ratio    float64
	Wait     time.Duration
	Size     config.Size
	Addr     netip.Addr
	Password config.Secret[string]
	KeyBytes *config.Secret[[]byte] `config:"key_bytes"`
	Raw      []byte
	Any      any
	List     []string
	Waits    []time.Duration
	Map      map[string]int
	Nested   struct{ HTTPAddr string }
	Pointer  *struct{ X int }
	Sections map[string]struct{ URL string }
	Renamed  string `config:"other"`
	Skipped  func() `config:"-"`
	private  int
}

func TestDecodeEverything(t *testing.T) {
	tree := mustLoad(t, `{"s": {
"inline": "i", "text": "t", "flag": true, "small": -128, "big": 9223372036854775807, "ratio": 1, "wait": "1m30s", "size": "64MiB", "addr": "::1",
"password": "p", "key_bytes": "k", "raw": "r", "any": {"a": [1]}, "list": ["a", "b"], "waits": ["1d12h30m", 0], "map": {"x": 1}, "nested": {"http_addr": "h"},
"pointer": {"x": 2}, "sections": {"one": {"url": "u"}, "Two.x": {}}, "other": "o"
}}`, configfile.Options{})
	defaults := everything{Map: map[string]int{"x": 0, "y": 9}, List: []string{"d", "e", "f"}, private: 7}
	got, err := config.Section(tree, "s", defaults)
	if err != nil {
		t.Fatal(err)
	}
	if got.Inline != "i" || got.Text != "t" || !got.Flag || got.Small != -128 || got.Big != 9223372036854775807 || got.Ratio != 1 || got.Wait != 90*time.Second ||
		got.Size != 64<<20 || got.Addr != netip.IPv6Loopback() || got.Password.Reveal() != "p" || string(got.KeyBytes.Reveal()) != "k" ||
		string(got.Raw) != "r" || !reflect.DeepEqual(got.Any, map[string]any{"a": []any{int64(1)}}) || !reflect.DeepEqual(got.List, []string{"a", "b"}) ||
		!reflect.DeepEqual(got.Waits, []time.Duration{36*time.Hour + 30*time.Minute, 0}) || !reflect.DeepEqual(got.Map, map[string]int{"x": 1, "y": 9}) || got.Nested.HTTPAddr != "h" ||
		got.Pointer.X != 2 || got.Sections["one"].URL != "u" || len(got.Sections) != 2 || got.Renamed != "o" || got.private != 7 {
		t.Errorf("%+v", got)
	}
	if defaults.Map["x"] != 0 {
		t.Error("the caller's default map was changed")
	}
}

func TestDecodeText(t *testing.T) {
	tree := mustLoad(t, `{"s": {"small": "${SMALL}", "sections": {"one": {}}}}`, configfile.Options{
		EnvPrefix: "LEX",
		Environ: []string{
			"SMALL=5", "LEX_S__TEXT=123", "LEX_S__FLAG=Yes", "LEX_S__BIG=18446744073709551615", "LEX_S__RATIO=1e3", "LEX_S__WAIT=2s", "LEX_S__SIZE=1KiB", "LEX_S__ADDR=10.0.0.1",
			"LEX_S__PASSWORD=p", "LEX_S__LIST=a, b ,c", "LEX_S__WAITS=1s,2s", "LEX_S__MAP__X=7", "LEX_S__NESTED__HTTP_ADDR=h", "LEX_S__POINTER__X=3", "LEX_S__RAW=1,2",
			"LEX_S__SECTIONS__ONE__URL=u",
		},
		Overrides: map[string]any{"s.other": configfile.Text("9")},
	})
	got, err := config.Section(tree, "s", everything{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Small != 5 || got.Text != "123" || !got.Flag || got.Big != 1<<64-1 || got.Ratio != 1000 || got.Wait != 2*time.Second || got.Size != 1024 ||
		got.Password.Reveal() != "p" || !reflect.DeepEqual(got.List, []string{"a", "b", "c"}) || len(got.Waits) != 2 || got.Map["x"] != 7 ||
		got.Nested.HTTPAddr != "h" || got.Pointer.X != 3 || string(got.Raw) != "1,2" || got.Sections["one"].URL != "u" || got.Renamed != "9" {
		t.Errorf("%+v", got)
	}
	for text, want := range map[string][]string{"": {}, " ": {}, "a": {"a"}, "a,": {"a", ""}} {
		got, err := config.Section(mustLoad(t, "{}", configfile.Options{EnvPrefix: "X", Environ: []string{"X_S__LIST=" + text}}), "s", everything{})
		if err != nil || !reflect.DeepEqual(got.List, want) {
			t.Errorf("%q is the list %q, %v", text, got.List, err)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for field, want := range map[string]string{
		`"text": 1`:                        "s.text: is an integer, want a string",
		`"text": null`:                     "s.text: is null",
		`"flag": "true"`:                   "s.flag: is a string, want true or false",
		`"flag": 1`:                        "s.flag: is an integer, want true or false",
		`"small": 128`:                     `s.small: "128" is not within the range of int8`,
		`"small": 1.5`:                     "s.small: is a fraction, want an integer",
		`"small": "1"`:                     "s.small: is a string, want an integer",
		`"big": -1`:                        "s.big: \"-1\" is not within the range of uint64",
		`"ratio": "1"`:                     "s.ratio: is a string, want a number",
		`"wait": 30`:                       "s.wait: is an integer, want a duration such as 1d12h30m",
		`"wait": "30"`:                     `s.wait: "30" is not a duration such as 1d12h30m`,
		`"size": "64 MegaBytes"`:           `s.size: size "64 MegaBytes" is not a number of bytes`,
		`"size": 1.5`:                      "s.size: is a fraction, want a string",
		`"addr": "x"`:                      "s.addr: ParseAddr",
		`"addr": null`:                     "s.addr: is null",
		`"password": 1`:                    "s.password: is an integer, want a string",
		`"password": {}`:                   "s.password: is a mapping, want a string",
		`"list": "a,b"`:                    "s.list: is a string, want a list",
		`"list": ["a", 1]`:                 "s.list[1]: is an integer, want a string",
		`"map": {"x": "y"}`:                "s.map.x: is a string, want an integer",
		`"map": []`:                        "s.map: is a list, want a mapping",
		`"nested": 1`:                      "s.nested: is an integer, want a mapping",
		`"nested": {"http_adr": ""}`:       `s.nested.http_adr: unknown key (did you mean "http_addr"?)`,
		`"pointer": {"y": 1}`:              "s.pointer.y: unknown key",
		`"sections": {"one": {"uri": ""}}`: `s.sections.one.uri: unknown key (did you mean "url"?)`,
		`"zebra": 1`:                       "s.zebra: unknown key; valid are addr, any,",
		`"skipped": 1`:                     "s.skipped: unknown key",
		`"private": 1`:                     "s.private: unknown key",
		`"embedded": {}`:                   "s.embedded: unknown key",
		`"Text": "x"`:                      `s.Text: unknown key (did you mean "text"?)`,
	} {
		var got everything
		err := mustLoad(t, "{\n\"s\": {\n"+field+"}}", configfile.Options{}).Decode("s", &got)
		if err == nil || !strings.Contains(err.Error(), "app.json:3: "+want) {
			t.Errorf("%s: %v, want %q", field, err, want)
		}
		k, ok := errors.AsType[*config.KeyError](err)
		if !ok || !errors.Is(err, config.ErrUnknown) && !errors.Is(err, config.ErrValue) || k.Line != 3 {
			t.Errorf("%s: %#v", field, k)
		}
		if !reflect.DeepEqual(got, everything{}) {
			t.Errorf("%s: with an error into became %+v", field, got)
		}
	}
}

func TestDecodeTextErrors(t *testing.T) {
	for name, text := range map[string]string{
		"FLAG": "maybe", "SMALL": "999", "BIG": "-1", "RATIO": "NaN", "WAIT": "x", "SIZE": "x", "ADDR": "x", "WAITS": "1s,x", "MAP__X": "1.5", "NESTED": "x", "POINTER": "x", "MAP": "x",
	} {
		err := mustLoad(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_S__" + name + "=" + text}}).Decode("s", &everything{})
		if !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), "environment variable LEX_S__"+name+": s.") {
			t.Errorf("%s=%s: %v", name, text, err)
		}
	}
}

func TestDecodeReportsEveryProblem(t *testing.T) {
	tree := mustLoad(t, `{"s": {"flag": 1, "wait": 2, "nope": 3, "nested": {"x": 1}, "list": [1, "ok", 2]}}`, configfile.Options{})
	err := tree.Decode("s", &everything{})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 6 {
		t.Fatalf("%v, want 6 problems", err)
	}
	for _, e := range joined.Unwrap() {
		if _, ok := e.(*config.KeyError); !ok {
			t.Errorf("%T: %v", e, e)
		}
	}
}

type pin struct{ digits string }

func (p *pin) UnmarshalText(text []byte) error {
	if string(text) == "panic" {
		panic("in UnmarshalText: " + string(text))
	}
	if len(text) != 4 {
		return errors.New("pin " + string(text) + " has not 4 digits")
	}
	p.digits = string(text)
	return nil
}

func TestErrorsNeverShowSecrets(t *testing.T) {
	type secrets struct {
		A        config.Secret[int]
		B        config.Secret[time.Duration]
		C        config.Secret[pin]
		Password pin
		APIKey   int
		D        config.Secret[bool]
		Tokens   map[string]int `config:"auth"`
		URL      time.Duration
	}
	var environ []string
	for _, name := range []string{"A", "B", "C", "PASSWORD", "API_KEY", "D", "AUTH__X"} {
		environ = append(environ, "LEX_S__"+name+"=hunter2")
	}
	environ = append(environ, "LEX_S__URL=postgres://app:hunter2@db/app")
	err := mustLoad(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: environ}).Decode("s", &secrets{})
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Count(err.Error(), "\n") != 7 {
		t.Errorf("%v", err)
	}
	var got secrets
	if err := mustLoad(t, `{"s": {"c": "1234"}}`, configfile.Options{}).Decode("s", &got); err != nil || got.C.Reveal().digits != "1234" {
		t.Errorf("%v %v", got.C.Reveal(), err)
	}
	if err := mustLoad(t, `{"s": {"password": "panic"}}`, configfile.Options{}).Decode("s", &got); !errors.Is(err, config.ErrValue) || strings.Contains(err.Error(), "in UnmarshalText") {
		t.Errorf("%v", err)
	}
}

func TestNull(t *testing.T) {
	type nullable struct {
		Pointer *int
		Map     map[string]int
		Slice   []int
		Any     any
		Section struct{ X int }
	}
	n := 1
	got := nullable{&n, map[string]int{"a": 1}, []int{1}, 1, struct{ X int }{1}}
	if err := mustLoad(t, `{"s": {"pointer": null, "map": null, "slice": null, "any": null, "section": null}, "n": null}`, configfile.Options{}).Decode("s", &got); err != nil {
		t.Fatal(err)
	}
	if got.Pointer != nil || got.Map != nil || got.Slice != nil || got.Any != nil || got.Section.X != 1 {
		t.Errorf("%+v", got)
	}
	if err := mustLoad(t, `{"n": null}`, configfile.Options{}).Decode("n", &got); err != nil {
		t.Errorf("a null section: %v", err)
	}
}

func TestDecodeMisused(t *testing.T) {
	tree := mustLoad(t, `{"s": {"a": 1, "b": {}}, "n": 1}`, configfile.Options{})
	for name, into := range map[string]any{"nil": nil, "value": everything{}, "nil pointer": (*everything)(nil), "map": &map[string]any{}} {
		if err := tree.Decode("s", into); !errors.Is(err, config.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	type twice struct {
		A string
		B string `config:"a"`
	}
	if err := tree.Decode("s", &twice{}); !errors.Is(err, config.Err) || !strings.Contains(err.Error(), "two fields") {
		t.Errorf("%v", err)
	}
	type channel struct {
		A chan int
		B map[int]string
	}
	if err := tree.Decode("s", &channel{}); !errors.Is(err, config.Err) || strings.Count(err.Error(), "cannot be configured") != 2 {
		t.Errorf("%v", err)
	}
	if err := tree.Decode("n", &everything{}); !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), "n: is an integer, want a mapping") {
		t.Errorf("%v", err)
	}
	if err := tree.Decode("n.deeper.still", &everything{}); !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), ": n: is an integer") {
		t.Errorf("%v", err)
	}
	if err := tree.Decode("absent.at.all", &everything{}); err != nil {
		t.Errorf("%v", err)
	}
}

func TestDecodeRoot(t *testing.T) {
	tree := mustLoad(t, `{"name": "x"}`, configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_ENV=test"}})
	var root struct{ Name string }
	if err := tree.Decode("", &root); err != nil || root.Name != "x" {
		t.Errorf("%+v, %v", root, err)
	}
}

func TestSnakeCase(t *testing.T) {
	type names struct {
		URL, HTTPAddr, UserID, S3Bucket, BusyTimeout, A, MaxIOs, Under_score string
	}
	tree := mustLoad(t, `{"s": {"url":"","http_addr":"","user_id":"","s3_bucket":"","busy_timeout":"","a":"","max_i_os":"","under_score":""}}`, configfile.Options{})
	if err := tree.Decode("s", &names{}); err != nil {
		t.Error(err)
	}
}

func TestTreeConcurrentSafe(t *testing.T) {
	tree := mustLoad(t, `{"s": {"text": "t", "map": {"x": 1}, "list": ["a"]}}`, configfile.Options{})
	defaults := everything{Map: map[string]int{"y": 1}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				got, err := config.Section(tree, "s", defaults)
				if err != nil || got.Map["x"] != 1 {
					t.Error(got, err)
				}
				got.Map["x"] = 2
				tree.Lookup("")
			}
		})
	}
	wg.Wait()
}

func BenchmarkSection(b *testing.B) {
	tree, err := configfile.Load(b.Context(), configfile.Options{Overrides: map[string]any{"s.text": "t", "s.wait": "1s", "s.list": []string{"a", "b"}}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := config.Section(tree, "s", everything{}); err != nil {
			b.Fatal(err)
		}
	}
}
