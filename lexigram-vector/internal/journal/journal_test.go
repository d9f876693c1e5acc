package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var testKind = Kind{'t', 's', 't', 1}

func openDir(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := OpenDir(path, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// read opens a journal, returns its records and closes it.
func read(d *Dir) (records []string, cut int64, err error) {
	j, err := d.Open("j", testKind, func(p []byte) error { records = append(records, string(p)); return nil })
	if err != nil {
		return records, 0, err
	}
	return records, j.Cut(), j.Close()
}

// write makes a journal of records in a new directory.
func write(t *testing.T, records ...string) (path string) {
	t.Helper()
	path = t.TempDir()
	d := openDir(t, path)
	j, err := d.Create("j", testKind, []byte(records[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		if err := j.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(j.Close(), d.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadBack(t *testing.T) {
	want := []string{"first", "", strings.Repeat("long", 1<<19), "last"}
	d := openDir(t, write(t, want...))
	for range 2 {
		if got, cut, err := read(d); err != nil || cut != 0 || !slices.Equal(got, want) {
			t.Fatalf("%d records, cut %d, %v", len(got), cut, err)
		}
	}
}

// TestTruncated cuts the file at every byte: the frames before are read, the
// rest is dropped, and appending goes on.
func TestTruncated(t *testing.T) {
	records := []string{"one", "two and more", "", "three"}
	whole, err := os.ReadFile(filepath.Join(write(t, records...), "j"))
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir()
	d := openDir(t, path)
	end := []int{headerSize}
	for _, r := range records {
		end = append(end, end[len(end)-1]+frameSize+len(r))
	}
	for n := headerSize; n <= len(whole); n++ {
		if err := os.WriteFile(filepath.Join(path, "j"), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		frames, _ := slices.BinarySearch(end, n+1)
		frames--
		got, cut, err := read(d)
		if err != nil || !slices.Equal(got, records[:frames]) || int(cut) != n-end[frames] {
			t.Fatalf("%d of %d bytes: %q, cut %d, %v", n, len(whole), got, cut, err)
		}
		j, err := d.Open("j", testKind, func([]byte) error { return nil })
		if err != nil || j.Append([]byte("new")) != nil || j.Close() != nil {
			t.Fatalf("%d of %d bytes: append: %v", n, len(whole), err)
		}
		if got, _, err := read(d); err != nil || !slices.Equal(got, append(slices.Clone(records[:frames]), "new")) {
			t.Fatalf("%d of %d bytes, after an append: %q, %v", n, len(whole), got, err)
		}
	}
	for n := range headerSize {
		if err := os.WriteFile(filepath.Join(path, "j"), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := read(d); err == nil {
			t.Fatalf("a header of %d bytes was read", n)
		}
	}
}

// TestDamaged flips every bit of every byte: before the last frame that is an
// error which names file and offset, in the last frame it costs that frame.
func TestDamaged(t *testing.T) {
	records := []string{"one", "two and more", "three"}
	whole, err := os.ReadFile(filepath.Join(write(t, records...), "j"))
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir()
	d := openDir(t, path)
	last := len(whole) - frameSize - len("three")
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		if err := os.WriteFile(filepath.Join(path, "j"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, cut, err := read(d)
		switch {
		case i < headerSize:
			if err == nil {
				t.Fatalf("byte %d of the header: no error", i)
			}
		case i < last:
			if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), `"j"`) || !strings.Contains(err.Error(), "offset ") {
				t.Fatalf("byte %d: %q, %v, want ErrCorrupt with file and offset", i, got, err)
			}
		case err != nil || len(got) != 2 || cut == 0:
			t.Fatalf("byte %d: %q, cut %d, %v, want two records", i, got, cut, err)
		}
		if now, err := os.ReadFile(filepath.Join(path, "j")); i < last && (err != nil || !bytes.Equal(now, b)) {
			t.Fatalf("byte %d: a file that was refused was changed: %v", i, err)
		}
	}
}

// TestZeroTail is what a file system may leave that grew the file but had not written it.
func TestZeroTail(t *testing.T) {
	path := write(t, "one", "two")
	name := filepath.Join(path, "j")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(b, make([]byte, 5000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, cut, err := read(openDir(t, path)); err != nil || len(got) != 2 || cut != 5000 {
		t.Fatalf("%q, cut %d, %v", got, cut, err)
	}
}

// TestQuotedFrames has records that hold the frames of another journal: they
// must not be taken for later frames when the last record is torn.
func TestQuotedFrames(t *testing.T) {
	other, err := os.ReadFile(filepath.Join(write(t, "one", "two", "three"), "j"))
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, "one", string(other))
	name := filepath.Join(path, "j")
	if err := os.Truncate(name, int64(headerSize+frameSize+3+frameSize+len(other)-1)); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(openDir(t, path)); err != nil || !slices.Equal(got, []string{"one"}) {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestOtherKind(t *testing.T) {
	d := openDir(t, write(t, "one"))
	if _, err := d.Open("j", Kind{'o', 't', 'h', 1}, func([]byte) error { return nil }); err == nil {
		t.Fatal("a journal of another kind was opened")
	}
}

func TestReplayFails(t *testing.T) {
	d := openDir(t, write(t, "one", "two"))
	mine := errors.New("mine")
	_, err := d.Open("j", testKind, func(p []byte) error {
		if string(p) == "two" {
			return mine
		}
		return nil
	})
	if !errors.Is(err, mine) || !strings.Contains(err.Error(), fmt.Sprint("offset ", headerSize+frameSize+3)) {
		t.Fatal(err)
	}
}

func TestRewrite(t *testing.T) {
	path := write(t, "one", "two", "three")
	d := openDir(t, path)
	j, err := d.Open("j", testKind, func([]byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	mine := errors.New("mine")
	if err := j.Rewrite(func(add func([]byte) error) error { return errors.Join(add([]byte("x")), mine) }); !errors.Is(err, mine) {
		t.Fatal(err)
	}
	if err := j.Append([]byte("four")); err != nil {
		t.Fatalf("Append after a rewrite that failed: %v", err)
	}
	if err := j.Rewrite(func(add func([]byte) error) error { return add([]byte("all")) }); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Append([]byte("five")), j.Close()); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(d); err != nil || !slices.Equal(got, []string{"all", "five"}) {
		t.Fatalf("%q, %v", got, err)
	}
	if left, err := d.Names(temporary); err != nil || len(left) > 0 {
		t.Fatalf("%q is left, %v", left, err)
	}
}

func TestInterruptedRewrite(t *testing.T) {
	path := write(t, "one")
	if err := os.WriteFile(filepath.Join(path, "j.tmp"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openDir(t, path)
	if got, _, err := read(d); err != nil || len(got) != 1 {
		t.Fatalf("%q, %v", got, err)
	}
	if names, err := d.Names(""); err != nil || slices.Contains(names, "j.tmp") {
		t.Fatalf("%q, %v", names, err)
	}
}

func TestLocked(t *testing.T) {
	path := t.TempDir()
	d := openDir(t, path)
	if _, err := OpenDir(path, false); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Fatalf("second OpenDir = %v, want ErrInUse with the directory", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	openDir(t, path)
}

func TestNotADirectory(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(name, false); err == nil || !strings.Contains(err.Error(), name) {
		t.Fatalf("OpenDir of a file = %v", err)
	}
}
