package tomlconfig_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/config/configtest"
	"github.com/lexigram/lexigram-go/core/tomlconfig"
)

func docs(all ...string) (list [][]byte) {
	for _, s := range all {
		list = append(list, []byte(s))
	}
	return list
}

var samples = configtest.Samples{
	Values: []byte(`# sample
text = "hello"
digits = "8080"
yes = true
no = false
port = 8080
large = 9007199254740993
ratio = 0.5
list = [1, "two", [3]]
nested = {a = {b = "ü"}}
`),
	Begins:    2,
	NoNull:    true,
	Duplicate: []byte("[a]\nb = 1\nb = 2\n"),
	Malformed: docs("a", "a =", "a = x", "a = 'x", "a = [1", "a = {b = 1", "a = 1 b = 2", "= 1", "[a", "[a]\n[a]\n", "a = 1\n[a]\n", "a.b = 1\n[a]\n", "a = {b = 1}\na.c = 2\n", "[[a]]\n[a]\n",
		"a = [1]\n[[a]]\n", "a = \"\\z\"", "a = \"\x00\"", "a = \xff", "a = 01", "a = 1__0", "a = {b = 1, b = 2}", "a.b = 1\na.b.c = 2\n", strings.Repeat("a = [", 20_000)),
	Refused: docs("a = nan", "a = -inf", "a = 1e999", "a = 9223372036854775808", "a = 2026-01-02", "a = 10:00:00", "a = 2026-01-02T10:00:00Z", "a = 2026-01-02T10:00:00", "a = [{b = [inf]}]",
		"a = "+strings.Repeat("[", 100)+strings.Repeat("]", 100), "["+strings.Repeat("a.", 100)+"a]", "a = ["+strings.Repeat("1,", 1<<16)+"1]"),
	Empty: docs("\n\n", "# nothing\n", "\r\n"),
}

func TestConformance(t *testing.T) { configtest.RunFormat(t, tomlconfig.Format{}, samples) }

func FuzzParse(f *testing.F) { configtest.Fuzz(f, tomlconfig.Format{}, samples) }

// outlined writes a node with its lines.
func outlined(n *config.Node) string {
	switch n.Type {
	case config.Map:
		var parts []string
		for _, e := range n.Map {
			parts = append(parts, fmt.Sprintf("%s:%d=%s", e.Key, e.Line, outlined(e.Value)))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case config.List:
		var parts []string
		for _, e := range n.List {
			parts = append(parts, fmt.Sprintf("%d:%s", e.Line, outlined(e)))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(n.Scalar)
}

func TestTables(t *testing.T) {
	for doc, want := range map[string]string{
		"a.b.c = 1\na.b.d = 2\n":                                               "{a:1={b:1={c:1=1 d:2=2}}}",
		"x = 1\n[a]\nb = 1\n\n[a.c]\nd = 2\n[e.f]\n":                           "{x:1=1 a:2={b:3=1 c:5={d:6=2}} e:7={f:7={}}}",
		"[a.b]\nc = 1\n[a]\nd = 2\n":                                           "{a:1={b:1={c:2=1} d:4=2}}",
		"[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\nf=4":               "{a:1=[1:{b:2=1} 3:{b:4=2 c:5={d:6=3} e:7=[7:{f:8=4}]}]}",
		"a = [\n1,\n[\n2],\n{b = 3},\n]\nc = '''\nx\ny'''\nd = 4":              "{a:1=[2:1 1:[4:2] 5:{b:5=3}] c:7=x\ny d:10=4}",
		"a = {\nb = 1,\nc.d = 2}\n":                                            "{a:1={b:2=1 c:3={d:3=2}}}",
		"\"a.b\".'c d' = 1\n\"\" = 2\nü = 3":                                   "",
		"\"a.b\".'c d' = 1\n\"\" = 2\n":                                        "{a.b:1={c d:1=1} :2=2}",
		"a = 0x1F\nb = 0o17\nc = 0b11\nd = 1_000\ne = -1.5e2\nf = +3\r\ng = 1": "{a:1=31 b:2=15 c:3=3 d:4=1000 e:5=-150 f:6=3 g:7=1}",
	} {
		root, err := tomlconfig.Format{}.Parse([]byte(doc))
		if want == "" {
			if !errors.Is(err, config.ErrSyntax) {
				t.Errorf("%q: %v", doc, err)
			}
			continue
		}
		if err != nil || outlined(root) != want {
			t.Errorf("%q: %v\n", doc, err)
			if err == nil {
				t.Errorf("is   %s\nwant %s", outlined(root), want)
			}
		}
	}
}

func TestErrorsNameTheLineAndKey(t *testing.T) {
	for doc, want := range map[string]string{
		"[a]\nb = 1\n\nb = 2":                  "line 4: a.b: given twice",
		"x = 1\n[a.b]\n[c]\nd.e = 1\nd.e = 2":  "line 5: c.d.e: given twice",
		"[a]\n[b]\n[a]\n":                      "line 3: a: given twice",
		"[[a]]\n[a.b]\n[a.b]\n":                "line 3: a[0].b: given twice",
		"a = 1\n[a]\n":                         "line 2: a: given twice",
		"a = [\n1,\n2":                         "line 3: array is incomplete",
		"[s]\na = 2026-01-02":                  "line 2: s.a: is a date or time",
		"[[s]]\nx = 1\n[[s]]\na = [1.0,\nnan]": "line 5: s[1].a[1]: is no finite number",
		"a = \"x":                              "line 1: ",
		"a = 1\n[a.b]\n":                       "line 2: a: is a value, so it cannot be a table",
		"a = 01":                               "line 1: integers cannot have leading zeroes",
		"a = [1]\n\n[[a]]":                     "line 3: a: given twice, and not as [[a]] before",
		"a = {b.c = 1, b.c = 2}":               "line 1: a.b.c: given twice",
		"a = 1\n\xff":                          "line 2: is not UTF-8",
		"a = 1e999":                            "line 1: a: is too large a number",
	} {
		_, err := tomlconfig.Format{}.Parse([]byte(doc))
		if !errors.Is(err, config.ErrSyntax) || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "1e999") {
			t.Errorf("%q: %v, want %q", doc, err, want)
		}
	}
}
