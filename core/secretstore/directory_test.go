//go:build unix

package secretstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/secretstore"
)

func TestDirectoryReadsWhatPeopleWrite(t *testing.T) {
	d, dir := newDirectory(t, secretstore.DirectoryOptions{})
	for text, want := range map[string]string{
		"": "", "\n": "", "a": "a", "a\n": "a", "a\r\n": "a", "a\n\n": "a\n", " a ": " a ", "a\r": "a\r", "a\nb\n": "a\nb",
	} {
		write(t, filepath.Join(dir, "a"), text, 0o600)
		if got, err := d.Get(t.Context(), "a"); err != nil || got.Reveal() != want {
			t.Errorf("file %q: Get = %q, %v, want %q", text, got.Reveal(), err, want)
		}
	}
}

func TestDirectoryRefuses(t *testing.T) {
	d, dir := newDirectory(t, secretstore.DirectoryOptions{})
	shared, err := secretstore.NewDirectory(dir, secretstore.DirectoryOptions{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shared.Close() })
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "hunter2", 0o600)
	write(t, filepath.Join(dir, "group"), "hunter2", 0o640)
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "open/level"), 0o700), os.Chmod(filepath.Join(dir, "open"), 0o770)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "open/level/x"), "hunter2", 0o600)
	write(t, filepath.Join(dir, "others"), "hunter2", 0o604)
	write(t, filepath.Join(dir, "own"), "hunter2", 0o400)
	write(t, filepath.Join(dir, "large"), strings.Repeat("x", 64<<10+3), 0o600)
	if err := errors.Join(
		os.Symlink(outside, filepath.Join(dir, "link-out")),
		os.Symlink("../"+filepath.Base(filepath.Dir(outside))+"/outside", filepath.Join(dir, "relative-out")),
		os.Symlink("own", filepath.Join(dir, "link-in")),
		syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct{ ok, shared bool }{
		"own": {true, true}, "link-in": {true, true}, "group": {false, true}, "others": {false, true},
		"open/level/x": {false, true}, "large": {}, "link-out": {}, "relative-out": {}, "pipe": {},
	} {
		for s, ok := range map[*secretstore.Directory]bool{d: want.ok, shared: want.shared} {
			got, err := s.Get(t.Context(), name)
			if (err == nil) != ok || ok != (got.Reveal() == "hunter2") || !ok && !errors.Is(err, security.ErrSecretAccess) {
				t.Errorf("Get(%q) = %q, %v", name, got.Reveal(), err)
			}
			if has, hasErr := s.Has(t.Context(), name); has != ok || (hasErr == nil) != ok {
				t.Errorf("Has(%q) = %v, %v, and Get: %v", name, has, hasErr, err)
			}
		}
	}
	if _, err := d.Get(t.Context(), "group"); errs.KindOf(err) != errs.Denied || !strings.Contains(err.Error(), "chmod go=") {
		t.Errorf("a file that the group reads: %v", err)
	}
}

// TestDirectoryOfKubernetes has the links that an updated volume has.
func TestDirectoryOfKubernetes(t *testing.T) {
	d, dir := newDirectory(t, secretstore.DirectoryOptions{})
	for _, version := range []string{"..v1", "..v2"} {
		if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, version, "password"), version, 0o600)
	}
	if err := errors.Join(os.Symlink("..v1", filepath.Join(dir, "..data")), os.Symlink("..data/password", filepath.Join(dir, "password"))); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"..v1", "..v2"} {
		if got, err := d.Get(t.Context(), "password"); err != nil || got.Reveal() != want {
			t.Errorf("Get = %q, %v, want %q", got.Reveal(), err, want)
		}
		if err := errors.Join(os.Symlink("..v2", filepath.Join(dir, "..next")), os.Rename(filepath.Join(dir, "..next"), filepath.Join(dir, "..data"))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDirectoryWrites(t *testing.T) {
	ctx := t.Context()
	d, dir := newDirectory(t, secretstore.DirectoryOptions{})
	if err := d.Set(ctx, "a/b/c", config.NewSecret("x")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{"a": fs.ModeDir | 0o700, "a/b": fs.ModeDir | 0o700, "a/b/c": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
	if err := d.Delete(ctx, "a/b/c"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("Delete left %v, %v", left, err)
	}
	// Where the directory was, a secret can be.
	if err := d.Set(ctx, "a", config.NewSecret("x")); err != nil {
		t.Error(err)
	}
	if err := d.Set(ctx, "a/b", config.NewSecret("x")); errs.KindOf(err) != errs.Conflict {
		t.Errorf("Set below a secret: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("there are %v, %v", left, err)
	}
}

func TestNewDirectory(t *testing.T) {
	dir := t.TempDir()
	if _, err := secretstore.NewDirectory(filepath.Join(dir, "absent"), secretstore.DirectoryOptions{}); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, security.Err) {
		t.Errorf("a directory that is absent: %v", err)
	}
	if err := os.Chmod(dir, 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := secretstore.NewDirectory(dir, secretstore.DirectoryOptions{}); errs.KindOf(err) != errs.Denied || !strings.Contains(err.Error(), "chmod go-w") {
		t.Errorf("a directory that the group writes to: %v", err)
	}
	d, err := secretstore.NewDirectory(dir, secretstore.DirectoryOptions{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Error(err)
	}
	_, get := d.Get(t.Context(), "a")
	for _, err := range []error{get, d.Set(t.Context(), "a", config.NewSecret("x")), d.Delete(t.Context(), "a")} {
		if !errors.Is(err, fs.ErrClosed) || !errors.Is(err, security.ErrSecretAccess) {
			t.Errorf("after Close: %v", err)
		}
	}
}
