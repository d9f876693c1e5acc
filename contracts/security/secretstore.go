package security

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A SecretStore keeps small secrets under names. It is safe for concurrent use,
// and no value shows in its errors, logs, or text.
//
// A name that [CheckSecretName] refuses is an error wrapping [ErrSecretName] from
// every method. After that, everything that is not told below is a
// [*SecretAccessError] that wraps its cause: the cause of a ctx that has ended
// ([context.Cause]), and then there is no effect; [errors.ErrUnsupported] from the
// Set and Delete of a store that is read-only by nature; an error of kind Denied
// where the principal may not. A ctx that ends while a backend works may leave the
// effect of Set and Delete unknown.
type SecretStore interface {
	// Get returns the secret, or an error wrapping [ErrSecretNotFound]. An empty
	// value is a secret.
	Get(ctx context.Context, name string) (config.Secret[string], error)

	// Set creates or replaces the secret in one step: a Get at the same time returns the old
	// value or the new one, whole. What [CheckSecretValue] refuses, or is larger than this
	// store takes, is an error wrapping [ErrSecretValue], and the secret stays as it was; 16
	// KiB are taken. A name that is a level of another one, "a" beside "a/b", is another
	// secret, or an error of kind Conflict.
	Set(ctx context.Context, name string, value config.Secret[string]) error

	// Delete removes the secret. One that is not there is no error.
	Delete(ctx context.Context, name string) error
}

// A SecretFinder is a [SecretStore] that tells whether it has a secret without
// reading it. Use [Has], which falls back to Get.
type SecretFinder interface {
	SecretStore
	// Has reports whether Get would find the secret.
	Has(ctx context.Context, name string) (bool, error)
}

// Has reports whether s has a secret of the name, without reading it if s is a
// [SecretFinder].
func Has(ctx context.Context, s SecretStore, name string) (bool, error) {
	if f, ok := s.(SecretFinder); ok {
		if has, err := f.Has(ctx, name); !errors.Is(err, errors.ErrUnsupported) {
			return has, err
		}
	}
	_, err := s.Get(ctx, name)
	if errors.Is(err, ErrSecretNotFound) {
		return false, nil
	}
	return err == nil, err
}

// A SecretBatcher is a [SecretStore] that answers for many names in one round
// trip. Use [GetMany], which falls back to Get.
type SecretBatcher interface {
	SecretStore
	// GetMany returns the secrets that are there; a missing name is absent from
	// the map. One name that [CheckSecretName] refuses fails the call, and so does
	// one secret that cannot be accessed.
	GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error)
}

// GetMany returns the secrets of names that are there, in one round trip if s is a
// [SecretBatcher]. The errors are those of Get, but one that is missing is none.
func GetMany(ctx context.Context, s SecretStore, names []string) (map[string]config.Secret[string], error) {
	if b, ok := s.(SecretBatcher); ok {
		if m, err := b.GetMany(ctx, names); !errors.Is(err, errors.ErrUnsupported) {
			return m, err
		}
	}
	for _, name := range names {
		if err := CheckSecretName(name); err != nil {
			return nil, err
		}
	}
	found := make(map[string]config.Secret[string], len(names))
	for _, name := range names {
		value, err := s.Get(ctx, name)
		if errors.Is(err, ErrSecretNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[name] = value
	}
	return found, nil
}
