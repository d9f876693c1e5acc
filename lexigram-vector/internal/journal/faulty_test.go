package journal

import (
	"errors"
	"slices"
	"testing"
)

// faulty fails where it is told to, a write after the half of it.
type faulty struct {
	file
	write, sync, truncate error
}

func (f *faulty) Write(p []byte) (int, error) {
	if f.write != nil {
		n, err := f.file.Write(p[:len(p)/2])
		return n, errors.Join(f.write, err)
	}
	return f.file.Write(p)
}

func (f *faulty) Sync() error { return errors.Join(f.file.Sync(), f.sync) }

func (f *faulty) Truncate(n int64) error {
	if f.truncate != nil {
		return f.truncate
	}
	return f.file.Truncate(n)
}

var errDisk = errors.New("no space left on device")

// faultyJournal has one record.
func faultyJournal(t *testing.T) (*Dir, *Journal, *faulty) {
	t.Helper()
	d := openDir(t, t.TempDir())
	j, err := d.Create("j", testKind, []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{file: j.file}
	j.file = f
	return d, j, f
}

func TestWriteFails(t *testing.T) {
	d, j, f := faultyJournal(t)
	f.write = errDisk
	if err := j.Append([]byte("two and more")); !errors.Is(err, errDisk) || errors.Is(err, ErrBroken) {
		t.Fatalf("Append = %v, want the disk's error", err)
	}
	f.write = nil
	if err := errors.Join(j.Append([]byte("three")), j.Close()); err != nil {
		t.Fatal(err)
	}
	if got, cut, err := read(d); err != nil || cut != 0 || !slices.Equal(got, []string{"one", "three"}) {
		t.Fatalf("%q, cut %d, %v", got, cut, err)
	}
}

func TestRollbackFails(t *testing.T) {
	d, j, f := faultyJournal(t)
	f.write, f.truncate = errDisk, errors.New("read-only file system")
	if err := j.Append([]byte("two")); !errors.Is(err, ErrBroken) || !errors.Is(err, errDisk) {
		t.Fatalf("Append = %v, want ErrBroken", err)
	}
	f.write, f.truncate = nil, nil
	if err := j.Append([]byte("three")); !errors.Is(err, ErrBroken) {
		t.Fatalf("Append behind half a frame = %v, want ErrBroken", err)
	}
	if err := j.Rewrite(func(func([]byte) error) error { return nil }); !errors.Is(err, ErrBroken) {
		t.Fatalf("Rewrite = %v, want ErrBroken", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if got, _, err := read(d); err != nil || !slices.Equal(got, []string{"one"}) {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestSyncFails(t *testing.T) {
	_, j, f := faultyJournal(t)
	f.sync = errDisk
	if err := j.Append([]byte("two")); !errors.Is(err, ErrBroken) || !errors.Is(err, errDisk) {
		t.Fatalf("Append = %v, want ErrBroken", err)
	}
	f.sync = nil
	if err := j.Append([]byte("three")); !errors.Is(err, ErrBroken) {
		t.Fatalf("Append after a sync that failed = %v, want ErrBroken", err)
	}
	if err := j.Err(); !errors.Is(err, ErrBroken) {
		t.Fatalf("Err = %v", err)
	}
}

func TestClosed(t *testing.T) {
	_, j, _ := faultyJournal(t)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(nil); err == nil {
		t.Fatal("Append to a closed journal succeeded")
	}
}

func TestTooLarge(t *testing.T) {
	d, j, _ := faultyJournal(t)
	d.limit = 10
	if err := j.Append(make([]byte, 11)); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	if err := errors.Join(j.Append(make([]byte, 10)), j.Close()); err != nil {
		t.Fatal(err)
	}
}
