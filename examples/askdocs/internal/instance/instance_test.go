package instance_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/instance"
)

func TestOneOwner(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first, err := instance.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := instance.Open(dir); !errors.Is(err, instance.ErrInUse) {
		t.Errorf("second Open = %v, want ErrInUse", err)
	}
	if err := first.Announce("http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	s, err := instance.Find(t.Context(), dir)
	if err != nil || s.URL != "http://127.0.0.1:1" || s.Admin != first.Admin() || s.PID != os.Getpid() {
		t.Errorf("Find = %+v, %v", s, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "server.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("server.json: %v, %v: others may read the admin key", info.Mode(), err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := instance.Find(t.Context(), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Find without an owner = %v, want ErrNotExist", err)
	}
	again, err := instance.Open(dir)
	if err != nil {
		t.Fatalf("Open after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestFindWaitsForTheOwner(t *testing.T) {
	dir := t.TempDir()
	owner, err := instance.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := instance.Find(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("Find = %v, want Canceled while the owner starts", err)
	}
}

func TestOpenSaysWhatToChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := instance.Open(file); err == nil {
		t.Error("a file was opened as a data directory")
	}
}
