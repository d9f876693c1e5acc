package redisfaults

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// A ledger is a number that its writers read, and write one more of. With fences,
// it refuses smaller ones than it has seen.
type ledger struct {
	fences bool

	mu      sync.Mutex
	value   int
	writes  int // that were accepted
	last    uint64
	refused int
	owners  map[uint64]string // of every fence that was seen
	twice   int               // fences that two owners had
}

func (l *ledger) admit(fence uint64, owner string) bool {
	if one, seen := l.owners[fence]; seen && one != owner {
		l.twice++
	}
	l.owners[fence] = owner
	if l.fences && fence < l.last {
		l.refused++
		return false
	}
	l.last = max(l.last, fence)
	return true
}

func (l *ledger) read(fence uint64, owner string) (value int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value, l.admit(fence, owner)
}

func (l *ledger) write(fence uint64, owner string, value int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.admit(fence, owner) {
		l.value = value
		l.writes++
	}
}

// ttl is that of the leases of the torture, whose workers pause for up to twice that.
const ttl = 60 * time.Millisecond

// work adds to l under leases until ctx ends. It does not look at the context of
// its lease, as a process does not that is paused.
func work(ctx context.Context, s lock.Store, l *ledger, owner string) error {
	for n := 0; ctx.Err() == nil; n++ {
		lease, err := lock.Acquire(ctx, s, "ledger", ttl, lock.Owner(owner))
		if kind := errs.KindOf(err); kind == errs.Unavailable || errors.Is(err, lock.ErrLost) || ctx.Err() != nil {
			continue
		} else if err != nil {
			return err
		}
		id := owner + "/" + strconv.Itoa(n)
		if v, ok := l.read(lease.Fence(), id); ok {
			if rand.N(3) == 0 {
				time.Sleep(rand.N(2 * ttl))
			}
			l.write(lease.Fence(), id, v+1)
		}
		if err := lease.Release(ctx); err != nil && errs.KindOf(err) != errs.Unavailable && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// disturb does something bad to the server, again and again, until ctx ends, and leaves it running.
func disturb(ctx context.Context, s *servers.RedisServer) (done map[string]int, err error) {
	done = map[string]int{}
	pause := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		}
	}
	for pause(ttl); ctx.Err() == nil && err == nil; pause(3*ttl + rand.N(6*ttl)) {
		switch rand.N(3) {
		case 0:
			done["killed and restarted empty"]++
			err = errors.Join(s.Kill(), s.Start())
		case 1:
			done["emptied"]++
			_, err = s.Do(context.WithoutCancel(ctx), "flushall")
		case 2:
			done["paused"]++
			err = s.Pause()
			pause(rand.N(4 * ttl))
			err = errors.Join(err, s.Resume())
		}
	}
	return done, err
}

// torture has 16 workers, on two clients, add to a ledger while the server is disturbed.
func torture(t *testing.T, length time.Duration, fences bool) *ledger {
	t.Helper()
	server := servers.NewRedis(t)
	l := &ledger{fences: fences, owners: map[uint64]string{}}
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var all sync.WaitGroup
	for i := range 2 {
		s := locks(t, open(t, quick(server)))
		for n := range 8 {
			all.Go(func() {
				if err := work(ctx, s, l, strconv.Itoa(8*i+n)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	done, err := disturb(ctx, server)
	if err != nil {
		t.Error(err)
	}
	all.Wait()
	t.Logf("fences %v: %d writes by %d leases, %d of them lost, %d refused; the server was %v", fences, l.writes, len(l.owners), l.writes-l.value, l.refused, done)
	return l
}

func locks(t *testing.T, client redis.UniversalClient) *redislock.Store {
	t.Helper()
	s, err := redislock.New(client, redislock.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestLockTorture runs for LEXIGRAM_LOCKS seconds, 4 without: a ledger that looks at fences
// loses nothing, and one that does not shows that there was something to lose.
func TestLockTorture(t *testing.T) {
	length := 4 * time.Second
	if text := os.Getenv("LEXIGRAM_LOCKS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("LEXIGRAM_LOCKS is %q: set it to a number of seconds", text)
		}
		length = time.Duration(n) * time.Second
	}
	fenced := torture(t, length, true)
	if fenced.writes != fenced.value || fenced.twice > 0 {
		t.Errorf("%d of %d writes are lost, and %d fences were two owners'", fenced.writes-fenced.value, fenced.writes, fenced.twice)
	}
	if fenced.writes == 0 || fenced.refused == 0 {
		t.Errorf("%d writes, %d refused: the server was not disturbed enough", fenced.writes, fenced.refused)
	}
	if open := torture(t, length, false); open.writes == open.value {
		t.Error("the ledger that looks at no fences lost nothing: this test cannot fail")
	}
}

// TestLeaseOfALostServer loses what a server knows while a lease is held: the holder
// is told when it asks, and the next one's fence is greater.
func TestLeaseOfALostServer(t *testing.T) {
	for name, lose := range map[string]func(context.Context, *servers.RedisServer) error{
		"killed":  func(_ context.Context, s *servers.RedisServer) error { return errors.Join(s.Kill(), s.Start()) },
		"emptied": func(ctx context.Context, s *servers.RedisServer) error { _, err := s.Do(ctx, "flushall"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			server := servers.NewRedis(t)
			s := locks(t, open(t, quick(server)))
			first, err := lock.TryAcquire(t.Context(), s, "n", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if err := lose(t.Context(), server); err != nil {
				t.Fatal(err)
			}
			second := acquireSoon(t, s)
			if second.Fence() <= first.Fence() {
				t.Errorf("fence %d after %d", second.Fence(), first.Fence())
			}
			if err := first.Extend(t.Context(), time.Minute); !errors.Is(err, lock.ErrLost) || !errors.Is(context.Cause(first.Context()), lock.ErrLost) {
				t.Errorf("Extend = %v, and the context of the lease has %v, want ErrLost", err, context.Cause(first.Context()))
			}
			if err := first.Release(t.Context()); err != nil {
				t.Error(err)
			}
			if err := second.Extend(t.Context(), time.Minute); err != nil {
				t.Errorf("after the first owner's release: %v", err)
			}
			if err := second.Release(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// acquireSoon acquires as soon as the server is back.
func acquireSoon(t *testing.T, s lock.Store) *lock.Lease {
	t.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		l, err := lock.TryAcquire(t.Context(), s, "n", time.Minute)
		if err == nil {
			return l
		} else if errs.KindOf(err) != errs.Unavailable || time.Since(began) > 5*time.Second {
			t.Fatal(err)
		}
	}
}

// TestLeaseOfAServerThatKeeps kills a server that writes everything to disk: the lease stands.
func TestLeaseOfAServerThatKeeps(t *testing.T) {
	server := servers.NewRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	s := locks(t, open(t, quick(server)))
	first, err := lock.TryAcquire(t.Context(), s, "n", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(server.Kill(), server.Start()); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		_, err := lock.TryAcquire(t.Context(), s, "n", time.Minute)
		if errors.Is(err, lock.ErrHeld) {
			break
		} else if errs.KindOf(err) != errs.Unavailable || time.Since(began) > 5*time.Second {
			t.Fatalf("another's TryAcquire = %v, want ErrHeld", err)
		}
	}
	if err := errors.Join(first.Extend(t.Context(), time.Minute), first.Release(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestWaitersAreWoken has many wait for one name: each is woken by the release
// before it, and the wait costs no polling.
func TestWaitersAreWoken(t *testing.T) {
	server := servers.NewRedis(t)
	s := locks(t, open(t, at(server)))
	const waiters = 20
	var all sync.WaitGroup
	began := time.Now()
	for range waiters {
		all.Go(func() {
			err := lock.With(t.Context(), s, "n", time.Minute, func(context.Context, uint64) error {
				time.Sleep(5 * time.Millisecond)
				return nil
			}, lock.Poll(10*time.Second))
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("%d owners of 5 ms each, one after another, took %v: they were not woken", waiters, took)
	} else {
		t.Logf("%d owners of 5 ms each, one after another, took %v", waiters, took)
	}
}
