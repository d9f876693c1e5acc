package secretstore

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// sealedPrefix begins the text of a sealed secret, so that one which was stored
// without encryption is told from it, and not taken for a secret.
const sealedPrefix = "sealed:"

var encoding = base64.RawStdEncoding // immutable

// Encrypted is a [security.SecretStore] that seals what it keeps in another one, each
// secret bound to its name. It has the abilities of the inner store, and takes three
// quarters of what that takes, less 100 bytes. It is safe for concurrent use.
//
// Whoever can write to the inner store can delete a secret, or bring back a former
// value of it; nothing here notices. After a rotation of the key, Set of what Get
// returned seals it with the current one.
type Encrypted struct {
	inner  security.SecretStore
	sealer security.Sealer
}

var (
	_ security.SecretFinder   = (*Encrypted)(nil)
	_ security.SecretBatcher  = (*Encrypted)(nil)
	_ security.VersionedStore = (*Encrypted)(nil)
)

// NewEncrypted returns a store over inner, or an error wrapping [security.Err] if an
// argument is nil.
func NewEncrypted(inner security.SecretStore, sealer security.Sealer) (*Encrypted, error) {
	if inner == nil || sealer == nil {
		return nil, security.Err.Wrap(errors.New("the inner store and the sealer must not be nil"), "secretstore: encrypted")
	}
	return &Encrypted{inner, sealer}, nil
}

// Get returns the secret; see [security.SecretStore]. One that was not sealed here, for
// its name, is a [*security.SecretAccessError] that wraps [security.ErrOpen].
func (e *Encrypted) Get(ctx context.Context, name string) (config.Secret[string], error) {
	sealed, err := e.inner.Get(ctx, name)
	if err != nil {
		return config.Secret[string]{}, err
	}
	return e.open(ctx, "get", name, sealed)
}

// Set seals and stores the secret; see [security.SecretStore].
func (e *Encrypted) Set(ctx context.Context, name string, value config.Secret[string]) error {
	sealed, err := e.seal(ctx, "set", name, value)
	if err != nil {
		return err
	}
	return e.inner.Set(ctx, name, sealed)
}

// Delete removes the secret; see [security.SecretStore].
func (e *Encrypted) Delete(ctx context.Context, name string) error { return e.inner.Delete(ctx, name) }

// Has reports whether there is a secret, which may not open; see [security.SecretFinder].
// It is [errors.ErrUnsupported] if the inner store is no such one.
func (e *Encrypted) Has(ctx context.Context, name string) (bool, error) {
	f, ok := e.inner.(security.SecretFinder)
	if !ok {
		return false, unable(ctx, "has", name)
	}
	return f.Has(ctx, name)
}

// GetMany returns the secrets that are there; see [security.SecretBatcher]. It asks the
// inner store once if that can.
func (e *Encrypted) GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error) {
	found, err := security.GetMany(ctx, e.inner, names)
	if err != nil {
		return nil, err
	}
	for name, sealed := range found {
		if found[name], err = e.open(ctx, "get many", name, sealed); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Rotate seals and stores the secret and returns its version; see [security.VersionedStore].
// It is [errors.ErrUnsupported] if the inner store is no such one.
func (e *Encrypted) Rotate(ctx context.Context, name string, value config.Secret[string]) (security.SecretVersion, error) {
	v, ok := e.inner.(security.VersionedStore)
	if !ok {
		return security.SecretVersion{}, unable(ctx, "rotate", name)
	}
	sealed, err := e.seal(ctx, "rotate", name, value)
	if err != nil {
		return security.SecretVersion{}, err
	}
	return v.Rotate(ctx, name, sealed)
}

// Versions returns the versions of a secret; see [security.VersionedStore]. It is
// [errors.ErrUnsupported] if the inner store is no such one.
func (e *Encrypted) Versions(ctx context.Context, name string) ([]security.SecretVersion, error) {
	v, ok := e.inner.(security.VersionedStore)
	if !ok {
		return nil, unable(ctx, "versions", name)
	}
	return v.Versions(ctx, name)
}

// GetVersion returns a version of a secret; see [security.VersionedStore]. It is
// [errors.ErrUnsupported] if the inner store is no such one.
func (e *Encrypted) GetVersion(ctx context.Context, name, id string) (config.Secret[string], error) {
	v, ok := e.inner.(security.VersionedStore)
	if !ok {
		return config.Secret[string]{}, unable(ctx, "get version", name)
	}
	sealed, err := v.GetVersion(ctx, name, id)
	if err != nil {
		return config.Secret[string]{}, err
	}
	return e.open(ctx, "get version", name, sealed)
}

// purpose binds what is sealed to the name that it is stored under.
func purpose(name string) string { return "secret/" + name }

func (e *Encrypted) seal(ctx context.Context, op, name string, value config.Secret[string]) (config.Secret[string], error) {
	none := config.Secret[string]{}
	if err := begin(ctx, op, name); err != nil {
		return none, err
	}
	if err := security.CheckSecretValue(value.Reveal()); err != nil {
		return none, err
	}
	sealed, err := e.sealer.Seal(ctx, purpose(name), []byte(value.Reveal()))
	if err != nil {
		return none, failed(op, name, err)
	}
	return config.NewSecret(sealedPrefix + encoding.EncodeToString(sealed)), nil
}

func (e *Encrypted) open(ctx context.Context, op, name string, text config.Secret[string]) (config.Secret[string], error) {
	none := config.Secret[string]{}
	encoded, ok := strings.CutPrefix(text.Reveal(), sealedPrefix)
	sealed, err := encoding.DecodeString(encoded)
	if !ok || err != nil { // which would show a part of it
		return none, failed(op, name, security.ErrOpen.Wrap(nil, "secretstore: it was not stored encrypted; Set it again"))
	}
	plain, err := e.sealer.Open(ctx, purpose(name), sealed)
	if err != nil {
		return none, failed(op, name, err)
	}
	return config.NewSecret(string(plain)), nil
}

// unable is what an ability answers that the inner store lacks.
func unable(ctx context.Context, op, name string) error {
	if err := begin(ctx, op, name); err != nil {
		return err
	}
	return failed(op, name, fmt.Errorf("the inner store cannot: %w", errors.ErrUnsupported))
}
