package security

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A SecretVersion names one value that a secret has or had.
type SecretVersion struct {
	ID      string    // the store's own; "" in a store that keeps none but the current
	Created time.Time // in UTC; zero if the store does not know
}

// A VersionedStore is a [SecretStore] that keeps former values, so that what was
// made with one can still be checked after a rotation. Set makes a version too,
// and Delete removes all of them. Use [Rotate], [Versions] and [GetVersion], which
// fall back.
type VersionedStore interface {
	SecretStore
	// Rotate is Set, and returns the version that it made, which Get returns from
	// then on.
	Rotate(ctx context.Context, name string, value config.Secret[string]) (SecretVersion, error)
	// Versions returns the versions that are kept, newest first, the current one
	// among them; or an error wrapping [ErrSecretNotFound]. The caller owns the slice.
	Versions(ctx context.Context, name string) ([]SecretVersion, error)
	// GetVersion returns the value of a version, or an error wrapping
	// [ErrSecretNotFound]. "" is the current one.
	GetVersion(ctx context.Context, name, id string) (config.Secret[string], error)
}

// Rotate replaces the secret and returns the new version, which has no ID if s is
// not a [VersionedStore]: the former value is then gone.
func Rotate(ctx context.Context, s SecretStore, name string, value config.Secret[string]) (SecretVersion, error) {
	if v, ok := s.(VersionedStore); ok {
		if made, err := v.Rotate(ctx, name, value); !errors.Is(err, errors.ErrUnsupported) {
			return made, err
		}
	}
	return SecretVersion{}, s.Set(ctx, name, value)
}

// Versions returns the versions of a secret, newest first: one without an ID if s is
// not a [VersionedStore].
func Versions(ctx context.Context, s SecretStore, name string) ([]SecretVersion, error) {
	if v, ok := s.(VersionedStore); ok {
		if all, err := v.Versions(ctx, name); !errors.Is(err, errors.ErrUnsupported) {
			return all, err
		}
	}
	has, err := Has(ctx, s, name)
	if err != nil {
		return nil, err
	}
	if !has {
		return nil, ErrSecretNotFound.Wrap(nil, "security: versions of secret %s", quoted(name))
	}
	return []SecretVersion{{}}, nil
}

// GetVersion returns the value of a version of a secret. A store that is not a
// [VersionedStore] has only the current one, "".
func GetVersion(ctx context.Context, s SecretStore, name, id string) (config.Secret[string], error) {
	if v, ok := s.(VersionedStore); ok {
		if value, err := v.GetVersion(ctx, name, id); !errors.Is(err, errors.ErrUnsupported) {
			return value, err
		}
	}
	value, err := s.Get(ctx, name)
	if err == nil && id != "" {
		return config.Secret[string]{}, ErrSecretNotFound.Wrap(nil, "security: version %s of secret %s", quoted(id), quoted(name))
	}
	return value, err
}
