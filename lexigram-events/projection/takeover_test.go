package projection

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/mapstore"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

// A headStore calls before and after around the swap that takes a projection over.
type headStore struct {
	*mapstore.Store
	key           string
	before, after func()
}

func (s *headStore) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if key == s.key && string(old) != "" && s.before != nil {
		s.before()
	}
	err := s.Store.Swap(ctx, key, old, value, ttl)
	if key == s.key && s.after != nil {
		s.after()
	}
	return err
}

// TestTakeOverRace has the follower record an event just when another
// generation, which lacks it, takes over: that one shows it all the same,
// without a further event that would wake the follower.
func TestTakeOverRace(t *testing.T) {
	for name, set := range map[string]func(s *headStore, f func()){
		"before the swap": func(s *headStore, f func()) { s.before = f },
		"after the swap":  func(s *headStore, f func()) { s.after = f },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, store, m := memoryeventstore.New(), &headStore{Store: mapstore.New(), key: "projection/orders"}, newModel()
				p, err := NewInState(log, store, Options{}, m.projection(1))
				if err != nil {
					t.Fatal(err)
				}
				start(t, p)
				at := appendTo(t, log, "1", "2", "3")
				if err := p.WaitFor(t.Context(), "orders", at); err != nil {
					t.Fatal(err)
				}

				handling, release := make(chan struct{}, 1), make(chan struct{})
				def := p.defs[0]
				plain := def.Handle
				def.Handle = func(ctx context.Context, g Generation, rec eventstore.Recorded) error {
					if g == 1 && rec.ID == "4" {
						select {
						case handling <- struct{}{}:
						default:
						}
						<-release
					}
					return plain(ctx, g, rec)
				}
				raced := 0
				err = p.Rebuild(t.Context(), "orders", func(Progress) {
					if raced++; raced > 1 {
						return
					}
					at = appendTo(t, log, "4") // what is built has read to the end, and lacks it
					<-handling
					set(store, func() {
						store.before, store.after = nil, nil
						close(release)
						synctest.Wait() // the follower has done what it can
					})
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := p.WaitFor(ctx, "orders", at); err != nil || m.of(2) != "1 2 3 4" {
					t.Errorf("%v: handled are %q and %q", err, m.of(1), m.of(2))
				}
			})
		})
	}
}
