package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/tools/internal/gomods"
)

// adapter is a page with an adapter and its test.
const adapter = "# Contributing\n\n`store.go`\n\n```go\npackage mapcache\n\nimport \"example.com/r/contracts/word\"\n\n// Len is a length.\nconst Len = len(word.Word)\n```\n" +
	"\n`store_test.go`\n\n```go\npackage mapcache\n\nimport \"testing\"\n\nfunc TestLen(t *testing.T) {\n\tif Len != 4 {\n\t\tt.Fail()\n\t}\n}\n```\n"

// coded is a file that declares a family and a member of it.
func coded(family, member string) string {
	return "package say\n\nvar (\n\tErr    = errs.New(\"" + family + "\", 0, \"say\")\n\tErrSub = Err.Sub(\"" + member + "\", 0, \"say: no\")\n)\n"
}

// good is a repository that passes every gate.
var good = map[string]string{
	"go.work":                   "go 1.26.0\n\nuse (\n\t./a\n\t./contracts\n)\n\nreplace example.com/r/contracts v0.1.0 => ./contracts\n",
	"README.md":                 "# r\n\n[a](a/README.md) [b](https://example.com/nowhere) `[c](nowhere)`\n\n```go\nx := word.Word\nfmt.Println(x)\n```\n",
	"contracts/go.mod":          "module example.com/r/contracts\n\ngo 1.26.0\n",
	"contracts/LICENSE":         "MIT\n",
	"contracts/CHANGELOG.md":    "## Unreleased\n",
	"contracts/README.md":       "`go get example.com/r/contracts`\n\n```go\nx := word.Word\nfmt.Println(x)\n```\n",
	"contracts/word/word.go":    "// Package word is one.\npackage word\n\n// Word is one.\nconst Word = \"word\"\n",
	"contracts/word/ex_test.go": "package word_test\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/r/contracts/word\"\n)\n\nfunc Example() {\n\tx := word.Word\n\tfmt.Println(x)\n\t// Output: word\n}\n",
	"a/go.mod":                  "module example.com/r/a\n\ngo 1.26.0\n\nrequire example.com/r/contracts v0.1.0\n",
	"a/LICENSE":                 "MIT\n",
	"a/CHANGELOG.md":            "## Unreleased\n",
	"a/README.md":               "go get example.com/r/a\n\n```go\npackage main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/r/a/say\"\n)\n\nfunc main() { fmt.Println(say.Say()) }\n```\n",
	"a/say/say.go":              "// Package say says a word.\npackage say\n\nimport \"example.com/r/contracts/word\"\n\n// Say says it.\nfunc Say() string { return word.Word }\n",
	"contracts/word/errors.go":  strings.Replace(coded("LEX_ERR_WORD_001", "LEX_ERR_WORD_002"), "package say\n", "package word\n\nimport \"example.com/r/contracts/errs\"\n", 1),
	"contracts/errs/errs.go":    "// Package errs is a family of errors.\npackage errs\n\n// Error is one.\ntype Error struct{}\n\n// New makes a family.\nfunc New(code string, kind int, text string) *Error { return &Error{} }\n\n// Sub makes a member.\nfunc (*Error) Sub(code string, kind int, text string) *Error { return &Error{} }\n",
	"a/say/say_test.go":         "package say\n\nimport \"testing\"\n\nfunc TestSay(t *testing.T) {\n\tif Say() != \"word\" {\n\t\tt.Fail()\n\t}\n}\n",
	"CONTRIBUTING.md":           adapter,
	"tools/go.mod":              "module example.com/r/tools\n\ngo 1.26.0\n",
	"tools/budget.txt":          budgetHead + "a\t0\t0\ncontracts\t0\t0\ncontracts lines\t100\n",
	"tools/cmd/x/main.go":       "// Command x does nothing.\npackage main\n\nfunc main() {}\n",
}

// faults has, for each gate, changes to good that it must catch.
var faults = map[string][]map[string]string{
	"papers": {
		{"a/LICENSE": ""},
		{"a/README.md": "no line that says how to get it\n"},
		{"contracts/CHANGELOG.md": "nothing\n"},
	},
	"modfiles": {
		{"a/go.mod": strings.Replace(good["a/go.mod"], "1.26.0", "1.25.0", 1)},
		{"a/go.mod": good["a/go.mod"] + "\nreplace example.com/r/contracts => ../contracts\n"},
		{"a/go.mod": strings.Replace(good["a/go.mod"], "go 1.26.0\n", "go 1.26.0\n\ntoolchain go1.26.1\n", 1)},
	},
	"links": {
		{"README.md": "[a](a/READ.md)\n"},
	},
	"readme": {
		{"contracts/README.md": "`go get example.com/r/contracts`\n\n```go\nx := word.Word\nfmt.Print(x)\n```\n"},
		{"contracts/README.md": "`go get example.com/r/contracts`\n"},
		{"README.md": "# r\n\n```go\nx := word.Word\nfmt.Print(x)\n```\n"},
		{"README.md": "# r\n"},
		{"docs/guide.md": "```go\nfmt.Println(say.Sing())\n```\n"},
	},
	"format": {
		{"a/say/more.go": "package say\n\nfunc more() {\n\n\tSay()\n}\n"},
	},
	"imports": {
		{"contracts/word/bad_test.go": "package word_test\n\nimport _ \"example.com/r/a/say\"\n"},
		{"tools/cmd/x/main.go": "package main\n\nimport _ \"example.com/r/a/say\"\n\nfunc main() {}\n"},
		{
			"go.work":         strings.Replace(good["go.work"], "./a\n", "./a\n\t./a/b\n", 1),
			"a/b/go.mod":      "module example.com/r/a/b\n\ngo 1.26.0\n",
			"a/b/nested/n.go": "package nested\n\nimport _ \"example.com/r/a/say\"\n",
		},
	},
	"names": {
		{"a/word/word.go": "package word\n"},
	},
	"codes": {
		{"a/say/errors.go": coded("LEX_ERR_SAY_001", "LEX_ERR_SAY_001")},
		{"a/say/errors.go": coded("LEX_ERR_SAY_001", "LEX_ERR_SAY_2")},
		{"a/say/errors.go": coded("", "LEX_ERR_SAY_002")},
		{"a/say/errors.go": coded("LEX_ERR_SAY_001", "LEX_ERR_SAY_002"), "tools/errors.go": coded("LEX_ERR_SAY_001", "LEX_ERR_SAY_003")},
	},
	"stdonly": {
		{"contracts/word/bad_test.go": "package word_test\n\nimport _ \"example.com/r/a/say\"\n"},
	},
	"vet": {
		{"a/say/more.go": "package say\n\nimport \"fmt\"\n\nfunc more() { fmt.Printf(\"%d\", Say()) }\n"},
		{"tools/cmd/x/main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Printf(\"%d\", \"x\") }\n"},
	},
	"budget": {
		{"tools/budget.txt": budgetHead + "a\t0\t0\ncontracts\t0\t1\n"},
		{"tools/budget.txt": budgetHead + "a\t0\t0\n"},
		{"contracts/word/long.go": "package word\n" + strings.Repeat("// A line more.\n", 100)},
		{"a/go.mod": good["a/go.mod"] + "\nrequire golang.org/x/mod v0.42.0\n"},
	},
	"contributing": {
		{"CONTRIBUTING.md": "# Contributing\n"},
		{"CONTRIBUTING.md": strings.Replace(adapter, "word.Word)", "word.Verb)", 1)},
		{"CONTRIBUTING.md": strings.Replace(adapter, "!= 4", "!= 5", 1)},
		{"CONTRIBUTING.md": strings.Replace(adapter, "const Len = len", "const  Len = len", 1)},
	},
	"tidy": {
		{"a/go.mod": "module example.com/r/a\n\ngo 1.26.0\n"},
		{"contracts/go.mod": good["contracts/go.mod"] + "\nrequire example.com/r/a v0.1.0\n"},
	},
	"alone": {
		{"a/go.mod": "module example.com/r/a\n\ngo 1.26.0\n"}, // go.work supplied what it lacks
		{"a/say/say_test.go": strings.Replace(good["a/say/say_test.go"], `"word"`, `"other"`, 1)},
	},
	"goget": {
		{"a/LICENSE": ""},
		{"a/go.mod": strings.Replace(good["a/go.mod"], "v0.1.0", "v0.0.0", 1) + "\nreplace example.com/r/contracts => ../contracts\n"},
		{"a/README.md": strings.Replace(good["a/README.md"], "say.Say()", "say.Sing()", 1)},
		{"a/README.md": strings.Replace(good["a/README.md"], "fmt.Println(say.Say())", "panic(fmt.Sprint(say.Say()))", 1)},
		{"a/say/say_test.go": strings.Replace(good["a/say/say_test.go"], `"word"`, `"other"`, 1)},
	},
}

// plant writes good with changes to a git repository; "" removes a file.
func plant(t *testing.T, changes map[string]string) *env {
	t.Helper()
	root := t.TempDir()
	files := maps.Clone(good)
	maps.Copy(files, changes)
	for name, text := range files {
		if text == "" {
			continue
		}
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "git", "-C", root, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	tree, err := gomods.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	own, err := gomods.FindRoot(".")
	if err != nil {
		t.Fatal(err)
	}
	return &env{tree: tree, tools: filepath.Join(own, "tools")}
}

// TestGates shows that each gate lets a good repository through and stops a bad one.
func TestGates(t *testing.T) {
	for _, g := range gates {
		if g.name == "catalogue" { // its command has tests of its own
			continue
		}
		t.Run(g.name, func(t *testing.T) {
			if g.name != "format" && g.name != "contributing" { // which may have to fetch gofumpt
				t.Setenv("GOPROXY", "off")
			}
			if err := g.check(t.Context(), plant(t, nil)); err != nil {
				t.Errorf("a good repository: %v", err)
			}
			if len(faults[g.name]) == 0 {
				t.Error("nothing shows that this gate can fail")
			}
			for _, changes := range faults[g.name] {
				err := g.check(t.Context(), plant(t, changes))
				if err == nil {
					t.Errorf("passes although %q", changes)
				}
				t.Log(err)
			}
		})
	}
}

func TestBudgetWrites(t *testing.T) {
	e := plant(t, map[string]string{"tools/budget.txt": ""})
	if err := budget(t.Context(), e); err == nil {
		t.Error("budget passes without a file")
	}
	e.write = true
	if err := budget(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(e.tree.Root, "tools", "budget.txt"))
	if err != nil || string(have) != good["tools/budget.txt"] {
		t.Errorf("wrote %q, %v", have, err)
	}
}

func TestMayImport(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"lexigram-cache", "contracts", true},
		{"lexigram-cache", "lexigram-cache", true},
		{"lexigram-cache/rediscache", "lexigram-cache", false},
		{"lexigram-cache", "lexigram-sql", false},
		{"contracts", "core", false},
		{"core/yamlconfig", "core", false},
		{"lexigram-events/eventssqltest", "lexigram-events", true},
		{"lexigram-events/eventssqltest", "lexigram-sql/sqlite", true},
		{"lexigram-events/eventssqltest", "lexigram-sql", false},
		{"examples/askdocs", "lexigram-sql", true},
		{"tools", "core", false},
		{"tools/integration", "core", true},
		{"tools/lexigram", "core/yamlconfig", true},
		{"tools/lexigram", "lexigram-sql", false},
	} {
		if got := mayImport(gomods.Module{Dir: c.from}, gomods.Module{Dir: c.to}); got != c.want {
			t.Errorf("mayImport(%s, %s) = %v", c.from, c.to, got)
		}
	}
}

func TestChoose(t *testing.T) {
	all, err := choose(nil)
	if err != nil || len(all) != len(gates) {
		t.Errorf("choose() = %d gates, %v", len(all), err)
	}
	two, err := choose([]string{"vet", "names"})
	if err != nil || len(two) != 2 || two[0].name != "vet" {
		t.Errorf("choose(vet, names) = %v, %v", two, err)
	}
	if _, err := choose([]string{"vte"}); err == nil {
		t.Error("choose(vte) = nil, want an error")
	}
	seen := slices.Collect(maps.Keys(faults))
	for _, name := range seen {
		if _, err := choose([]string{name}); err != nil {
			t.Errorf("faults of a gate that does not exist: %v", err)
		}
	}
}
