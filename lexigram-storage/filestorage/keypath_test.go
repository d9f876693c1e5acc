package filestorage

import (
	"cmp"
	"path"
	"strings"
	"testing"
	"unicode"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

var seeds = []string{
	"a", "A", "a/b", "a/b/" + strings.Repeat("x", 900), strings.Repeat("é", 512), strings.Repeat("a", 80), strings.Repeat("a", 79) + ".",
	strings.Repeat("a", 160) + "/b", strings.Repeat("a", 80) + "..", "con", "con.txt", "com1", ".hidden", "...", "a.", "a ", "%", "%41", "a=", "a+", "=/+/%", "日本",
}

// keyOf returns the key of a path that blobPath returned.
func keyOf(t *testing.T, p string) string {
	names := strings.Split(p, "/")
	key := ""
	for i, name := range names[1:] {
		part, kind := parseName(name)
		if last := i == len(names)-2; kind == foreign || (kind == blob) != last {
			t.Fatalf("%q: the name %q is taken for %d", p, name, kind)
		}
		key += part
	}
	return key
}

func FuzzKeyPath(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, seeds[(i+1)%len(seeds)])
	}
	f.Add("K", "\u212a") // the Kelvin sign folds to k
	f.Add("a/b", "a//b")
	f.Fuzz(func(t *testing.T, key, other string) {
		if storage.CheckKey(key) != nil {
			t.Skip()
		}
		p := blobPath(key)
		if got := keyOf(t, p); got != key {
			t.Fatalf("%q: the path %q is of %q", key, p, got)
		}
		checkNames(t, p)
		if storage.CheckKey(other) != nil || other == key {
			return
		}
		q := blobPath(other)
		if strings.EqualFold(p, q) {
			t.Fatalf("%q and %q have one path on file systems that ignore case: %q", key, other, p)
		}
		if strings.HasPrefix(q, p+"/") || strings.HasPrefix(p, q+"/") {
			t.Fatalf("%q and %q: one needs a directory where the other has a file", key, other)
		}
		// Walking the directories in the order of their parts meets the keys in byte order.
		if got, want := walkOrder(p, q), cmp.Compare(key, other); got != want {
			t.Fatalf("%q and %q are met in order %d, want %d", key, other, got, want)
		}
	})
}

func checkNames(t *testing.T, p string) {
	if path.Clean(p) != p {
		t.Fatalf("%q is not clean", p)
	}
	for name := range strings.SplitSeq(p, "/") {
		stem, _, _ := strings.Cut(name, ".")
		bad := len(name) > 255 || name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || isReserved(stem) ||
			strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || unicode.IsUpper(r) }) ||
			strings.ContainsAny(name, `<>:"\|?*`)
		if bad {
			t.Fatalf("%q has the name %q", p, name)
		}
	}
}

func walkOrder(p, q string) int {
	a, b := strings.Split(p, "/"), strings.Split(q, "/")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			x, _ := parseName(a[i])
			y, _ := parseName(b[i])
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(a), len(b))
}

func FuzzParseName(f *testing.F) {
	for _, s := range seeds {
		for name := range strings.SplitSeq(blobPath(s), "/") {
			f.Add(name)
		}
	}
	for _, s := range []string{"", "%", "%%", "%4", "%4g=", "%61=", "A=", "a.=", "con", "con+", strings.Repeat("a", 80), "..", "=", "+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		part, kind := parseName(name)
		if kind == foreign {
			return
		}
		var b strings.Builder
		escape(&b, strings.TrimSuffix(part, "/"))
		want := b.String() + map[entryKind]string{blob: blobMark, chunked: chunkMark, directory: ""}[kind]
		if want == "" {
			want = emptyMark
		}
		if name != want {
			t.Fatalf("%q is taken for %d of %q, whose name is %q", name, kind, part, want)
		}
	})
}

func TestReadablePaths(t *testing.T) {
	want := map[string]string{
		"invoices/2026-01/report.pdf": "blobs/invoices/2026-01/report.pdf=",
		"a":                           "blobs/a=",
		"a/b":                         "blobs/a/b=",
		"A":                           "blobs/%41=",
		"nul.txt":                     "blobs/%6eul.txt=",
	}
	for key, path := range want {
		if got := blobPath(key); got != path {
			t.Errorf("blobPath(%q) = %q, want %q: it is part of the layout", key, got, path)
		}
	}
}
