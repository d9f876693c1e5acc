// Package subscription checks what is subscribed, and knows the defaults, for
// every bus of the module.
package subscription

import (
	"runtime"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// Normalize puts the defaults into s and takes the lanes out of it, which are
// not the group's. What is wrong is an error wrapping [events.ErrInvalid] that
// begins with the name of the bus.
func Normalize(bus string, s *events.Subscription, h events.Handler) (lanes int, err error) {
	if h == nil {
		return 0, events.ErrInvalid.Wrap(nil, "%s: subscribe group %q: the handler is nil", bus, s.Group)
	}
	if len(s.Types) == 0 {
		return 0, events.ErrInvalid.Wrap(nil, "%s: subscribe group %q: Types is empty; \">\" is all", bus, s.Group)
	}
	for _, p := range s.Types {
		if err := events.CheckPattern(p); err != nil {
			return 0, err
		}
	}
	s.Types = slices.Compact(slices.Sorted(slices.Values(s.Types)))
	if lanes = s.Lanes; lanes <= 0 {
		lanes = runtime.GOMAXPROCS(0)
	}
	s.Lanes = 0
	def := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	def(&s.Timeout, 30*time.Second)
	def(&s.Retry.Base, time.Second)
	def(&s.Retry.Cap, 10*time.Minute)
	if s.Retry.Attempts <= 0 {
		s.Retry.Attempts = 10
	}
	if s.Group == "" {
		s.Begin = events.Latest // not used
	}
	return lanes, nil
}

// Same compares normalized subscriptions.
func Same(a, b events.Subscription) bool {
	return slices.Equal(a.Types, b.Types) && a.Begin == b.Begin && a.Timeout == b.Timeout && a.Retry == b.Retry
}

// Wants reports whether s is for events of the type.
func Wants(s *events.Subscription, typ string) bool {
	for _, p := range s.Types {
		if events.Match(p, typ) {
			return true
		}
	}
	return false
}
