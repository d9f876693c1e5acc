package securitytest

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// A ring is the smallest source that keeps every rule, or breaks one.
type ring struct {
	mu     sync.Mutex
	keys   []security.Key
	bare   []byte // what shows
	breaks string
}

func newRing(breaks string) Keys {
	r := &ring{breaks: breaks}
	if err := r.rotate(context.Background()); err != nil {
		panic(err)
	}
	if breaks == "keys do not show" {
		r.bare = r.keys[0].Bytes.Reveal()
	}
	return Keys{r, r.rotate}
}

func (r *ring) is(rule string) bool { return r.breaks == rule }

func (r *ring) rotate(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.is("rotation") {
		r.keys = nil // the former key is gone
	}
	b := make([]byte, 32)
	rand.Read(b)
	if r.is("current") {
		b = b[:16]
	}
	r.keys = append(r.keys, security.Key{ID: strconv.Itoa(len(r.keys) + 1), Bytes: config.NewSecret(b)})
	return nil
}

func (r *ring) Current(ctx context.Context) (security.Key, error) {
	if ctx.Err() != nil && !r.is("a context that has ended") {
		return security.Key{}, context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.is("one ID, one key") {
		r.keys[0].Bytes = config.NewSecret(append([]byte{1}, r.keys[0].Bytes.Reveal()[:31]...))
	}
	return r.keys[len(r.keys)-1], nil
}

func (r *ring) Key(ctx context.Context, id string) (security.Key, error) {
	if err := security.CheckKeyID(id); err != nil && !r.is("invalid IDs") {
		return security.Key{}, err
	}
	if ctx.Err() != nil {
		return security.Key{}, context.Cause(ctx)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.is("concurrent use") {
		r.keys = append(r.keys, security.Key{})
	}
	for _, k := range r.keys {
		if k.ID == id {
			return k, nil
		}
	}
	if r.is("no such key") {
		return r.keys[0], nil
	}
	return security.Key{}, security.ErrKeyNotFound
}

func TestKeysGood(t *testing.T) { RunKeys(t, func(*testing.T) Keys { return newRing("") }) }

func TestKeysWithoutRotation(t *testing.T) {
	RunKeys(t, func(*testing.T) Keys { return Keys{Source: newRing("").Source} })
}

func TestKeysBroken(t *testing.T) { broken(t, keyRules, newRing) }

// A box is the smallest sealer that keeps every rule, or breaks one.
type box struct {
	aead   cipher.AEAD
	mu     sync.Mutex
	last   []byte // what Open returned last
	breaks string
}

func newBox(breaks string) security.Sealer {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return &box{aead: aead, breaks: breaks}
}

func (b *box) is(rule string) bool { return b.breaks == rule }

func (b *box) bound(purpose string) []byte {
	if b.is("another purpose") {
		purpose = strings.Trim(purpose, "2\x00") // "a" and "a2" are one
	}
	return []byte(purpose)
}

func (b *box) Seal(ctx context.Context, purpose string, plain []byte) ([]byte, error) {
	if ctx.Err() != nil && !b.is("a context that has ended") {
		return nil, context.Cause(ctx)
	}
	nonce := make([]byte, b.aead.NonceSize())
	if !b.is("other bytes each time") {
		rand.Read(nonce)
	}
	sealed := b.aead.Seal(nonce, nonce, plain, b.bound(purpose))
	switch {
	case b.is("open") && len(plain) == 0:
		return nil, nil
	case b.is("nothing shows"):
		return append(sealed, purpose...), nil
	}
	return sealed, nil
}

func (b *box) Open(ctx context.Context, purpose string, sealed []byte) ([]byte, error) {
	if ctx.Err() != nil && !b.is("a context that has ended") {
		return nil, context.Cause(ctx)
	}
	n := b.aead.NonceSize()
	if len(sealed) < n {
		if b.is("never sealed") {
			return nil, nil
		}
		return nil, security.ErrOpen
	}
	plain, err := b.aead.Open(nil, sealed[:n], sealed[n:], b.bound(purpose))
	switch {
	case b.is("changed bytes") && err != nil:
		return bytes.Clone(sealed[n:]), nil
	case b.is("cut bytes") && err != nil:
		return nil, err // not ErrOpen
	case err != nil:
		return nil, security.ErrOpen.Wrap(nil, "box: open")
	case b.is("arguments and results are the caller's"):
		clear(sealed)
	case b.is("concurrent use"):
		b.mu.Lock()
		defer b.mu.Unlock()
		plain, b.last = b.last, plain // a shared buffer
	}
	return plain, nil
}

func TestSealerGood(t *testing.T) {
	RunSealer(t, func(*testing.T) security.Sealer { return newBox("") })
}

func TestSealerBroken(t *testing.T) { broken(t, sealerRules, newBox) }
