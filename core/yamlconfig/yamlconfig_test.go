package yamlconfig_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/config/configtest"
	"github.com/lexigram/lexigram-go/core/yamlconfig"
)

func docs(all ...string) (list [][]byte) {
	for _, s := range all {
		list = append(list, []byte(s))
	}
	return list
}

// laughs doubles a list ten thousand times over.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [", i, i)
		b.WriteString(strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
		b.WriteString("]\n")
	}
	return b.String()
}

var samples = configtest.Samples{
	Values: []byte(`# sample
text: hello
digits: "8080"
yes: true
no: false
port: 8080
large: 9007199254740993
ratio: 0.5
none: null
list: [1, two, [3]]
nested: {a: {b: ü}}
`),
	Begins:    2,
	Duplicate: []byte("a:\n  b: 1\n  b: 2\n"),
	Malformed: docs("a: [1", "a: {b: 1", "a: b: c", "a: \"x", "\t- a", "a: *nowhere", "a: 1\n b: 2\n", "%YAML 1.2\n", "a: \x00", "a: \xff", "- a\nb: c"),
	Refused: docs("- a\n- b\n", "just text", "null", "~", "a: 1\n---\nb: 2\n", "a: .inf", "a: -.Inf", "a: .nan", "a: 1e999", "a: 9223372036854775808", "a: 0xffffffffffffffffff",
		"? [a, b]\n: 1\n", "? {a: 1}\n: 1\n", "<<: {a: 1}\n", "b: &b {x: 1}\na:\n  <<: *b\n", "a: !!binary aGk=", "a: !mine x", "a: !!set {x}", "a: !!int x", "a: !!bool 1",
		"a: &a [*a]", "a: &a {b: *a}", "a: !!timestamp 2026-01-01", "!!int 1: x", ": 1", laughs(), "a: "+strings.Repeat("[", 100)+strings.Repeat("]", 100)),
	Empty: docs("\n\n", "# nothing\n", "---\n", "---\n# nothing\n...\n", "{}"),
}

func TestConformance(t *testing.T) { configtest.RunFormat(t, yamlconfig.Format{}, samples) }

func FuzzParse(f *testing.F) { configtest.Fuzz(f, yamlconfig.Format{}, samples) }

func TestScalars(t *testing.T) {
	for text, want := range map[string]any{
		"yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y", "NO": "NO",
		"true": true, "True": true, "TRUE": true, "tRUE": "tRUE", "false": false,
		"null": nil, "~": nil, "": nil, "nil": "nil",
		"0": int64(0), "010": int64(10), "0o10": int64(8), "0x1F": int64(31), "+5": int64(5), "-5": int64(-5), "0b11": "0b11",
		"1_000": "1_000", "12:30": "12:30", "2026-01-02": "2026-01-02", "1.5": 1.5, ".5": 0.5, "5.": 5.0, "1e3": 1000.0, "-1.5E-2": -0.015,
		"1.2.3": "1.2.3", "0x": "0x", "5m": "5m", "=": "=", "9223372036854775807": int64(9223372036854775807),
		`"true"`: "true", `'1'`: "1", "!!str 1": "1", "!!int 0x10": int64(16), "!!float 1": 1.0, "!!null ~": nil, "!!bool true": true,
		"|\n  a\n  b\n": "a\nb\n", ">-\n  a\n  b\n": "a b", `"\u00fc"`: "ü",
	} {
		root, err := yamlconfig.Format{}.Parse([]byte("a: " + text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := root.Map[0].Value.Scalar; got != want {
			t.Errorf("%q = %#v, want %#v", text, got, want)
		}
	}
}

func TestKeysAndAliases(t *testing.T) {
	root, err := yamlconfig.Format{}.Parse([]byte("8080: a\ntrue: b\n\"\": c\n\"<<\": d\nbase: &b {x: [1, 2]}\ncopy: *b\nkey: &k name\n*k : e\n"))
	if err == nil {
		t.Fatalf("an alias as a key passes: %+v", root)
	}
	root, err = yamlconfig.Format{}.Parse([]byte("8080: a\ntrue: b\n\"\": c\n\"<<\": d\nbase: &b {x: [1, 2]}\ncopy: *b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"8080", "true", "", "<<", "base", "copy"} {
		if root.Map[i].Key != want {
			t.Errorf("key %d = %q, want %q", i, root.Map[i].Key, want)
		}
	}
	if n := root.Map[5].Value; n.Type != config.Map || n.Map[0].Value.List[1].Scalar != int64(2) {
		t.Errorf("the alias is %+v", n)
	}
}

// TestErrorsShowNoPassword: one that begins with * or ! and is not quoted is an alias or a tag.
func TestErrorsShowNoPassword(t *testing.T) {
	for _, doc := range []string{"password: *hunter2", "password: !hunter2 x", "password: !hunter2", "password: !!hunter2", "password: !hunter2 [a]", "password: !hunter2 {a: 1}", "!hunter2 k: 1", "password: !<hunter2> x"} {
		_, err := yamlconfig.Format{}.Parse([]byte(doc))
		if !errors.Is(err, config.ErrSyntax) || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "quote") && !strings.Contains(err.Error(), "key") {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

func TestErrorsNameTheLineAndKey(t *testing.T) {
	for doc, want := range map[string]string{
		"a:\n  b: [1,\n  c: 2\n":    "line ",
		"a:\n  b: .inf\n":           "line 2: a.b: is no finite number",
		"a:\n- 1\n- !mine x\n":      "line 3: a[1]: has a tag, which configuration does not use; quote",
		"a: 1\n---\nb: 1\n":         "second document",
		"x: &a {y: *a}\n":           "line 1: x.y: the alias *a contains itself",
		"a: 1\nb:\n  <<: {c: 1}\n":  "line 3: b.<<: the merge key",
		"a: \"unterminated\n\nb: 1": "line ",
	} {
		_, err := yamlconfig.Format{}.Parse([]byte(doc))
		if !errors.Is(err, config.ErrSyntax) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", doc, err, want)
		}
	}
}
