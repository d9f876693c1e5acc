package keys

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// currentName is the secret under the prefix that holds the ID of the current key.
const currentName = "current"

// StoredOptions are those of [NewStored]. The zero value is complete.
type StoredOptions struct {
	// CacheFor is how long a key, and which one is current, is not asked for again:
	// so long may a key that was removed be used, and a former one stay the current
	// one, in another process. 0 means a minute; a negative one caches nothing.
	CacheFor time.Duration
	Clock    clock.Clock // nil means [clock.System]; it also names new keys by their day
}

// Stored is a [security.KeySource] of keys in a secret store: the secret
// <prefix>/<ID> is a key in base64, and <prefix>/current the ID of the current one.
// It is safe for concurrent use, by several processes too.
type Stored struct {
	store  security.SecretStore
	prefix string
	opts   StoredOptions

	mu      sync.Mutex
	current cachedKey
	byID    map[string]cachedKey
}

type cachedKey struct {
	key   security.Key
	until time.Duration // by the monotonic clock
}

var _ security.KeySource = (*Stored)(nil)

// NewStored returns a source of the keys under a prefix, such as "keys/app". It reads
// nothing yet. A store that is nil, or a prefix that is no name of a secret, is an
// error wrapping [security.Err].
func NewStored(store security.SecretStore, prefix string, opts StoredOptions) (*Stored, error) {
	if store == nil {
		return nil, security.ErrKey.Wrap(nil, "keys: the secret store is nil")
	}
	if err := security.CheckSecretName(prefix + "/" + strings.Repeat("x", 64)); err != nil {
		return nil, security.ErrSecretName.Wrap(nil, "keys: prefix %.80q leaves no room for a key, or is no name", prefix)
	}
	if opts.CacheFor == 0 {
		opts.CacheFor = time.Minute
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	return &Stored{store: store, prefix: prefix, opts: opts, byID: map[string]cachedKey{}}, nil
}

// Current returns the current key. Where none was ever made, call Rotate: until then it
// is an error wrapping [security.ErrKeyNotFound].
func (s *Stored) Current(ctx context.Context) (security.Key, error) {
	if ctx.Err() != nil {
		return security.Key{}, security.Err.Wrap(context.Cause(ctx), "keys: current")
	}
	s.mu.Lock()
	cached := s.current
	s.mu.Unlock()
	if s.opts.Clock.Monotonic() < cached.until {
		return cached.key, nil
	}
	id, err := s.store.Get(ctx, s.prefix+"/"+currentName)
	if errors.Is(err, security.ErrSecretNotFound) {
		return security.Key{}, security.ErrKeyNotFound.Wrap(nil, "keys: there is no %s/%s; call Rotate once", s.prefix, currentName)
	}
	if err != nil {
		return security.Key{}, security.Err.Wrap(err, "keys: current")
	}
	k, err := s.Key(ctx, id.Reveal())
	if err != nil {
		return security.Key{}, security.Err.Wrap(err, "keys: current")
	}
	s.mu.Lock()
	s.current = s.cached(k)
	s.mu.Unlock()
	return k, nil
}

// Key returns the key of an ID; see [security.KeySource].
func (s *Stored) Key(ctx context.Context, id string) (security.Key, error) {
	if err := begin(ctx, id); err != nil {
		return security.Key{}, err
	}
	s.mu.Lock()
	cached := s.byID[id]
	s.mu.Unlock()
	if s.opts.Clock.Monotonic() < cached.until {
		return cached.key, nil
	}
	if id == currentName {
		return security.Key{}, security.ErrKeyNotFound.Wrap(nil, "keys: key %q", id)
	}
	text, err := s.store.Get(ctx, s.prefix+"/"+id)
	if errors.Is(err, security.ErrSecretNotFound) {
		return security.Key{}, security.ErrKeyNotFound.Wrap(nil, "keys: key %q", id)
	}
	if err != nil {
		return security.Key{}, security.Err.Wrap(err, "keys: key %q", id)
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text.Reveal()))
	if err != nil { // which would show a part of it
		return security.Key{}, security.ErrKey.Wrap(nil, "keys: secret %s/%s is not a key of 32 bytes in base64", s.prefix, id)
	}
	k := security.Key{ID: id, Bytes: config.NewSecret(b)}
	if err := security.CheckKey(k); err != nil {
		return security.Key{}, err
	}
	s.mu.Lock()
	s.byID[id] = s.cached(k)
	s.mu.Unlock()
	return k, nil
}

// Rotate makes a new random key and makes it the current one. Other processes use it
// once what they cached is old; what they seal with the former until then opens all
// the same. When two processes rotate at a time, both keys are kept, and one is current.
func (s *Stored) Rotate(ctx context.Context) (security.Key, error) {
	b := make([]byte, 32)
	rand.Read(b)
	// Named by the day for people, and by chance for two that rotate at a time.
	id := s.opts.Clock.Now().Format("20060102-") + strings.ToLower(rand.Text()[:8])
	k := security.Key{ID: id, Bytes: config.NewSecret(b)}
	text := config.NewSecret(base64.StdEncoding.EncodeToString(b))
	if err := s.store.Set(ctx, s.prefix+"/"+id, text); err != nil {
		return security.Key{}, security.Err.Wrap(err, "keys: rotate")
	}
	if err := s.store.Set(ctx, s.prefix+"/"+currentName, config.NewSecret(id)); err != nil {
		return security.Key{}, security.Err.Wrap(err, "keys: rotate")
	}
	s.mu.Lock()
	s.byID[id] = s.cached(k)
	s.current = s.byID[id]
	s.mu.Unlock()
	return k, nil
}

// Remove destroys a key for ever, and with it everything that was sealed with it. The
// current one is an error wrapping [security.ErrKey]. Other processes may use it
// until what they cached is old.
func (s *Stored) Remove(ctx context.Context, id string) error {
	if err := begin(ctx, id); err != nil {
		return err
	}
	current, err := s.store.Get(ctx, s.prefix+"/"+currentName)
	if err != nil && !errors.Is(err, security.ErrSecretNotFound) {
		return security.Err.Wrap(err, "keys: remove %q", id)
	}
	if id == currentName || id == current.Reveal() {
		return security.ErrKey.Wrap(nil, "keys: remove %q: it is the current key; call Rotate first", id)
	}
	if err := s.store.Delete(ctx, s.prefix+"/"+id); err != nil {
		return security.Err.Wrap(err, "keys: remove %q", id)
	}
	s.mu.Lock()
	delete(s.byID, id)
	if s.current.key.ID == id {
		s.current = cachedKey{}
	}
	s.mu.Unlock()
	return nil
}

func (s *Stored) cached(k security.Key) cachedKey {
	if s.opts.CacheFor < 0 {
		return cachedKey{}
	}
	return cachedKey{k, s.opts.Clock.Monotonic() + s.opts.CacheFor}
}
