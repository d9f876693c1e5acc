package tenantstorage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// Where the tenants' blobs, the blobs with long keys, and the notes of those keys stand.
const (
	blobs  = "t/"
	hashed = "h/"
	notes  = "n/"
)

// physical returns the key under which the tenant's blob stands.
func physical(ctx context.Context, key string) (string, error) {
	if err := storage.CheckKey(key); err != nil {
		return "", err
	}
	id, err := bound.Tenant(ctx)
	if err != nil {
		return "", tenancy.Err.Wrap(err, "tenantstorage: key %.40q", key)
	}
	if k := root(blobs, id) + key; storage.CheckKey(k) == nil {
		return k, nil
	}
	return root(hashed, id) + digest(key), nil
}

func root(area string, id tenancy.ID) string { return area + string(id) + "/" }

func digest(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// note keeps the key of a blob with a hashed name, before there is the blob: a
// note without a blob says nothing, but a blob without a note would be lost to
// List. Nothing takes a note back, as that would race with the next Put.
func (s *Store) note(ctx context.Context, physical, key string) error {
	name, ok := strings.CutPrefix(physical, hashed)
	if !ok {
		return nil
	}
	_, err := s.inner.Put(ctx, notes+name, strings.NewReader(key), storage.IfAbsent())
	if errors.Is(err, storage.ErrPrecondition) {
		return nil
	}
	return err
}
