// Package instance makes one process the owner of a data directory, and lets a
// second process find the first one.
package instance

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrInUse is returned by [Open] for a directory that another process owns.
var ErrInUse = errors.New("data directory is in use")

const (
	lockFile   = "askdocs.lock"
	serverFile = "server.json"
)

// A Server is what an owner tells other processes of the same user.
type Server struct {
	URL   string `json:"url"`
	PID   int    `json:"pid"`
	Admin string `json:"admin"` // key that may create tenants; changes with every start
}

// An Instance owns a directory until it is closed.
type Instance struct {
	dir   string
	lock  *os.File
	admin string
}

// Open makes dir if there is none and takes ownership of it, or returns an
// error wrapping [ErrInUse]. The ownership ends with the process, however it ends.
func Open(dir string) (*Instance, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w: choose another one with --data", err)
	}
	f, err := lock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	if err := os.Remove(filepath.Join(dir, serverFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("data directory: %w", err), f.Close())
	}
	return &Instance{dir: dir, lock: f, admin: rand.Text()}, nil
}

// Admin returns the key that may create tenants.
func (i *Instance) Admin() string { return i.admin }

// Announce tells other processes where this one answers. Only this user may
// read it.
func (i *Instance) Announce(url string) error {
	data, err := json.Marshal(Server{URL: url, PID: os.Getpid(), Admin: i.admin})
	if err != nil {
		return err
	}
	tmp := filepath.Join(i.dir, serverFile+".new")
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if err := os.Rename(tmp, filepath.Join(i.dir, serverFile)); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

// Close gives the directory up.
func (i *Instance) Close() error {
	err := os.Remove(filepath.Join(i.dir, serverFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, i.lock.Close())
}

// patience is how long another process may take to announce itself.
const patience = time.Minute

// OpenOrFind takes ownership of dir, or returns a nil Instance and the server
// of the process that owns it.
func OpenOrFind(ctx context.Context, dir string) (*Instance, Server, error) {
	for {
		own, err := Open(dir)
		if !errors.Is(err, ErrInUse) {
			return own, Server{}, err
		}
		wait, cancel := context.WithTimeoutCause(ctx, patience, errors.New("it does not answer"))
		s, err := Find(wait, dir)
		cancel()
		if !errors.Is(err, fs.ErrNotExist) { // else it has just ended
			return nil, s, err
		}
	}
}

// Find returns the owner of dir, waiting until it has announced itself. It
// returns an error wrapping fs.ErrNotExist as soon as nobody owns dir.
func Find(ctx context.Context, dir string) (Server, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		data, err := os.ReadFile(filepath.Join(dir, serverFile))
		if err == nil {
			var s Server
			if err := json.Unmarshal(data, &s); err != nil {
				return Server{}, fmt.Errorf("%s: %w", filepath.Join(dir, serverFile), err)
			}
			return s, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return Server{}, err
		}
		if f, err := lock(filepath.Join(dir, lockFile)); err == nil { // the owner went away
			return Server{}, errors.Join(fs.ErrNotExist, f.Close())
		}
		select {
		case <-ctx.Done():
			return Server{}, fmt.Errorf("waiting for the process that uses %s: %w", dir, context.Cause(ctx))
		case <-tick.C:
		}
	}
}
