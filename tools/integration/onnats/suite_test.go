package onnats

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/events/eventstest"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const tick = 100 * time.Millisecond

func TestSingle(t *testing.T) {
	url := servers.NATS(t)
	eventstest.Run(t, func(t *testing.T) eventstest.Bus { return open(t, url) }, eventstest.Tick(tick), eventstest.Keeps())
}

func TestCluster(t *testing.T) {
	url := servers.NATSCluster(t)
	eventstest.Run(t, func(t *testing.T) eventstest.Bus {
		return open(t, url, func(c *natsevents.Config) { c.Replicas, c.Partitions, c.Require = 3, 2, natsevents.RequireReplicated })
	}, eventstest.Tick(2*tick), eventstest.Keeps())
}

// forget deletes what a bus of c has declared.
func forget(t testing.TB, c natsevents.Config) {
	t.Helper()
	nc, err := nats.Connect(c.URL.Reveal())
	if err != nil {
		t.Error(err)
		return
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Error(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, name := range []string{c.Stream, c.Stream + "-dead", "KV_" + c.Stream + "-groups"} {
		if err := js.DeleteStream(ctx, name); err != nil {
			t.Errorf("delete stream %s: %v", name, err)
		}
	}
}

// A pair is two buses of one stream, as two processes have: what one publishes
// is for both, and consumers are on the one and the other in turn.
type pair struct {
	*natsevents.Bus
	other *natsevents.Bus
	next  atomic.Int64
}

func (p *pair) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	if p.next.Add(1)%2 == 0 {
		return p.other.Subscribe(ctx, s, h)
	}
	return p.Bus.Subscribe(ctx, s, h)
}

func (p *pair) Close(ctx context.Context) error {
	return errors.Join(p.other.Close(ctx), p.Bus.Close(ctx))
}

func TestTwoProcesses(t *testing.T) {
	url := servers.NATS(t)
	eventstest.Run(t, func(t *testing.T) eventstest.Bus {
		name := "P" + rand.Text()[:12]
		change := func(c *natsevents.Config) { c.Stream, c.Prefix = name, name }
		return &pair{Bus: open(t, url, change), other: openOther(t, url, change)}
	}, eventstest.Tick(2*tick), eventstest.Keeps())
}
