package erasure

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// A key is that of a subject: AES-256-GCM with random nonces, of which one key takes 2^32.
type key struct {
	id   string
	aead cipher.AEAD
}

const (
	idLen  = 26 // of rand.Text
	keyLen = 32
)

// cacheSize is how many keys are cached, and how many that are gone.
const cacheSize = 10_000

// A keyring has the keys of subjects.
type keyring struct {
	store state.Swapper
	opts  Options

	mu     sync.Mutex
	cached map[string]cachedKey
	gone   map[string]time.Duration // by ID, until when not to look again
	erased int                      // how often: what was loaded meanwhile is not cached
}

type cachedKey struct {
	key   *key
	until time.Duration // by the monotonic clock
}

func newKeyring(store state.Swapper, opts Options) *keyring {
	return &keyring{store: store, opts: opts, cached: map[string]cachedKey{}, gone: map[string]time.Duration{}}
}

func checkSubject(subject string) error {
	ok := len(subject) > 0 && len(subject) <= 255 && utf8.ValidString(subject) &&
		!strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r == 0x7f })
	if !ok {
		return eventstore.ErrInvalid.Wrap(nil, "erasure: subject %.40q is not 1 to 255 bytes of UTF-8 without control characters", subject)
	}
	return nil
}

func entry(subject string) string { return "erasure/" + subject }

// toSeal returns the key of a subject, and makes one if it has none.
func (k *keyring) toSeal(ctx context.Context, subject string) (*key, error) {
	if have := k.fromCache(subject); have != nil {
		return have, nil
	}
	for {
		have, err := k.load(ctx, subject)
		if have != nil || err != nil {
			return have, err
		}
		raw := make([]byte, keyLen)
		rand.Read(raw)
		sealed, err := k.opts.Master.Seal(ctx, entry(subject), append([]byte(rand.Text()), raw...))
		if err == nil {
			err = k.store.Create(ctx, entry(subject), sealed, state.Permanent)
		}
		if err != nil && !errors.Is(err, state.ErrChanged) { // another was quicker
			return nil, eventstore.Err.Wrap(err, "erasure: make the key of %q", subject)
		}
	}
}

// toOpen returns the key of a subject with an ID, or nil if it is gone: a key is
// there before anything is sealed with it, and never comes back.
func (k *keyring) toOpen(ctx context.Context, subject, id string) (*key, error) {
	if have := k.fromCache(subject); have != nil && have.id == id {
		return have, nil
	}
	k.mu.Lock()
	until, gone := k.gone[id]
	k.mu.Unlock()
	if gone && k.opts.Clock.Monotonic() < until {
		return nil, nil
	}
	have, err := k.load(ctx, subject)
	if err != nil {
		return nil, err
	}
	if have != nil && have.id == id {
		return have, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.opts.CacheFor > 0 {
		if len(k.gone) >= cacheSize {
			clear(k.gone)
		}
		k.gone[id] = k.opts.Clock.Monotonic() + k.opts.CacheFor
	}
	return nil, nil
}

func (k *keyring) fromCache(subject string) *key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.cached[subject]; k.opts.Clock.Monotonic() < c.until {
		return c.key
	}
	return nil
}

// load returns the key of a subject from the store, or nil if it has none.
func (k *keyring) load(ctx context.Context, subject string) (*key, error) {
	k.mu.Lock()
	erased := k.erased
	k.mu.Unlock()
	sealed, err := k.store.Get(ctx, entry(subject))
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, eventstore.Err.Wrap(err, "erasure: key of %q", subject)
	}
	raw, err := k.opts.Master.Open(ctx, entry(subject), sealed)
	if err != nil {
		return nil, eventstore.Err.Wrap(err, "erasure: key of %q", subject)
	}
	if len(raw) != idLen+keyLen {
		return nil, security.ErrKey.Wrap(nil, "erasure: entry %q", entry(subject))
	}
	block, err := aes.NewCipher(raw[idLen:])
	if err != nil {
		return nil, eventstore.Err.Wrap(err, "erasure: key of %q", subject)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, eventstore.Err.Wrap(err, "erasure: key of %q", subject)
	}
	have := &key{id: string(raw[:idLen]), aead: aead}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.opts.CacheFor > 0 && k.erased == erased {
		if len(k.cached) >= cacheSize {
			clear(k.cached)
		}
		k.cached[subject] = cachedKey{have, k.opts.Clock.Monotonic() + k.opts.CacheFor}
	}
	return have, nil
}

func (k *keyring) erase(ctx context.Context, subject string) (bool, error) {
	existed, err := k.store.Delete(ctx, entry(subject))
	if err != nil {
		return false, eventstore.Err.Wrap(err, "erasure: erase %q", subject)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.erased++
	delete(k.cached, subject)
	return existed, nil
}
