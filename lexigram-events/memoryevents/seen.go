package memoryevents

import (
	"hash/maphash"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// seen remembers which events were taken, in two generations: the older one
// goes when the younger one is a window old, so an event is remembered for one
// to two windows. It holds 128 bits of two hashes for each: that two events of
// a whole lifetime share them is less likely than that memory fails.
type seen struct {
	seeds  [2]maphash.Seed
	window time.Duration
	limit  int           // of a generation
	turned time.Duration // when young began, on the bus's clock
	young  *idset
	old    *idset // nil if empty
}

type fingerprint [2]uint64

func newSeen(window time.Duration, limit int) *seen {
	return &seen{
		seeds:  [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		window: window,
		limit:  limit,
		young:  &idset{},
	}
}

// of needs no lock.
func (s *seen) of(ev *events.Event) (f fingerprint) {
	for i, seed := range s.seeds {
		// The multiplications keep ("a", "b") and ("b", "a") apart.
		f[i] = maphash.String(seed, ev.ID) + maphash.String(seed, ev.Source)*0x9e3779b97f4a7c15
		if tenant := ev.Headers[events.HeaderTenant]; tenant != "" {
			f[i] += maphash.String(seed, tenant) * 0xd6e8feb86659fd93
		}
	}
	f[0] = max(f[0], 1) // never the zero one, see idset
	return f
}

// has reports whether f was added within the window before now, or up to one
// window earlier.
func (s *seen) has(f fingerprint, now time.Duration) bool {
	if age := now - s.turned; age >= s.window {
		s.turn(now)
		if age >= 2*s.window { // nothing came for a whole window
			s.old = nil
		}
	}
	return s.young.has(f) || s.old != nil && s.old.has(f)
}

// add follows has. It reports whether it had to forget events within their window.
func (s *seen) add(f fingerprint, now time.Duration) (early bool) {
	if s.young.n >= s.limit {
		early = s.old != nil
		s.turn(now)
	}
	s.young.add(f)
	return early
}

func (s *seen) turn(now time.Duration) {
	s.old, s.turned = s.young, now
	if s.old.n == 0 {
		s.old = nil
	}
	s.young = &idset{}
}
