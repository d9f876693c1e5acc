package journal

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzOpen opens anything: it must return, and what it has mended must open
// again with the same records.
func FuzzOpen(f *testing.F) {
	salt := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	b := appendHeader(nil, testKind, salt)
	f.Add(b)
	for i, p := range []string{"one", "", "three"} {
		b = append(frame{uint32(len(p)), checksum([]byte(p)), uint32(i)}.append(b, salt), p...)
		f.Add(b)
	}
	f.Add(b[:len(b)-2])
	f.Add([]byte(magic))
	dir := f.TempDir()
	d, err := OpenDir(dir, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = d.Close() })
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, "j"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		first, _, err := read(d)
		if err != nil {
			return
		}
		again, cut, err := read(d)
		if err != nil || cut != 0 || len(again) != len(first) {
			t.Fatalf("second time: %d records instead of %d, cut %d, %v", len(again), len(first), cut, err)
		}
	})
}
