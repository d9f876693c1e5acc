package jsoncodec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/codec/codectest"
	"github.com/lexigram/lexigram-go/core/jsoncodec"
)

func TestConformance(t *testing.T) {
	codectest.Run(t, func(*testing.T) codec.Codec { return jsoncodec.Codec{} })
	codectest.RunText(t, func(*testing.T) codec.StringCodec { return codec.Text(jsoncodec.Codec{}) })
}

func TestStrict(t *testing.T) {
	type target struct {
		A int            `json:"a"`
		M map[string]any `json:"m"`
	}
	var c jsoncodec.Codec
	for text, want := range map[string]string{
		`{"a":1,"b":2}`:                        "unknown field",
		`{"a":1,"a":2}`:                        `name "a" twice`,
		`{"a":1,"\u0061":2}`:                   `name "a" twice`,
		`{"m":{"x":{"y":1,"z":[],"y":{}}}}`:    `name "y" twice`,
		`{"m":{"x":[[{"k\"}":1,"k\"}":1}]]}}`:  `name "k\"}" twice`,
		`{"a":1} {"a":2}`:                      "something follows",
		`{"a":1}]`:                             "something follows",
		"{\"m\":{\"x\":\"\xff\"}}":             "not UTF-8",
		`{"a":"1"}`:                            "cannot unmarshal string",
		`{"a":1.5}`:                            "cannot unmarshal number",
		`{"a":1`:                               "unexpected EOF",
		strings.Repeat("[", 20_000):            "",
		`{"a":99999999999999999999}`:           "cannot unmarshal number",
		`{'a':1}`:                              "invalid character",
		`{"m":{"x":1e999}}`:                    "cannot unmarshal number",
		`{"m":{"":1,"":2}}`:                    `name "" twice`,
		`{"m":{"x":"\\","y":"a","x":"\"x\""}}`: `name "x" twice`,
	} {
		if err := c.Unmarshal([]byte(text), new(target)); !errors.Is(err, codec.ErrData) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40s: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{
		`{"a":1,"m":{"a":{"a":1},"b":{"a":1}}}`, `{"m":{"l":[{"a":1},{"a":1},"a","a"],"a":"a"}}`, ` {"a" : 1 } `, `{"m":{"a":1,"A":2}}`, `null`, `{}`,
	} {
		if err := c.Unmarshal([]byte(text), new(target)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestManyNames is about objects that keep their names in a map.
func TestManyNames(t *testing.T) {
	object := func(n int, more string) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":{"k%d":%d},`, i, i, i)
		}
		return []byte(`{"before":{"k1":1},` + b.String() + more + `}`)
	}
	for n := range 40 {
		if err := (jsoncodec.Codec{}).Unmarshal(object(n, `"last":1`), new(map[string]any)); err != nil {
			t.Errorf("%d names: %v", n, err)
		}
		for i := range n {
			twice := fmt.Sprintf(`"k%d":1`, i)
			if err := (jsoncodec.Codec{}).Unmarshal(object(n, twice), new(map[string]any)); !errors.Is(err, codec.ErrData) {
				t.Errorf("%d names and %s: %v", n, twice, err)
			}
		}
	}
}

// TestNamesInEitherCase: two names that encoding/json reads into one field are one name.
func TestNamesInEitherCase(t *testing.T) {
	type user struct {
		Role, Status string
		Born         time.Time
		Friends      []*user
		seen         map[string]bool
	}
	var many strings.Builder
	for i := range 20 {
		fmt.Fprintf(&many, `"x%d":1,`, i)
	}
	lax, err := jsoncodec.New(jsoncodec.Options{AllowUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`{"role":"user","Role":"admin"}`, "{\"Status\":\"a\",\"\u017ftatus\":\"b\"}", `{"friends":[{"role":"a"},{"role":"a","ROLE":"b"}]}`,
		"{" + many.String() + `"role":"user","Role":"admin"}`,
	} {
		if err := lax.Unmarshal([]byte(text), &user{}); !errors.Is(err, codec.ErrData) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, into := range []any{new(map[string]string), new(any), &struct{ M map[string]string }{}, new(json.RawMessage)} {
		if err := lax.Unmarshal([]byte(`{"m":{"a":"1","A":"2"}}`), into); err != nil && !strings.Contains(err.Error(), "into Go value of type string") {
			t.Errorf("%T: %v", into, err)
		}
	}
	_ = user{}.seen
}

func TestAllowUnknown(t *testing.T) {
	c, err := jsoncodec.New(jsoncodec.Options{AllowUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ A int }
	if err := c.Unmarshal([]byte(`{"a":1,"b":{"c":2}}`), &v); err != nil || v.A != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := c.Unmarshal([]byte(`{"a":1,"b":2,"b":3}`), &v); !errors.Is(err, codec.ErrData) {
		t.Errorf("a name twice: %v", err)
	}
}

func TestSize(t *testing.T) {
	c, err := jsoncodec.New(jsoncodec.Options{MaxSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	eight, nine := strings.Repeat("x", 8), strings.Repeat("x", 9)
	if data, err := c.Marshal(eight); err != nil || len(data) != 10 {
		t.Errorf("%s, %v", data, err)
	}
	if data, err := c.Marshal(nine); data != nil || !errors.Is(err, codec.ErrValue) {
		t.Errorf("%s, %v", data, err)
	}
	var s string
	if err := c.Unmarshal([]byte(`"`+eight+`"`), &s); err != nil {
		t.Error(err)
	}
	if err := c.Unmarshal([]byte(`"`+nine+`"`), &s); !errors.Is(err, codec.ErrData) || s != eight {
		t.Errorf("%s, %v", s, err)
	}
	if _, err := jsoncodec.New(jsoncodec.Options{MaxSize: -1}); !errors.Is(err, codec.Err) || !strings.Contains(err.Error(), "max_size is negative") {
		t.Error(err)
	}
}

func TestMarshal(t *testing.T) {
	var c jsoncodec.Codec
	if data, err := c.Marshal(map[string]string{"b": "<&>", "a": "\u2028"}); err != nil || string(data) != `{"a":"\u2028","b":"<&>"}` {
		t.Errorf("%s, %v", data, err)
	}
	for _, v := range []any{math.NaN(), math.Inf(1), func() {}, map[bool]int{true: 1}} {
		if data, err := c.Marshal(v); data != nil || !errors.Is(err, codec.ErrValue) {
			t.Errorf("%v: %s, %v", v, data, err)
		}
	}
}

// hasDuplicate finds what Codec refuses, by tokens.
func hasDuplicate(d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	found := false
	switch token {
	case json.Delim('{'):
		names := map[any]bool{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return found
			}
			found = found || names[name]
			names[name] = true
			found = hasDuplicate(d) || found
		}
		_, _ = d.Token()
	case json.Delim('['):
		for d.More() {
			found = hasDuplicate(d) || found
		}
		_, _ = d.Token()
	}
	return found
}

func FuzzUnmarshal(f *testing.F) {
	for _, seed := range []string{`{"a":1,"a":2}`, `[{"a":[1,{"a":"\"a\\"}]},"a",null]`, `{"\u0061":1,"a":2}`, `{"":{},"":[]}`, "\xff", `1 2`, `{`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c jsoncodec.Codec
		var v any
		err := c.Unmarshal(data, &v)
		if err != nil {
			if !errors.Is(err, codec.ErrData) {
				t.Fatal(err)
			}
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is taken and not valid", data)
		}
		if hasDuplicate(json.NewDecoder(bytes.NewReader(data))) {
			t.Fatalf("%q has a name twice", data)
		}
		again, err := c.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := codec.Decode[any](c, again); err != nil || !reflect.DeepEqual(back, v) {
			t.Fatalf("%q: %v became %v, %v", data, v, back, err)
		}
	})
}

func BenchmarkUnmarshal(b *testing.B) {
	data := []byte(`{"id":42,"name":"Ada Lovelace","tags":["a","b"],"extra":{"k":"v","l":"w"},"at":"2026-01-02T03:04:05Z"}`)
	type target struct {
		ID    int64
		Name  string
		Tags  []string
		Extra map[string]string
		At    string
	}
	b.Run("strict", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := (jsoncodec.Codec{}).Unmarshal(data, new(target)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(data, new(target)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
