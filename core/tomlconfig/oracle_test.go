package tomlconfig_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/tomlconfig"
)

// plain returns a node as the decoder would.
func plain(n *config.Node) any {
	switch n.Type {
	case config.Map:
		m := map[string]any{}
		for _, e := range n.Map {
			m[e.Key] = plain(e.Value)
		}
		return m
	case config.List:
		list := []any{}
		for _, e := range n.List {
			list = append(list, plain(e))
		}
		return list
	}
	return n.Scalar
}

// agrees checks that a document means what the parser's own decoder says, but
// for what configuration does not hold.
func agrees(doc []byte) error {
	var want map[string]any
	decodeErr := toml.Unmarshal(doc, &want)
	root, err := tomlconfig.Format{}.Parse(doc)
	switch {
	case decodeErr != nil && err == nil:
		return fmt.Errorf("%q passes: %w", doc, decodeErr)
	case decodeErr != nil:
		return nil
	case err != nil:
		for _, ours := range []string{"date or time", "finite", "deeper", "more than", "UTF-8"} {
			if strings.Contains(err.Error(), ours) {
				return nil
			}
		}
		return fmt.Errorf("%q does not pass: %w", doc, err)
	}
	if want == nil {
		want = map[string]any{}
	}
	if got := plain(root); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%q is %v, want %v", doc, got, want)
	}
	return nil
}

func FuzzAgreesWithTheDecoder(f *testing.F) {
	for _, s := range []string{
		"a.b = 1\n[a.c]\nd = 2", "[a.b]\n[a]\nb.c = 1", "[a]\nb.c = 1\n[a.b.d]\n", "[[a.b]]\n[a.b.c]\n[[a.b]]\n[a.b.c]", "[a]\nb = {c = {d = 1}}\n[a.b.c.e]",
		"a = [{b = 1}]\n[a.c]", "[[a]]\n[[a.b]]\n[a.b.c]\n", "[a.b]\n[[a]]", "a = {b.c = 1, b.d = 2}", "a = {b = {c = 1}, b.d = 2}", "a.b.c = 1\na.b = 2",
		"a = 0x_1", "a = +0x1", "a = 1.", "a = 1e_1", "a = -0", "a = +inf", "a = 1_0.0_1e+1_0", `a = "\u00fc\e\x41"`, "'' = ''", "a = '''\n'''",
		"a = [\n# x\n1,\n]", "a = {\n b = 1,\n}", "a = tru", "a = trues",
	} {
		f.Add([]byte(s))
	}
	f.Add(samples.Values)
	for _, doc := range samples.Malformed {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) > 4096 {
			return // the decoder takes a time that grows with the square of the keys
		}
		if err := agrees(doc); err != nil {
			t.Error(err)
		}
	})
}

func TestLargeDocuments(t *testing.T) {
	var keys, headers strings.Builder
	for i := 0; keys.Len() < 1<<20; i++ {
		fmt.Fprintf(&keys, "a%d=1\n", i)
		fmt.Fprintf(&headers, "[a%d]\n", i)
	}
	for _, doc := range []string{keys.String(), headers.String(), strings.Repeat("[[a]]\n", 1<<17), "a = [" + strings.Repeat("1,", 1<<19) + "]"} {
		if _, err := (tomlconfig.Format{}).Parse([]byte(doc)); err == nil || !strings.Contains(err.Error(), "more than 65536 values") {
			t.Errorf("%.20q: %v", doc, err)
		}
	}
}
