//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// failAt makes the nth change of the disk from now on fail, and reports whether there was one.
func failAt(s *Store, n int) (failed func() string) {
	op := ""
	s.disk.fault = func(what string) error {
		if n--; n == 0 {
			op = what
			return fmt.Errorf("%s: %w", what, syscall.ENOSPC)
		}
		return nil
	}
	return func() string { s.disk.fault = nil; return op }
}

var text = strings.Repeat("new", 100_000)

// changes are calls that change the blob "d/k" from "old" to text, or remove it.
var changes = map[string]struct {
	do    func(t *testing.T, s *Store) error
	after string // "" is no blob
}{
	"put over": {func(t *testing.T, s *Store) error {
		_, err := s.Put(t.Context(), "d/k", strings.NewReader(text))
		return err
	}, text},
	"put if match": {func(t *testing.T, s *Store) error {
		info, err := s.Stat(t.Context(), "d/k")
		if err == nil {
			_, err = s.Put(t.Context(), "d/k", strings.NewReader(text), storage.IfMatch(info.ETag))
		}
		return err
	}, text},
	"copy over": {func(t *testing.T, s *Store) error {
		_, err := s.Copy(t.Context(), "source", "d/k", storage.Preconditions{})
		return err
	}, text},
	"delete": {func(t *testing.T, s *Store) error { return s.Delete(t.Context(), "d/k") }, ""},
}

func TestEveryFailingCallKeepsTheOldBlob(t *testing.T) {
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			for n := 1; ; n++ {
				dir := t.TempDir()
				s := open(t, Config{Dir: dir})
				put(t, s, "d/k", "old")
				put(t, s, "source", text)
				failed := failAt(s, n)
				err := change.do(t, s)
				op := failed()
				if op == "" {
					if err != nil {
						t.Errorf("without a fault: %v", err)
					}
					if n < 5 {
						t.Errorf("only %d calls can fail", n-1)
					}
					return
				}
				checkFault(t, s, fmt.Sprintf("%s number %d", op, n), err, change.after)
				s.Close()
				put(t, open(t, Config{Dir: dir}), "d/k", "again")
				if left := tempFiles(t, dir); len(left) > 0 {
					t.Errorf("%s: reopening leaves %q", op, left)
				}
			}
		})
	}
}

// checkFault checks that the old blob stands, or, if the error says that it may, the new one.
func checkFault(t *testing.T, s *Store, what string, err error, after string) {
	t.Helper()
	got, errRead := read(t, s, "d/k")
	if errors.Is(errRead, storage.ErrNotFound) {
		got, errRead = "", nil
	}
	switch {
	case errRead != nil:
		t.Errorf("%s: reading = %v", what, errRead)
	case err == nil: // what failed did not matter, such as removing an empty directory
		if got != after {
			t.Errorf("%s: succeeded, but the blob has %d bytes, want %d", what, len(got), len(after))
		}
	case errors.Is(err, storage.ErrOutcome):
		if got != after && got != "old" {
			t.Errorf("%s: the blob has %d bytes, is neither old nor new", what, len(got))
		}
	case got != "old":
		t.Errorf("%s: failed with %v, but the old blob is gone: %d bytes", what, err, len(got))
	}
	if err != nil && (!errors.Is(err, storage.Err) || !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n")) {
		t.Errorf("%s: %q is not one line that wraps the cause", what, err)
	}
	keys := []string{}
	for info, err := range s.List(t.Context(), "d/") {
		if err != nil {
			t.Errorf("%s: List = %v", what, err)
		}
		keys = append(keys, info.Key)
	}
	if want := map[bool]int{true: 1, false: 0}[got != ""]; len(keys) != want {
		t.Errorf("%s: List = %q", what, keys)
	}
}

func TestEveryFailingCallOfOpen(t *testing.T) {
	s := open(t, Config{})
	for n := 1; ; n++ {
		failed := failAt(s, n)
		err := s.prepare()
		if failed() == "" {
			if err != nil {
				t.Error(err)
			}
			return
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("call %d failed, but prepare = %v", n, err)
		}
	}
}

// A directory that another Delete removes between mkdir and rename is made again.
func TestPutIntoADirectoryThatGoes(t *testing.T) {
	s := open(t, Config{NoSync: true})
	removed := 0
	s.disk.fault = func(op string) error {
		if op == "rename" && removed < 3 {
			removed++
			return s.disk.root.Remove(blobsDir + "/d")
		}
		return nil
	}
	put(t, s, "d/k", "v")
	if got, err := read(t, s, "d/k"); got != "v" || err != nil || removed != 3 {
		t.Errorf("the blob reads %q, %v after %d removals", got, err, removed)
	}
}

func TestReadersThatMisbehave(t *testing.T) {
	s := open(t, Config{NoSync: true})
	for name, r := range map[string]io.Reader{
		"a count too large": readFunc(func(p []byte) (int, error) { return len(p) + 1, nil }),
		"a negative count":  readFunc(func([]byte) (int, error) { return -1, nil }),
		"no progress":       readFunc(func([]byte) (int, error) { return 0, nil }),
		"nil":               nil,
	} {
		if _, err := s.Put(t.Context(), "k", r); err == nil {
			t.Errorf("Put of a reader with %s = nil", name)
		}
	}
	if left := tempFiles(t, s.dir); len(left) > 0 {
		t.Errorf("there are %q left", left)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
