package container_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it); got\n%s", path, got)
	}
}

// shopGraph has every kind of node and edge.
func shopGraph(t *testing.T, module, provider, name string) container.Graph {
	t.Helper()
	parent := container.New()
	must(t, di.Value(parent, 7, di.Named("of the parent")),
		di.Transient(parent, newBool, di.Needs(di.KeyOf[int]("of the parent"))), parent.Freeze())
	c := parent.Child()
	sql := c.Module("sql", keys(dbKey), nil).Provider("sqlite")
	shop := c.Module(module, keys(ordersKey), keys(di.Optional(dbKey), di.KeyOf[*db]("*"), di.KeyOf[bool]())).Provider(provider)
	must(t,
		di.Value(sql, &db{}),
		di.Scoped(shop, newOrders, di.Needs(di.Optional(dbKey), di.KeyOf[bool]())),
		di.Singleton(shop, newOrders, di.Named(name), di.Needs(di.KeyOf[*db]("*"))))
	shop.Consumer(di.KeyOf[*orders](name))
	c.Unit("import", ordersKey)
	must(t, c.Freeze())
	return c.Graph()
}

func TestGraphForms(t *testing.T) {
	g := shopGraph(t, "shop", "orders", "late")
	golden(t, "graph.txt", g.String())
	golden(t, "graph.dot", g.DOT())
	golden(t, "graph.mmd", g.Mermaid())
	text, err := json.MarshalIndent(g, "", "  ")
	must(t, err)
	golden(t, "graph.json", string(text)+"\n")
}

// Whoever reads the JSON needs no Go types; ids are places in the list.
func TestGraphJSON(t *testing.T) {
	text, err := json.Marshal(shopGraph(t, "shop", "orders", "late"))
	must(t, err)
	var got struct {
		Schema string
		Nodes  []map[string]any
	}
	must(t, json.Unmarshal(text, &got))
	if got.Schema != container.GraphSchema || len(got.Nodes) != 7 {
		t.Fatalf("got %s", text)
	}
	kinds := map[any]int{}
	for i, n := range got.Nodes {
		if n["id"] != float64(i) || len(n) != 14 {
			t.Errorf("node %d is %v", i, n)
		}
		kinds[n["kind"]]++
	}
	if kinds["service"] != 5 || kinds["boot"] != 1 || kinds["unit"] != 1 {
		t.Errorf("kinds %v", kinds)
	}
	text, err = json.Marshal(container.New().Graph())
	if want := `{"schema":"lexigram-graph/1","nodes":[]}`; err != nil || string(text) != want {
		t.Errorf("an empty graph is %s, %v", text, err)
	}
}

func TestGraphPage(t *testing.T) {
	page := shopGraph(t, "shop", "orders", "late").HTML("Shop & Söhne")
	for _, text := range []string{
		"<title>Shop &amp; Söhne</title>", "5 services in 2 modules", "*container_test.orders &#34;late&#34;",
		`class="line optional"`, `class="line collected"`, "of the parent", "default-src &#39;none&#39;",
	} {
		if !strings.Contains(page, text) && !strings.Contains(page, strings.ReplaceAll(text, "&#39;", "'")) {
			t.Errorf("the page lacks %q", text)
		}
	}
	for _, text := range []string{"http://", "https://", "src=", "@import", " style=", " onclick="} {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
	if page := container.New().Graph().HTML(""); !strings.Contains(page, "0 services in 0 modules") {
		t.Error("the page of an empty graph says something else")
	}
}

// FuzzGraphNames gives modules, providers and services names that look like
// markup: the page and the charts have the structure that they have with plain names.
func FuzzGraphNames(f *testing.F) {
	f.Add(`</text><script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus='alert(1)`)
	f.Add("</title>", "</style>", "<!--")
	f.Add("a\"] --> b[\"", "x`y`", "end\n  subgraph z")
	f.Add("\u202eevil\x00", "\xff\xfe", "&lt;b&gt;")
	f.Add(`\`, `\"`, `\N`)
	f.Fuzz(func(t *testing.T, module, provider, name string) {
		if module == "sql" || module == "" || name == "" || name == "*" || strings.HasSuffix(name, "?") {
			return // another graph
		}
		plain, hostile := shopGraph(t, "shop", "orders", "late"), shopGraph(t, module, provider, name)
		for _, mark := range []string{"<", ">", `"`, "\n"} {
			want, got := strings.Count(plain.HTML("x"), mark), strings.Count(hostile.HTML(name), mark)
			if got != want {
				t.Errorf("the page has %d times %q, and %d with plain names", got, mark, want)
			}
		}
		for _, mark := range []string{`"`, "`", "\n", "-->", "<"} {
			want, got := strings.Count(plain.Mermaid(), mark), strings.Count(hostile.Mermaid(), mark)
			if got != want {
				t.Errorf("the chart has %d times %q, and %d with plain names:\n%s", got, mark, want, hostile.Mermaid())
			}
		}
		quotes := func(g container.Graph) int {
			return strings.Count(strings.NewReplacer(`\\`, "", `\"`, "").Replace(g.DOT()), `"`)
		}
		if quotes(hostile) != quotes(plain) || strings.Count(hostile.DOT(), "\n") != strings.Count(plain.DOT(), "\n") {
			t.Errorf("the DOT is\n%s", hostile.DOT())
		}
		if text, err := json.Marshal(hostile); err != nil || !json.Valid(text) {
			t.Errorf("the JSON is %s, %v", text, err)
		}
	})
}
