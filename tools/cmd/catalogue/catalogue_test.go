package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const head = floorPrefix + "2\n" + columns + "\n"

var good = map[string]string{
	"go.work":          "go 1.26.0\n\nuse (\n\t./contracts\n\t./store\n)\n\nreplace example.com/r/contracts v0.1.0 => ./contracts\n",
	"contracts/go.mod": "module example.com/r/contracts\n\ngo 1.26.0\n",
	"contracts/kv/kv.go": `package kv

import "errors"

type Store interface{ Get(key string) (string, error) }

type Repo[T any] interface{ Find(id string) (T, error) }

type Options struct{ Size int }

var ErrMiss = errors.New("miss")
`,
	"contracts/kv/kvtest/kvtest.go": "package kvtest\n\nimport \"example.com/r/contracts/kv\"\n\nfunc Run(kv.Store) {}\n\ntype Fake struct{}\n\nfunc (Fake) Get(string) (string, error) { return \"\", nil }\n",
	"contracts/kv/other/other.go":   "package other\n",
	"store/go.mod":                  "module example.com/r/store\n\ngo 1.26.0\n\nrequire example.com/r/contracts v0.1.0\n",
	"store/mapkv/mapkv.go": `package mapkv

import "example.com/r/contracts/kv"

type Store struct{}

func (*Store) Get(string) (string, error) { return "", nil }

type Wrong struct{}

func (Wrong) Get(string) string { return "" }

type Without struct{}

type Table[T any] struct{}

func (*Table[T]) Find(string) (t T, err error) { return t, err }

func Open() kv.Store { return &Store{} }

const Size = 1
`,
	"store/mapkv/mapkv_test.go": "package mapkv\n\nimport _ \"example.com/r/contracts/kv/kvtest\"\n",
	"store/lonely/lonely.go":    "package lonely\n\ntype Store struct{}\n\nfunc (Store) Get(string) (string, error) { return \"\", nil }\n",
	"docs/catalogue.tsv": head + "Miss\tcontracts/kv.ErrMiss\t-\t-\n" +
		"RepoProtocol\tcontracts/kv.Repo\tstore/mapkv.Table\tcontracts/kv/kvtest\n" +
		"StoreProtocol\tcontracts/kv.Store\tstore/mapkv.Store,store/mapkv.Open\tcontracts/kv/kvtest\n",
}

var entries = []string{"Miss", "Options", "RepoProtocol", "StoreProtocol"}

func plant(t *testing.T, changes map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files := maps.Clone(good)
	maps.Copy(files, changes)
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGood(t *testing.T) {
	root := plant(t, nil)
	if err := run(t.Context(), root, entries, false); err == nil {
		t.Error("passes without docs/catalogue.md")
	}
	if err := run(t.Context(), root, entries, true); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), root, entries, false); err != nil {
		t.Error(err)
	}
	if tsv := read(t, filepath.Join(root, "docs", "catalogue.tsv")); !strings.HasPrefix(tsv, floorPrefix+"3\n") {
		t.Errorf("the count was not raised:\n%s", tsv)
	}
	page := read(t, filepath.Join(root, "docs", "catalogue.md"))
	for _, want := range []string{"**3 of 4**", "Absent: Options.", "[`mapkv.Store`](../store/mapkv), [`mapkv.Open`](../store/mapkv)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

func TestFalseLines(t *testing.T) {
	const suite = "\tcontracts/kv/kvtest\n"
	rest := strings.TrimPrefix(good["docs/catalogue.tsv"], head)
	for name, tsv := range map[string]string{
		"no head":              rest,
		"no floor":             columns + "\n" + rest,
		"three columns":        head + "Miss\tcontracts/kv.ErrMiss\t-\n",
		"empty column":         head + "Miss\tcontracts/kv.ErrMiss\t\t-\n",
		"count fell":           head + "Miss\tcontracts/kv.ErrMiss\t-\t-\n",
		"unknown entry":        head + rest + "Zebra\tcontracts/kv.Options\t-\t-\n",
		"twice":                head + "Miss\tcontracts/kv.ErrMiss\t-\t-\n" + rest,
		"not sorted":           head + rest + "Options\tcontracts/kv.Options\t-\t-\n",
		"not ours":             strings.Replace(head+rest, "contracts/kv.ErrMiss", "std:io.EOF", 1),
		"no such identifier":   strings.Replace(head+rest, "ErrMiss", "ErrHit", 1),
		"no such package":      strings.Replace(head+rest, "kv.ErrMiss", "vk.ErrMiss", 1),
		"no package":           strings.Replace(head+rest, "contracts/kv.ErrMiss", "ErrMiss", 1),
		"value with impls":     strings.Replace(head+rest, "ErrMiss\t-\t-\n", "ErrMiss\tstore/mapkv.Store"+suite, 1),
		"interface without":    strings.Replace(head+rest, "store/mapkv.Table"+suite, "-\t-\n", 1),
		"no such type":         strings.Replace(head+rest, "mapkv.Table", "mapkv.Chair", 1),
		"lacks a method":       strings.Replace(head+rest, "mapkv.Store", "mapkv.Without", 1),
		"other signature":      strings.Replace(head+rest, "mapkv.Store", "mapkv.Wrong", 1),
		"not generic":          strings.Replace(head+rest, "mapkv.Table", "mapkv.Store", 1),
		"implements itself":    strings.Replace(head+rest, "store/mapkv.Store", "contracts/kv.Store", 1),
		"constant":             strings.Replace(head+rest, "mapkv.Store", "mapkv.Size", 1),
		"a fake":               strings.Replace(head+rest, "store/mapkv.Store", "contracts/kv/kvtest.Fake", 1),
		"no such suite":        strings.ReplaceAll(head+rest, "kvtest", "kvtset"),
		"not a suite":          strings.ReplaceAll(head+rest, "kv/kvtest", "kv/other"),
		"suite does not run":   strings.Replace(head+rest, "mapkv.Store", "lonely.Store", 1),
		"function without one": strings.Replace(head+rest, "store/mapkv.Store", "contracts/kv/kvtest.Run", 1),
	} {
		root := plant(t, map[string]string{"docs/catalogue.tsv": tsv})
		if err := run(t.Context(), root, entries, true); err == nil {
			t.Errorf("%s: passes", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

func TestSupporting(t *testing.T) {
	const rows = supportColumns + "\n" +
		"Disposable\tstd:io.Closer,contracts/kv.Options\tClose releases.\n" +
		"Webhook\t-\tNot there yet.\n"
	root := plant(t, map[string]string{"docs/catalogue.tsv": good["docs/catalogue.tsv"] + rows})
	if err := run(t.Context(), root, entries, true); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), root, entries, false); err != nil {
		t.Error(err)
	}
	if tsv := read(t, filepath.Join(root, "docs", "catalogue.tsv")); !strings.HasPrefix(tsv, floorPrefix+"3\n") || !strings.HasSuffix(tsv, "\n"+rows) {
		t.Errorf("the table became:\n%s", tsv)
	}
	page := read(t, filepath.Join(root, "docs", "catalogue.md"))
	for _, want := range []string{
		"**3 of 4**", "| Disposable | [`io.Closer`](https://pkg.go.dev/io#Closer), [`kv.Options`](../contracts/kv) | Close releases. |", "| Webhook |  | Not there yet. |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	for name, bad := range map[string]string{
		"no such piece":         strings.Replace(rows, "io.Closer", "io.Opener", 1),
		"no such std package":   strings.Replace(rows, "std:io.", "std:oi.", 1),
		"ours, called std":      strings.Replace(rows, "contracts/kv.", "std:contracts/kv.", 1),
		"std, called ours":      strings.Replace(rows, "std:io.", "io.", 1),
		"unexported":            strings.Replace(rows, "io.Closer", "io.blackHolePool", 1),
		"a package":             strings.Replace(rows, "std:io.Closer", "std:io", 1),
		"two columns":           strings.Replace(rows, "\tNot there yet.", "", 1),
		"no sentence":           strings.Replace(rows, "Not there yet.", "", 1),
		"no pieces":             strings.Replace(rows, "\t-\t", "\t\t", 1),
		"twice":                 rows + "Webhook\t-\tAgain.\n",
		"an entry below":        rows + "Options\tcontracts/kv.Options\t-\t-\n",
		"the columns once more": rows + supportColumns + "\n",
	} {
		root := plant(t, map[string]string{"docs/catalogue.tsv": good["docs/catalogue.tsv"] + bad})
		if err := run(t.Context(), root, entries, true); err == nil {
			t.Errorf("%s: passes", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

func TestBrokenPackage(t *testing.T) {
	root := plant(t, map[string]string{"store/mapkv/broken.go": "package mapkv\n\nvar x int = \"\"\n"})
	if err := run(t.Context(), root, entries, true); err == nil {
		t.Error("passes although a package does not compile")
	}
}

func TestEntries(t *testing.T) {
	if n := len(strings.Fields(entriesText)); n != 158 {
		t.Errorf("%d entries, want 158", n)
	}
}
