package godocs_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/godocs"
)

func TestList(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{
		"doc/go_spec.html", "doc/x.png", "src/sync/mutex.go", "src/sync/mutex_test.go", "src/internal/abi/a.go",
		"src/cmd/go/main.go", "src/vendor/x/x.go", "src/syscall/zerrors_linux.go", "src/go/doc/doc.go", "src/sync/testdata/t.go", "bin/go",
	} {
		files[name] = &fstest.MapFile{Data: []byte("x")}
	}
	got, err := godocs.List(files)
	want := []string{"doc/go_spec.html", "src/go/doc/doc.go", "src/sync/mutex.go"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("List = %q, %v, want %q", got, err, want)
	}
	delete(files, "doc/go_spec.html")
	delete(files, "doc/x.png")
	if got, err := godocs.List(files); err != nil || len(got) != 2 {
		t.Errorf("without doc: %q, %v", got, err)
	}
	if _, err := godocs.List(fstest.MapFS{}); err == nil {
		t.Error("an empty distribution is no error")
	}
}

func TestRoot(t *testing.T) {
	root, err := godocs.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names, err := godocs.List(os.DirFS(root))
	if err != nil || !slices.Contains(names, "src/sync/waitgroup.go") {
		t.Errorf("%s: %d documents, %v", root, len(names), err)
	}
	if v := godocs.Version(root); !strings.HasPrefix(v, "go") && !strings.HasPrefix(v, "devel") {
		t.Errorf("Version = %q", v)
	}
}
