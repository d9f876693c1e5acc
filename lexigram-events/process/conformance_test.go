package process

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/saga/sagatest"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/mapstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	sagatest.Run(t, func(*testing.T) sagatest.Site {
		store := mapstore.New()
		return func(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error) {
			return NewInState(store, Options{Clock: c}, sagas...)
		}
	})
}
