package secretstore

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// keptVersions is how many versions of a secret a [Memory] keeps.
const keptVersions = 10

// Memory is a [security.VersionedStore] in the memory of the program, for tests and
// for secrets that are made at start. It keeps the last 10 versions of a secret. The
// zero value is an empty store, ready to use; it is safe for concurrent use and must
// not be copied.
type Memory struct {
	mu      sync.RWMutex
	secrets map[string]*history
}

// history holds the versions of a secret, oldest first.
type history struct {
	made     uint64 // since the store was made: IDs are not used again
	versions []memoryVersion
}

type memoryVersion struct {
	security.SecretVersion
	value config.Secret[string]
}

var (
	_ security.SecretFinder   = (*Memory)(nil)
	_ security.SecretBatcher  = (*Memory)(nil)
	_ security.VersionedStore = (*Memory)(nil)
)

// Get returns the current version of a secret; see [security.SecretStore].
func (m *Memory) Get(ctx context.Context, name string) (config.Secret[string], error) {
	return m.read(ctx, "get", name, "")
}

// GetVersion returns a version of a secret; see [security.VersionedStore].
func (m *Memory) GetVersion(ctx context.Context, name, id string) (config.Secret[string], error) {
	return m.read(ctx, "get version", name, id)
}

func (m *Memory) read(ctx context.Context, op, name, id string) (none config.Secret[string], err error) {
	if err := begin(ctx, op, name); err != nil {
		return none, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	h := m.secrets[name]
	if h == nil {
		return none, notFound(name)
	}
	for i := len(h.versions) - 1; i >= 0; i-- {
		if v := h.versions[i]; id == "" || v.ID == id {
			return v.value, nil
		}
	}
	return none, security.ErrSecretNotFound.Wrap(nil, "secretstore: version %.80q of secret %.80q", id, name)
}

// Set creates or replaces a secret; see [security.SecretStore].
func (m *Memory) Set(ctx context.Context, name string, value config.Secret[string]) error {
	_, err := m.write(ctx, "set", name, value)
	return err
}

// Rotate replaces a secret and returns the version; see [security.VersionedStore].
func (m *Memory) Rotate(ctx context.Context, name string, value config.Secret[string]) (security.SecretVersion, error) {
	return m.write(ctx, "rotate", name, value)
}

func (m *Memory) write(ctx context.Context, op, name string, value config.Secret[string]) (security.SecretVersion, error) {
	if err := begin(ctx, op, name); err != nil {
		return security.SecretVersion{}, err
	}
	if err := security.CheckSecretValue(value.Reveal()); err != nil {
		return security.SecretVersion{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.secrets == nil {
		m.secrets = map[string]*history{}
	}
	h := m.secrets[name]
	if h == nil {
		h = &history{}
		m.secrets[strings.Clone(name)] = h
	}
	h.made++
	v := security.SecretVersion{ID: strconv.FormatUint(h.made, 10), Created: clock.System{}.Now()}
	h.versions = append(h.versions, memoryVersion{v, value})
	if extra := len(h.versions) - keptVersions; extra > 0 {
		h.versions = append([]memoryVersion(nil), h.versions[extra:]...)
	}
	return v, nil
}

// Delete removes a secret with its versions; see [security.SecretStore].
func (m *Memory) Delete(ctx context.Context, name string) error {
	if err := begin(ctx, "delete", name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.secrets, name)
	return nil
}

// Has reports whether there is a secret; see [security.SecretFinder].
func (m *Memory) Has(ctx context.Context, name string) (bool, error) {
	if err := begin(ctx, "has", name); err != nil {
		return false, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.secrets[name] != nil, nil
}

// GetMany returns the secrets that are there; see [security.SecretBatcher].
func (m *Memory) GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error) {
	return many(ctx, m, names)
}

// Versions returns the versions of a secret; see [security.VersionedStore].
func (m *Memory) Versions(ctx context.Context, name string) ([]security.SecretVersion, error) {
	if err := begin(ctx, "versions", name); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	h := m.secrets[name]
	if h == nil {
		return nil, notFound(name)
	}
	all := make([]security.SecretVersion, len(h.versions))
	for i, v := range h.versions {
		all[len(all)-1-i] = v.SecretVersion
	}
	return all, nil
}
