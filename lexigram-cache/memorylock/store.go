package memorylock

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-cache/internal/expirymap"
)

var (
	_ lock.Inspector = (*Store)(nil)
	_ lock.Waiter    = (*Store)(nil)
)

// A Store is a [lock.Store] in memory. Its leases end with the process; fences
// grow across processes all the same, as long as the clock is not stepped back
// between them. Within a process no step of the clock ends a lease or makes a
// fence smaller. It is safe for concurrent use; the zero value is not usable. It
// owns no goroutine and need not be closed.
type Store struct {
	max   int
	clock clock.Clock

	mu     sync.Mutex
	leases expirymap.Map[lease]
	last   uint64 // fence, of any name
}

type lease struct {
	owner    string
	fence    uint64
	at       time.Time
	released chan struct{} // closed by Release; nil until somebody waits
}

// New returns a store without leases, or an error that is an
// errs.ValidationError if opts are not valid.
func New(opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, lock.Err.Wrap(err, "memorylock: options")
	}
	s := &Store{max: opts.MaxLeases, clock: opts.Clock}
	if s.max == 0 {
		s.max = DefaultMaxLeases
	}
	if s.clock == nil {
		s.clock = clock.System{}
	}
	return s, nil
}

// Acquire gives owner a lease on name; see [lock.Store]. Errors wrap
// [lock.ErrHeld], [lock.ErrFull], [lock.ErrName], [lock.ErrTTL] or the cause of a ctx that has ended.
func (s *Store) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (uint64, error) {
	if err := check(ctx, "acquire", name, owner, ttl); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	if e, ok := s.leases.Live(name, now); ok {
		if e.Value.owner != owner {
			return 0, lock.ErrHeld.Wrap(nil, "memorylock: acquire %.40q", name)
		}
		s.leases.SetEnd(e, expirymap.After(now, ttl))
		return e.Value.fence, nil
	}
	s.leases.Sweep(now, 2)
	if s.leases.Len() >= s.max {
		s.leases.Sweep(now, s.max)
	}
	if s.leases.Len() >= s.max {
		return 0, lock.ErrFull.Wrap(nil, "memorylock: acquire %.40q: %d leases are live", name, s.max)
	}
	at := s.clock.Now()
	s.last++
	if micros := at.UnixMicro(); micros > 0 && micros < 1<<53 {
		s.last = max(s.last, uint64(micros))
	}
	s.leases.Put(strings.Clone(name), lease{owner: strings.Clone(owner), fence: s.last, at: at}, expirymap.After(now, ttl), 0)
	return s.last, nil
}

// Extend makes owner's lease end ttl from now; see [lock.Store]. Errors wrap
// [lock.ErrLost], [lock.ErrName], [lock.ErrTTL] or the cause of a ctx that has ended.
func (s *Store) Extend(ctx context.Context, name, owner string, ttl time.Duration) error {
	if err := check(ctx, "extend", name, owner, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.leases.Live(name, now)
	if !ok || e.Value.owner != owner {
		return lock.ErrLost.Wrap(nil, "memorylock: extend %.40q", name)
	}
	s.leases.SetEnd(e, expirymap.After(now, ttl))
	return nil
}

// Release ends owner's lease, if it has one; see [lock.Store]. Errors wrap
// [lock.ErrName] or the cause of a ctx that has ended.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	if err := check(ctx, "release", name, owner, time.Hour); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.leases.Live(name, s.clock.Monotonic())
	if !ok || e.Value.owner != owner {
		return nil
	}
	s.leases.Delete(name)
	if e.Value.released != nil {
		close(e.Value.released)
	}
	return nil
}

// Inspect returns the live lease on name; see [lock.Inspector]. Errors wrap
// [lock.ErrFree], [lock.ErrName] or the cause of a ctx that has ended.
func (s *Store) Inspect(ctx context.Context, name string) (lock.Info, error) {
	if err := check(ctx, "inspect", name, name, time.Hour); err != nil {
		return lock.Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.leases.Live(name, now)
	if !ok {
		return lock.Info{}, lock.ErrFree.Wrap(nil, "memorylock: inspect %.40q", name)
	}
	return lock.Info{
		Name: name, Holder: e.Value.owner, Fence: e.Value.fence,
		AcquiredAt: e.Value.at, ExpiresAt: s.clock.Now().Add(e.Left(now)),
	}, nil
}

// Wait returns when nobody holds name, or with the cause of ctx; see
// [lock.Waiter]. All who wait are woken, and whoever is first acquires.
func (s *Store) Wait(ctx context.Context, name string) error {
	if err := check(ctx, "wait for", name, name, time.Hour); err != nil {
		return err
	}
	for fence := uint64(0); ; {
		e, released, left := s.watch(name)
		if released == nil || fence != 0 && e.fence != fence {
			return nil
		}
		fence = e.fence
		end := time.NewTimer(left)
		select {
		case <-released:
			end.Stop()
			return nil
		case <-ctx.Done():
			end.Stop()
			return lock.Err.Wrap(context.Cause(ctx), "memorylock: wait for %.40q", name)
		case <-end.C: // unless it was extended
		}
	}
}

// watch returns the live lease on name, a channel that its release closes, and how long it lasts.
func (s *Store) watch(name string) (l lease, released <-chan struct{}, left time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.leases.Live(name, now)
	if !ok {
		return lease{}, nil, 0
	}
	if e.Value.released == nil {
		e.Value.released = make(chan struct{})
	}
	return e.Value, e.Value.released, e.Left(now)
}

// Len returns how many leases the store holds, with expired ones that were not removed yet.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leases.Len()
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, name, owner string, ttl time.Duration) error {
	if err := lock.CheckName(name); err != nil {
		return err
	}
	if err := lock.CheckName(owner); err != nil {
		return err
	}
	if err := lock.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return lock.Err.Wrap(context.Cause(ctx), "memorylock: %s %.40q", op, name)
	}
	return nil
}
