package memoryevents_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/events/eventstest"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	eventstest.Run(t, func(t *testing.T) eventstest.Bus {
		b := memoryevents.New(memoryevents.Options{Keep: 10})
		t.Cleanup(func() {
			ctx, cancel := context.WithCancel(context.Background())
			cancel() // what a check left over may go
			_ = b.Close(ctx)
		})
		return b
	}, eventstest.Keeps())
}
