package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// A Ring is a [security.KeySource] of keys that are in the program's memory. It
// never changes: a rotation is another Ring with another first key. It is safe for
// concurrent use; the zero value has no key.
type Ring struct {
	current security.Key
	byID    map[string]security.Key
}

var _ security.KeySource = (*Ring)(nil)

// NewRing returns a ring of keys, the current one first. It copies them. No key,
// one that [security.CheckKey] refuses, or two of one ID, is an error wrapping
// [security.ErrKey].
func NewRing(keys ...security.Key) (*Ring, error) {
	if len(keys) == 0 {
		return nil, security.ErrKey.Wrap(nil, "keys: a ring needs a key")
	}
	r := &Ring{byID: make(map[string]security.Key, len(keys))}
	for _, k := range keys {
		if err := security.CheckKey(k); err != nil {
			return nil, err
		}
		if _, ok := r.byID[k.ID]; ok {
			return nil, security.ErrKey.Wrap(nil, "keys: two keys have the ID %q", k.ID)
		}
		r.byID[k.ID] = security.Key{ID: k.ID, Bytes: config.NewSecret([]byte(string(k.Bytes.Reveal())))}
	}
	r.current = r.byID[keys[0].ID]
	return r, nil
}

// minMaster is the least length of a secret that keys are derived from.
const minMaster = 32

// FromSecret returns a ring of one key for each ID, the current one first, derived
// from a random secret of at least 32 bytes by HKDF-SHA256 (RFC 5869). It is not
// for passwords: their guesses are tried as fast as HMAC. Whoever has the secret
// has every key of it.
func FromSecret(master config.Secret[string], ids ...string) (*Ring, error) {
	if n := len(master.Reveal()); n < minMaster {
		return nil, security.ErrKey.Wrap(nil, "keys: the secret has %d bytes; keys are derived from at least %d random ones", n, minMaster)
	}
	keys := make([]security.Key, len(ids))
	for i, id := range ids {
		k, err := derive(id, []byte(master.Reveal()), "id/"+id)
		if err != nil {
			return nil, err
		}
		keys[i] = k
	}
	return NewRing(keys...)
}

// Current returns the first key of the ring.
func (r *Ring) Current(ctx context.Context) (security.Key, error) {
	if ctx.Err() != nil {
		return security.Key{}, security.Err.Wrap(context.Cause(ctx), "keys: current")
	}
	if r.byID == nil {
		return security.Key{}, security.ErrKeyNotFound.Wrap(nil, "keys: current key of an empty ring")
	}
	return r.current, nil
}

// Key returns the key of an ID; see [security.KeySource].
func (r *Ring) Key(ctx context.Context, id string) (security.Key, error) {
	if err := begin(ctx, id); err != nil {
		return security.Key{}, err
	}
	k, ok := r.byID[id]
	if !ok {
		return security.Key{}, security.ErrKeyNotFound.Wrap(nil, "keys: key %q", id)
	}
	return k, nil
}

// begin refuses what no Key may begin with.
func begin(ctx context.Context, id string) error {
	if err := security.CheckKeyID(id); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return security.Err.Wrap(context.Cause(ctx), "keys: key %q", id)
	}
	return nil
}

// derive returns the key of an ID from a secret and a label, which says what it is for.
func derive(id string, secret []byte, label string) (security.Key, error) {
	if err := security.CheckKeyID(id); err != nil {
		return security.Key{}, err
	}
	b, err := hkdf.Key(sha256.New, secret, nil, "lexigram/keys/v1/"+label, 32)
	if err != nil {
		return security.Key{}, security.Err.Wrap(err, "keys: derive %q", id)
	}
	return security.Key{ID: id, Bytes: config.NewSecret(b)}, nil
}
