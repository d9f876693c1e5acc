package memorystorage

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// List yields the blobs whose key begins with prefix, in byte order of key; see
// [storage.Lister]. It takes the keys at its beginning, and each blob when its
// turn comes. The loop may change the store.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		for _, key := range s.keys(prefix) {
			b, err := s.get(ctx, "list", key)
			if errors.Is(err, storage.ErrNotFound) {
				continue // deleted meanwhile
			}
			if !yield(b.describe(), err) || err != nil {
				return
			}
		}
		if ctx.Err() != nil {
			yield(storage.Info{}, storage.Err.Wrap(context.Cause(ctx), "memorystorage: list %q", prefix))
		}
	}
}

func (s *Store) keys(prefix string) []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var keys []string
	for key := range s.blobs {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// Copy stores the blob from under to; see [storage.Copier]. The bytes are shared.
func (s *Store) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	if err := cmp.Or(storage.CheckKey(from), storage.CheckKey(to)); err != nil {
		return storage.Info{}, err
	}
	b, err := s.get(ctx, "copy", from)
	if err != nil {
		return storage.Info{}, err
	}
	b.info.Key = to
	return s.replace(b, "copy to", pre)
}
