package memorycache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var _ cache.Watcher = (*Store)(nil)

// watches are the calls of Watch that run.
type watches struct {
	number atomic.Int64
	mu     sync.Mutex
	all    map[*watch]struct{}
}

type watch struct{ changed func(key string) }

// tell reports key. A Watch that begins at the same time may miss it: to begin
// is a report of every key, and it comes after the write.
func (w *watches) tell(key string) {
	if w.number.Load() == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for one := range w.all {
		one.changed(key)
	}
}

// Watch reports what changes in this store, to changed, before the write
// returns; see [cache.Watcher]. Errors wrap [cache.ErrClosed] or the cause of ctx.
// A store that is closed reports every key.
func (s *Store) Watch(ctx context.Context, changed func(key string)) error {
	if err := s.checkOpen(ctx, "watch"); err != nil {
		return err
	}
	one, w := &watch{changed}, &s.watches
	w.number.Add(1)
	w.mu.Lock()
	if w.all == nil {
		w.all = map[*watch]struct{}{}
	}
	w.all[one] = struct{}{}
	changed("")
	w.mu.Unlock()
	<-ctx.Done()
	w.mu.Lock()
	delete(w.all, one)
	w.mu.Unlock()
	w.number.Add(-1)
	return cache.Err.Wrap(context.Cause(ctx), "memorycache: watch")
}

// MaxStaleness is zero: a change is reported before the write returns.
func (*Store) MaxStaleness() time.Duration { return 0 }
