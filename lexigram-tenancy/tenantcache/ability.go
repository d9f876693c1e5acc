package tenantcache

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

var (
	_ cache.Batcher        = (*Store)(nil)
	_ cache.BatchWriter    = (*Store)(nil)
	_ cache.Exister        = (*Store)(nil)
	_ cache.PatternDeleter = (*Store)(nil)
	_ cache.Swapper        = (*Store)(nil)
	_ cache.Counter        = (*Store)(nil)
	_ cache.Watcher        = (*Store)(nil)
	_ cache.Meter          = (*Store)(nil)
)

// as returns the store under s as T.
func as[T cache.Store](s *Store, op string) (T, error) {
	t, ok := s.inner.(T)
	if !ok {
		return t, cache.Err.Wrap(errors.ErrUnsupported, "tenantcache: %s", op)
	}
	return t, nil
}

// one returns the store under s as T, and the physical key.
func one[T cache.Store](ctx context.Context, s *Store, op, key string) (T, string, error) {
	k, err := physical(ctx, key)
	if err != nil {
		var none T
		return none, "", err
	}
	t, err := as[T](s, op)
	return t, k, err
}

// many is one for each key of keys, and for none. It returns the keys by what
// they are under s.
func many[T cache.Store](ctx context.Context, s *Store, op string, keys []string) (t T, prefixed []string, logical map[string]string, err error) {
	prefixed, logical = make([]string, len(keys)), make(map[string]string, len(keys))
	for i, key := range keys {
		k, err := physical(ctx, key)
		if err != nil {
			return t, nil, nil, err
		}
		prefixed[i], logical[k] = k, key
	}
	if _, err := bound.Tenant(ctx); err != nil { // also without keys
		return t, nil, nil, wrap(err, "")
	}
	t, err = as[T](s, op)
	return t, prefixed, logical, err
}

// GetMany returns the tenant's entries in one round trip.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	b, prefixed, logical, err := many[cache.Batcher](ctx, s, "get many", keys)
	if err != nil {
		return nil, err
	}
	found, err := b.GetMany(ctx, prefixed)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte, len(found))
	for k, v := range found {
		out[logical[k]] = v
	}
	return out, nil
}

// SetMany stores entries of the tenant in one round trip.
func (s *Store) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	b, prefixed, logical, err := many[cache.BatchWriter](ctx, s, "set many", keys)
	if err != nil {
		return err
	}
	inner := make(map[string][]byte, len(entries))
	for _, k := range prefixed {
		inner[k] = entries[logical[k]]
	}
	return b.SetMany(ctx, inner, ttl)
}

// DeleteMany removes entries of the tenant in one round trip.
func (s *Store) DeleteMany(ctx context.Context, keys []string) (int, error) {
	b, prefixed, _, err := many[cache.BatchWriter](ctx, s, "delete many", keys)
	if err != nil {
		return 0, err
	}
	return b.DeleteMany(ctx, prefixed)
}

// Exists reports whether the tenant has an entry under key.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	e, k, err := one[cache.Exister](ctx, s, "look for a key", key)
	if err != nil {
		return false, err
	}
	return e.Exists(ctx, k)
}

// Create stores an entry of the tenant if there is none.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	w, k, err := one[cache.Swapper](ctx, s, "create", key)
	if err != nil {
		return err
	}
	return w.Create(ctx, k, value, ttl)
}

// Swap replaces an entry of the tenant if it is old.
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	w, k, err := one[cache.Swapper](ctx, s, "swap", key)
	if err != nil {
		return err
	}
	return w.Swap(ctx, k, old, value, ttl)
}

// Remove deletes an entry of the tenant if it is old.
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	w, k, err := one[cache.Swapper](ctx, s, "remove", key)
	if err != nil {
		return err
	}
	return w.Remove(ctx, k, old)
}

// Increment adds to a number of the tenant.
func (s *Store) Increment(ctx context.Context, key string, delta int64, ttl time.Duration) (int64, error) {
	c, k, err := one[cache.Counter](ctx, s, "increment", key)
	if err != nil {
		return 0, err
	}
	return c.Increment(ctx, k, delta, ttl)
}

// DeletePattern removes the tenant's entries whose keys match pattern. Of keys
// that stand under their SHA-256 nothing is known but that: a pattern that may
// match one removes all of those too, as an eviction may, and counts them. With
// what is put before the keys the pattern has at most 2,048 bytes.
func (s *Store) DeletePattern(ctx context.Context, pattern string) (int, error) {
	if err := cache.CheckPattern(pattern); err != nil {
		return 0, err
	}
	id, err := bound.Tenant(ctx)
	if err != nil {
		return 0, wrap(err, pattern)
	}
	d, err := as[cache.PatternDeleter](s, "delete pattern")
	if err != nil {
		return 0, err
	}
	physical := "t/" + string(id) + "/" + pattern
	n, err := d.DeletePattern(ctx, physical)
	if err == nil && (strings.Contains(pattern, "*") || cache.CheckKey(physical) != nil) {
		var more int
		more, err = d.DeletePattern(ctx, "h/"+string(id)+"/*")
		n += more
	}
	return n, err
}

// Watch reports changes of the tenant's entries. That of a key that stands under
// its SHA-256 is reported as one of every key.
func (s *Store) Watch(ctx context.Context, changed func(key string)) error {
	id, err := bound.Tenant(ctx)
	if err != nil {
		return wrap(err, "")
	}
	w, err := as[cache.Watcher](s, "watch")
	if err != nil {
		return err
	}
	own, hashed := "t/"+string(id)+"/", "h/"+string(id)+"/"
	return w.Watch(ctx, func(key string) {
		if logical, ok := strings.CutPrefix(key, own); ok {
			changed(logical)
		} else if key == "" || strings.HasPrefix(key, hashed) {
			changed("")
		}
	})
}

// MaxStaleness is that of the store under it, and zero if that cannot watch.
func (s *Store) MaxStaleness() time.Duration {
	if w, ok := s.inner.(cache.Watcher); ok {
		return w.MaxStaleness()
	}
	return 0
}

// Stats returns the figures of the store under it, for which tenants count together.
func (s *Store) Stats(ctx context.Context) (cache.Stats, error) {
	if _, err := bound.Tenant(ctx); err != nil {
		return cache.Stats{}, wrap(err, "")
	}
	m, err := as[cache.Meter](s, "stats")
	if err != nil {
		return cache.Stats{}, err
	}
	return m.Stats(ctx)
}
