package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	watermillnats "github.com/ThreeDotsLabs/watermill-nats/v2/pkg/nats"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	rawNATS       = "nats.go async"
	watermillNATS = "watermill-nats"
	streamBurst   = 1_000  // events that are published in one operation
	streamKept    = 50_000 // events that are consumed in one operation
)

// natsURL names the server of the rows about JetStream.
func natsURL() string { return os.Getenv("LEXIGRAM_TEST_NATS") }

// onNATS are the rows that need a server.
func onNATS() []row {
	if natsURL() == "" {
		fmt.Fprintln(os.Stderr, "bench: rows on NATS are left out: name a server with LEXIGRAM_TEST_NATS")
		return nil
	}
	return []row{streamPublishRow(), streamConsumeRow()}
}

func streamPublishRow() row {
	return row{
		name: "events: publish to JetStream",
		work: "publish 1,000 events of 128 bytes, with the same headers and a message ID, to a stream on a server's disk, and wait until it has taken all; " + watermillNATS + " has one header and an ID",
		goal: "≥ 0.9 × the rate of " + rawNATS + ", ≥ 5 × that of " + watermillNATS,
		met: func(r result) bool {
			return r.ours().Ns <= r.peer(rawNATS).Ns/0.9 && r.peer(watermillNATS).Ns >= 5*r.ours().Ns
		},
		sides: []side{{"natsevents", startStreamPublish}, {rawNATS, startRawPublish}, {watermillNATS, startWatermillPublish}},
	}
}

func streamConsumeRow() row {
	return row{
		name: "events: consume from JetStream",
		work: "begin a new group of one partition, or a consumer with the same filter, at the oldest of 50,000 events of 128 bytes on a server's disk, and have all handled and acknowledged",
		goal: "≥ 0.9 × the rate of " + rawNATS,
		met:  func(r result) bool { return r.ours().Ns <= r.peer(rawNATS).Ns/0.9 },
		sides: []side{
			{"natsevents", startStreamConsume},
			{rawNATS, startRawConsume},
			{watermillNATS, startWatermillConsume},
		},
	}
}

// A streamBench is a connection and a stream of one side.
type streamBench struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	name string
}

func newStreamBench() (*streamBench, error) {
	nc, err := nats.Connect(natsURL())
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	return &streamBench{nc: nc, js: js, name: "B" + rand.Text()[:10]}, err
}

// close deletes what the side made, and its connection.
func (b *streamBench) close(streams ...string) error {
	defer b.nc.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var errs []error
	for _, s := range streams {
		errs = append(errs, b.js.DeleteStream(ctx, s))
	}
	return errors.Join(errs...)
}

// event returns one of those that are measured.
func (b *streamBench) event() events.Event {
	return events.New("/bench", "bench.happened", make([]byte, 128))
}

func (b *streamBench) bus(ctx context.Context) (*natsevents.Bus, func() error, error) {
	bus, err := natsevents.Open(ctx, natsevents.Config{URL: config.NewSecret(natsURL()), Options: natsevents.Options{Stream: b.name, Prefix: b.name, Partitions: 1}})
	if err != nil {
		return nil, nil, err
	}
	return bus, func() error {
		return errors.Join(bus.Close(context.WithoutCancel(ctx)), b.close(b.name, b.name+"-dead", "KV_"+b.name+"-groups"))
	}, nil
}

func startStreamPublish(ctx context.Context) (worker, error) {
	b, err := newStreamBench()
	if err != nil {
		return worker{}, err
	}
	bus, end, err := b.bus(ctx)
	if err != nil {
		return worker{}, err
	}
	return worker{close: end, ops: each(func(ctx context.Context) error {
		evs := make([]events.Event, streamBurst)
		for i := range evs {
			evs[i] = b.event()
		}
		return bus.Publish(ctx, evs...)
	})}, nil
}

// message returns an event as the bus sends it.
func (b *streamBench) message() *nats.Msg {
	ev := b.event()
	h := make(nats.Header, 10)
	events.WriteHeaders(h, ev)
	h["Nats-Msg-Id"] = []string{ev.ID + " " + ev.Source}
	return &nats.Msg{Subject: b.name + ".0." + ev.Type, Header: h, Data: ev.Data}
}

func (b *streamBench) stream(ctx context.Context) error {
	_, err := b.js.CreateStream(ctx, jetstream.StreamConfig{Name: b.name, Subjects: []string{b.name + ".>"}, Duplicates: 2 * time.Minute, AllowDirect: true})
	return err
}

func (b *streamBench) publishRaw(ctx context.Context) error {
	all := make([]jetstream.PubAckFuture, streamBurst)
	for i := range all {
		f, err := b.js.PublishMsgAsync(b.message())
		if err != nil {
			return err
		}
		all[i] = f
	}
	for _, f := range all {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func startRawPublish(ctx context.Context) (worker, error) {
	b, err := newStreamBench()
	if err != nil {
		return worker{}, err
	}
	return worker{close: func() error { return b.close(b.name) }, ops: each(b.publishRaw)}, b.stream(ctx)
}

func (b *streamBench) watermill() (*watermillnats.Publisher, error) {
	return watermillnats.NewPublisherWithNatsConn(b.nc, watermillnats.PublisherPublishConfig{
		Marshaler: &watermillnats.NATSMarshaler{}, SubjectCalculator: watermillnats.DefaultSubjectCalculator,
		JetStream: watermillnats.JetStreamConfig{TrackMsgId: true},
	}, watermill.NopLogger{})
}

func (b *streamBench) publishWatermill(pub *watermillnats.Publisher) func(context.Context) error {
	return func(context.Context) error {
		all := make([]*message.Message, streamBurst)
		for i := range all {
			all[i] = message.NewMessage(watermill.NewUUID(), make([]byte, 128))
		}
		return pub.Publish(b.name+".a", all...)
	}
}

func startWatermillPublish(ctx context.Context) (worker, error) {
	b, err := newStreamBench()
	if err != nil {
		return worker{}, err
	}
	pub, err := b.watermill()
	return worker{close: func() error { return b.close(b.name) }, ops: each(b.publishWatermill(pub))}, errors.Join(err, b.stream(ctx))
}

func startStreamConsume(ctx context.Context) (worker, error) {
	b, err := newStreamBench()
	if err != nil {
		return worker{}, err
	}
	bus, end, err := b.bus(ctx)
	if err != nil {
		return worker{}, err
	}
	for range streamKept / streamBurst {
		evs := make([]events.Event, streamBurst)
		for i := range evs {
			evs[i] = b.event()
		}
		if err := bus.Publish(ctx, evs...); err != nil {
			return worker{}, errors.Join(err, end())
		}
	}
	count := newCountdown()
	return worker{close: end, ops: each(func(ctx context.Context) error {
		s := events.Subscription{Types: []string{"bench.>"}, Group: rand.Text(), Begin: events.Earliest}
		return consumed(ctx, count, func() (func(context.Context) error, error) {
			c, err := bus.Subscribe(ctx, s, func(context.Context, events.Event) error { count.handled(); return nil })
			if err != nil {
				return nil, err
			}
			return c.Drain, nil
		})
	})}, nil
}

// consumed begins to consume, and waits until all are handled.
func consumed(ctx context.Context, count *countdown, begin func() (end func(context.Context) error, err error)) error {
	count.left.Store(streamKept)
	end, err := begin()
	if err != nil {
		return err
	}
	select {
	case <-count.done:
		return end(ctx)
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), end(ctx))
	}
}

func startRawConsume(ctx context.Context) (worker, error) {
	b, err := newStreamBench()
	if err != nil {
		return worker{}, err
	}
	if err := b.stream(ctx); err != nil {
		return worker{}, err
	}
	for range streamKept / streamBurst {
		if err := b.publishRaw(ctx); err != nil {
			return worker{}, err
		}
	}
	count := newCountdown()
	return worker{close: func() error { return b.close(b.name) }, ops: each(func(ctx context.Context) error {
		return consumed(ctx, count, func() (func(context.Context) error, error) {
			cons, err := b.js.CreateConsumer(ctx, b.name, jetstream.ConsumerConfig{Durable: rand.Text(), AckPolicy: jetstream.AckExplicitPolicy, FilterSubject: b.name + ".0.bench.>"})
			if err != nil {
				return nil, err
			}
			sub, err := cons.Consume(func(m jetstream.Msg) {
				if m.Ack() == nil {
					count.handled()
				}
			})
			if err != nil {
				return nil, err
			}
			return func(context.Context) error { sub.Drain(); <-sub.Closed(); return nil }, nil
		})
	})}, nil
}

func startWatermillConsume(ctx context.Context) (worker, error) {
	b, err := newStreamBench()
	if err != nil {
		return worker{}, err
	}
	pub, err := b.watermill()
	if err := errors.Join(err, b.stream(ctx)); err != nil {
		return worker{}, err
	}
	for range streamKept / streamBurst {
		if err := b.publishWatermill(pub)(ctx); err != nil {
			return worker{}, err
		}
	}
	count := newCountdown()
	return worker{close: func() error { return b.close(b.name) }, ops: each(func(ctx context.Context) error {
		return consumed(ctx, count, func() (func(context.Context) error, error) {
			sub, err := watermillnats.NewSubscriber(watermillnats.SubscriberConfig{
				URL: natsURL(), Unmarshaler: &watermillnats.NATSMarshaler{},
				JetStream: watermillnats.JetStreamConfig{
					DurablePrefix: rand.Text(), AckAsync: true, SubscribeOptions: []nats.SubOpt{nats.DeliverAll(), nats.AckExplicit(), nats.BindStream(b.name)},
				},
			}, watermill.NopLogger{})
			if err != nil {
				return nil, err
			}
			msgs, err := sub.Subscribe(ctx, b.name+".a")
			if err != nil {
				return nil, err
			}
			go func() { // ends when the subscriber is closed
				for m := range msgs {
					m.Ack()
					count.handled()
				}
			}()
			return func(context.Context) error { return sub.Close() }, nil
		})
	})}, nil
}
