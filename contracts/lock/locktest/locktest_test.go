package locktest

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// A model is the smallest store that keeps every rule. With the name of a rule
// in breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu     sync.Mutex
	leases map[string]lease
	last   uint64
	breaks string
}

type lease struct {
	owner        string
	fence        uint64
	began, until time.Time
	released     chan struct{}
}

var (
	_ lock.Inspector = (*model)(nil)
	_ lock.Waiter    = (*model)(nil)
)

func newModel(breaks string) *model { return &model{leases: map[string]lease{}, breaks: breaks} }

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context, name, owner string) error {
	for _, s := range []string{name, owner} {
		if err := lock.CheckName(s); err != nil && !m.is("invalid names") {
			return err
		}
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

func (m *model) ttl(ttl time.Duration) error {
	if m.is("invalid ttl") {
		return nil
	}
	return lock.CheckTTL(ttl)
}

// live returns the lease on name, if there is one; its caller holds the mutex.
func (m *model) live(name string) (lease, bool) {
	l, ok := m.leases[name]
	switch {
	case m.is("expiry"):
		return l, ok
	case m.is("no early expiry"):
		return l, ok && time.Now().Before(l.until.Add(-time.Second))
	}
	return l, ok && time.Now().Before(l.until)
}

func (m *model) id(name string) string {
	if m.is("names are apart") {
		return strings.TrimSpace(name)
	}
	return name
}

func (m *model) fence() uint64 {
	switch m.last++; {
	case m.is("the fence grows") || m.is("torture"):
		return 1
	default:
		return m.last
	}
}

func (m *model) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (uint64, error) {
	if err := errors.Join(m.begin(ctx, name, owner), m.ttl(ttl)); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name = m.id(name)
	l, ok := m.live(name)
	until := time.Now().Add(ttl)
	switch {
	case m.is("a very long ttl") && ttl > 1<<62:
		until = time.Unix(0, time.Now().UnixNano()+int64(ttl)) // overflows
	case m.is("concurrent use"):
		delete(m.leases, "n1")
	}
	switch {
	case m.is("one winner") && ok:
		m.mu.Unlock() // checked here, set there
		time.Sleep(time.Microsecond)
		m.mu.Lock()
	case m.is("acquire"):
	case ok && l.owner == owner && m.is("the owner again"):
		return l.fence, nil
	case ok && l.owner == owner:
		l.until = until
		m.leases[name] = l
		return l.fence, nil
	case ok:
		return 0, lock.ErrHeld.Wrap(nil, "model: acquire")
	}
	l = lease{owner: owner, fence: m.fence(), began: time.Now(), until: until, released: make(chan struct{})}
	m.leases[name] = l
	return l.fence, nil
}

func (m *model) Extend(ctx context.Context, name, owner string, ttl time.Duration) error {
	if err := errors.Join(m.begin(ctx, name, owner), m.ttl(ttl)); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name = m.id(name)
	l, ok := m.live(name)
	if m.is("extend what has ended") {
		l, ok = m.leases[name]
	}
	if !ok || l.owner != owner && !m.is("extend another's") {
		return lock.ErrLost.Wrap(nil, "model: extend")
	}
	if m.is("extend") {
		l.until = l.until.Add(ttl) // as the original does
	} else {
		l.until = time.Now().Add(ttl)
	}
	m.leases[name] = l
	return nil
}

func (m *model) Release(ctx context.Context, name, owner string) error {
	if err := m.begin(ctx, name, owner); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name = m.id(name)
	l, ok := m.live(name)
	switch {
	case m.is("release of what has ended") && !ok:
		return lock.ErrLost
	case m.is("release") && ok:
		for n, l := range m.leases {
			if l.owner == owner {
				delete(m.leases, n)
			}
		}
		return nil
	case !ok, l.owner != owner && !m.is("release another's"):
		return nil
	}
	delete(m.leases, name)
	if !m.is("wait") {
		close(l.released)
	}
	return nil
}

func (m *model) Inspect(ctx context.Context, name string) (lock.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.live(name)
	switch {
	case m.is("inspect what is free"):
		l, ok = m.leases[name]
	case m.is("inspect what was extended"):
		l.began = time.Now()
	case m.is("inspect"):
		l.until = l.began.Add(time.Minute)
	}
	if !ok {
		return lock.Info{}, lock.ErrFree.Wrap(nil, "model: inspect")
	}
	return lock.Info{Name: name, Holder: l.owner, Fence: l.fence, AcquiredAt: l.began, ExpiresAt: l.until}, nil
}

func (m *model) Wait(ctx context.Context, name string) error {
	m.mu.Lock()
	l, ok := m.live(name)
	m.mu.Unlock()
	if !ok {
		return nil
	}
	select {
	case <-l.released:
		return nil
	case <-ctx.Done():
	}
	if m.is("leaving a wait") {
		return nil
	}
	return context.Cause(ctx)
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) lock.Store { return newModel("") }, Tick(20*time.Millisecond))
}

// TestBroken runs each rule on the model that breaks just it. A rule without
// one meets a model that breaks nothing, and fails here.
func TestBroken(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules() {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newModel(""), time.Second); err != nil {
				t.Errorf("rule %q: the store that keeps it failed: %v", r.name, err)
			}
			err := r.check(t.Context(), newModel(r.name), time.Second)
			if err == nil {
				t.Errorf("rule %q: the store that breaks it passed", r.name)
			}
			t.Logf("%s: %.200v", r.name, err)
		})
	}
}

// single is a store without the optional abilities.
type single struct{ lock.Store }

func TestOptionalRulesAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range abilityRules {
			if err := r.check(t.Context(), single{newModel("")}, time.Second); !r.optional || !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("rule %q on a store without the ability: %v", r.name, err)
			}
		}
	})
}

// TestTortureCanFail shows that the harness finds lost writes where nothing looks at fences.
func TestTortureCanFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fences := range []bool{false, true} {
			r := &resource{fences: fences}
			if err := torture(t.Context(), newModel(""), r, time.Second); err != nil {
				t.Fatal(err)
			}
			if (r.lost() == 0) != fences {
				t.Errorf("with fences %v, %d of %d writes were lost", fences, r.lost(), r.writes)
			}
			t.Logf("fences %v: %d writes, %d lost, %d refused", fences, r.writes, r.lost(), r.refused)
		}
	})
}

func TestFenceBound(t *testing.T) {
	m := newModel("")
	m.last = math.MaxUint64 >> 11
	if _, err := grants(t.Context(), m, "n", "a", time.Minute); err == nil {
		t.Error("a fence that is no exact float64 passes")
	}
}
