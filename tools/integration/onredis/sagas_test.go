package onredis

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/saga/sagatest"
	"github.com/lexigram/lexigram-go/lexigram-events/process"
)

// TestSagas keeps sagas in Redis.
func TestSagas(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		sagatest.Run(t, func(t *testing.T) sagatest.Site {
			s := openState(t, client)
			return func(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error) {
				return process.NewInState(s, process.Options{Clock: c}, sagas...)
			}
		})
	})
}
