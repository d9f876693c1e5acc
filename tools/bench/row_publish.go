package main

import (
	"context"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

func publishRow() row {
	return row{
		name: "events: publish in process, one handler",
		work: "make an event with a random ID and 100 bytes, publish it and have the one handler acknowledge it",
		goal: "≥ 5 × watermill",
		met:  func(r result) bool { return r.peer("watermill GoChannel").Ns >= 5*r.ours().Ns },
		sides: []side{
			{"memoryevents", startBus},
			{"watermill GoChannel", startWatermill},
		},
	}
}

// A countdown tells when as many events were handled as were published.
type countdown struct {
	left atomic.Int64
	done chan struct{}
}

func newCountdown() *countdown { return &countdown{done: make(chan struct{}, 1)} }

func (c *countdown) handled() {
	if c.left.Add(-1) == 0 {
		c.done <- struct{}{}
	}
}

// run publishes n times and waits for n handled events.
func (c *countdown) run(ctx context.Context, n int, publish func(context.Context) error) error {
	c.left.Store(int64(n))
	for range n {
		if err := publish(ctx); err != nil {
			return err
		}
	}
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func startBus(ctx context.Context) (worker, error) {
	bus := memoryevents.New(memoryevents.Options{})
	count, body := newCountdown(), make([]byte, 100)
	_, err := bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.order.placed"}, Group: "mail"},
		func(context.Context, events.Event) error { count.handled(); return nil })
	publish := func(ctx context.Context) error {
		return bus.Publish(ctx, events.New("/orders", "orders.order.placed", body))
	}
	return worker{
		ops:   func(ctx context.Context, n int) error { return count.run(ctx, n, publish) },
		close: func() error { return bus.Close(context.WithoutCancel(ctx)) },
	}, err
}

func startWatermill(ctx context.Context) (worker, error) {
	bus := gochannel.NewGoChannel(gochannel.Config{OutputChannelBuffer: 1024}, watermill.NopLogger{})
	count, body := newCountdown(), make([]byte, 100)
	msgs, err := bus.Subscribe(ctx, "orders.order.placed")
	if err != nil {
		return worker{}, err
	}
	go func() { // ends when the bus is closed
		for m := range msgs {
			m.Ack()
			count.handled()
		}
	}()
	publish := func(context.Context) error {
		return bus.Publish("orders.order.placed", message.NewMessage(watermill.NewUUID(), body))
	}
	return worker{
		ops:   func(ctx context.Context, n int) error { return count.run(ctx, n, publish) },
		close: bus.Close,
	}, nil
}
