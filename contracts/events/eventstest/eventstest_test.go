package eventstest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var _ events.Deliverer = (*bus)(nil)

func TestGood(t *testing.T) {
	Run(t, func(t *testing.T) Bus {
		b := newBus("")
		t.Cleanup(b.end)
		return b
	}, Keeps(), Restarts(func(t *testing.T, b Bus) Bus {
		again := b.(*bus).restart()
		t.Cleanup(again.end)
		return again
	}))
}

// TestBroken has every rule checked on a bus that breaks just it.
func TestBroken(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBus(r.name)
				defer func() { b.end() }()
				p := newProbe(t.Context(), b, options{tick: time.Second, bubble: true, keeps: true})
				p.again = func(Bus) Bus { b = b.restart(); return b }
				err := r.check(p)
				if err == nil || errors.As(err, new(skip)) {
					t.Errorf("the bus that breaks the rule passed: %v", err)
				}
				t.Log(err)
			})
		})
	}
}

// plain hides every ability but those of a Bus.
type plain struct{ Bus }

// decorated is a decorator of a bus that is no Deliverer.
type decorated struct{ Bus }

func (decorated) Deliver(context.Context, ...events.Event) error { return errors.ErrUnsupported }

// TestSkips has the rules of abilities skipped where the ability is absent.
func TestSkips(t *testing.T) {
	for _, r := range append([]rule{{name: "closed", check: closed}, {name: "earliest", check: earliest}}, slices.Concat(restartRules, delivererRules)...) {
		synctest.Test(t, func(t *testing.T) {
			b := newBus("")
			defer b.end()
			for _, bus := range []Bus{plain{b}, decorated{plain{b}}} {
				err := r.check(newProbe(t.Context(), bus, options{tick: time.Second, bubble: true}))
				if !errors.As(err, new(skip)) {
					t.Errorf("rule %q: %v, want a skip", r.name, err)
				}
			}
		})
	}
}
