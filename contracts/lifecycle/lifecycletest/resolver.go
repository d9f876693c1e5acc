package lifecycletest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A lookup makes any resolver a [di.Finder], [di.Collector] and [di.Binder], as
// the one that an application gives to hooks is.
type lookup struct{ di.Resolver }

// Bind binds with the resolver, if it can.
func (l lookup) Bind(key di.Key, value any) error {
	b, ok := l.Resolver.(di.Binder)
	if !ok {
		return di.Err.Wrap(errors.ErrUnsupported, "di: bind %v", key)
	}
	return b.Bind(key, value)
}

// Has asks the resolver, if it can tell; of another one it resolves the service.
func (l lookup) Has(key di.Key) (bool, error) {
	if f, ok := l.Resolver.(di.Finder); ok {
		return f.Has(key)
	}
	_, err := l.Resolve(context.Background(), key)
	if errors.Is(err, di.ErrMissing) {
		return false, nil
	}
	return err == nil, err
}

func (l lookup) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	c, ok := l.Resolver.(di.Collector)
	if !ok {
		return nil, di.ErrType.Wrap(errors.ErrUnsupported, "di: collect %v", typ)
	}
	return c.Collect(ctx, typ)
}

// A watcher is a resolver that notes what was resolved beyond the declared needs.
type watcher struct {
	lookup
	needs []di.Key
	mu    sync.Mutex
	other []di.Key
}

// watch returns a watcher of the subject's resolver and needs.
func (s subject) watch() *watcher { return &watcher{lookup: lookup{s.resolver}, needs: s.needs()} }

// check returns an error if key is not declared.
func (w *watcher) check(key di.Key) error {
	if slices.Contains(w.needs, key) || slices.Contains(w.needs, di.Optional(key)) {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.other = append(w.other, key)
	return di.ErrUndeclared.Wrap(nil, "di: resolve %v", name(key))
}

func (w *watcher) Resolve(ctx context.Context, key di.Key) (any, error) {
	if err := w.check(key); err != nil {
		return nil, err
	}
	return w.lookup.Resolve(ctx, key)
}

func (w *watcher) Has(key di.Key) (bool, error) {
	if err := w.check(key); err != nil {
		return false, err
	}
	return w.lookup.Has(key)
}

func (w *watcher) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	if err := w.check(di.Key{Type: typ, Name: "*"}); err != nil {
		return nil, err
	}
	return w.lookup.Collect(ctx, typ)
}
