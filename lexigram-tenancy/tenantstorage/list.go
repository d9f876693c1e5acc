package tenantstorage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// List yields the tenant's blobs, or an error wrapping errors.ErrUnsupported if
// the store under it cannot. It reads a note for each long key that there ever was.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		id, err := bound.Tenant(ctx)
		if err != nil {
			yield(storage.Info{}, tenancy.Err.Wrap(err, "tenantstorage: list %.40q", prefix))
			return
		}
		l, ok := s.inner.(storage.Lister)
		if !ok {
			yield(storage.Info{}, unsupported("list", prefix))
			return
		}
		li := &listing{store: l, id: id, yield: yield}
		if err := li.run(ctx, prefix); err != nil {
			yield(storage.Info{}, err)
		}
	}
}

// A listing merges the blobs under their own keys with those under hashed ones.
type listing struct {
	store storage.Lister
	id    tenancy.ID
	yield func(storage.Info, error) bool
	long  []string // keys that are still to come, in order
}

// errLeft says that the loop was left.
var errLeft = errors.New("the loop was left")

func (l *listing) run(ctx context.Context, prefix string) error {
	err := l.readNotes(ctx, prefix)
	if err == nil {
		err = l.merge(ctx, prefix)
	}
	if errors.Is(err, errLeft) {
		return nil
	}
	return err
}

func (l *listing) readNotes(ctx context.Context, prefix string) error {
	own := root(notes, l.id)
	for info, err := range l.store.List(ctx, own) {
		if err != nil {
			return err
		}
		key, _, err := storage.ReadAll(ctx, l.store, info.Key, 1024)
		if err != nil {
			return err
		}
		if info.Key != own+digest(string(key)) {
			return storage.Err.Wrap(fmt.Errorf("note %q is not what it was", info.Key), "tenantstorage: list %.40q", prefix)
		}
		if strings.HasPrefix(string(key), prefix) {
			l.long = append(l.long, string(key))
		}
	}
	slices.Sort(l.long)
	return nil
}

func (l *listing) merge(ctx context.Context, prefix string) error {
	own := root(blobs, l.id)
	for info, err := range l.store.List(ctx, own+prefix) {
		if err != nil {
			return err
		}
		key, mine := strings.CutPrefix(info.Key, own)
		if !mine {
			return storage.Err.Wrap(errors.New("the store listed a key outside the prefix"), "tenantstorage: list %.40q", prefix)
		}
		if err := l.longUntil(ctx, key, false); err != nil {
			return err
		}
		if !l.yield(logical(info, key), nil) {
			return errLeft
		}
	}
	return l.longUntil(ctx, "", true)
}

// longUntil yields the long keys before key, or all that are left.
func (l *listing) longUntil(ctx context.Context, key string, all bool) error {
	for len(l.long) > 0 && (all || l.long[0] < key) {
		next := l.long[0]
		l.long = l.long[1:]
		info, err := l.store.Stat(ctx, root(hashed, l.id)+digest(next))
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if !l.yield(logical(info, next), nil) {
			return errLeft
		}
	}
	return nil
}
