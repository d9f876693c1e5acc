package onnats

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/eventstore/eventstoretest"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestEventStoreSingle(t *testing.T) {
	url := servers.NATS(t)
	eventstoretest.Run(t, func(t *testing.T) eventstore.Log { return eventStore(t, url, natsevents.EventStoreOptions{}) })
}

func TestEventStoreCluster(t *testing.T) {
	url := servers.NATSCluster(t)
	eventstoretest.Run(t, func(t *testing.T) eventstore.Log {
		return eventStore(t, url, natsevents.EventStoreOptions{Replicas: 3, Require: natsevents.RequireReplicated})
	})
}

func connectionTo(t *testing.T, url string) *nats.Conn {
	t.Helper()
	nc, err := natsevents.Connect(t.Context(), natsevents.Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// eventStore returns a store in a stream of its own, which is deleted when t ends.
func eventStore(t *testing.T, url string, o natsevents.EventStoreOptions) *natsevents.EventStore {
	t.Helper()
	nc := connectionTo(t, url)
	o.Stream = "S" + rand.Text()[:12]
	o.Prefix = "t." + o.Stream
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	s, err := natsevents.NewEventStore(ctx, nc, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		js, err := jetstream.New(nc)
		if err != nil {
			t.Error(err)
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := js.DeleteStream(ctx, o.Stream); err != nil {
			t.Errorf("delete stream %s: %v", o.Stream, err)
		}
	})
	return s
}

// Of two processes, each knows where streams end, until the other appends.
func TestEventStoreOfTwoProcesses(t *testing.T) {
	url := servers.NATS(t)
	name := "S" + rand.Text()[:12]
	o := natsevents.EventStoreOptions{Stream: name, Prefix: "t." + name}
	var both [2]*natsevents.EventStore
	for i := range both {
		s, err := natsevents.NewEventStore(t.Context(), connectionTo(t, url), o)
		if err != nil {
			t.Fatal(err)
		}
		both[i] = s
	}
	at := eventstore.NoStream
	for i := range 20 {
		done, err := both[i%3%2].Append(t.Context(), "a", at, events.New("/test", "a", nil))
		if err != nil {
			t.Fatal(err)
		}
		if at++; done.Version != at {
			t.Fatalf("append %d is at version %d", i, done.Version)
		}
		if _, err := both[(i+1)%2].Append(t.Context(), "a", at-1, events.New("/test", "a", nil)); !errors.Is(err, eventstore.ErrConflict) {
			t.Fatalf("a stale append = %v, want ErrConflict", err)
		}
	}
	for _, s := range both {
		n := 0
		for rec, err := range s.Read(t.Context(), "a", 0) {
			if n++; err != nil || rec.Version != eventstore.Version(n) {
				t.Fatalf("%+v, %v", rec, err)
			}
		}
		if n != 20 {
			t.Errorf("%d events, want 20", n)
		}
	}
}

func TestEventStoreRefuses(t *testing.T) {
	url := servers.NATS(t)
	nc := connectionTo(t, url)
	for name, o := range map[string]natsevents.EventStoreOptions{
		"stream": {Stream: "a.b"}, "prefix": {Prefix: "a b"}, "replicas": {Replicas: 6}, "bytes": {MaxBytes: -1}, "poll": {Poll: -1}, "require": {Require: "x"},
	} {
		if _, err := natsevents.NewEventStore(t.Context(), nc, o); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	name := "S" + rand.Text()[:12]
	if _, err := natsevents.NewEventStore(t.Context(), nc, natsevents.EventStoreOptions{Stream: name, Prefix: name, Memory: true, Require: natsevents.RequireFile}); !errors.Is(err, natsevents.ErrDurability) {
		t.Errorf("memory: %v, want ErrDurability", err)
	}
	if _, err := natsevents.NewEventStore(t.Context(), nc, natsevents.EventStoreOptions{Stream: name, Prefix: name}); !errors.Is(err, natsevents.ErrDrift) {
		t.Errorf("file instead of memory: %v, want ErrDrift", err)
	}
	s := eventStore(t, url, natsevents.EventStoreOptions{})
	ev := events.New("/test", "a", make([]byte, 1<<20))
	if _, err := s.Append(t.Context(), "a", eventstore.Any, ev); !errors.Is(err, events.ErrSize) {
		t.Errorf("a large one: %v, want ErrSize", err)
	}
	for _, err := range s.Read(t.Context(), "a", 0) {
		if !errors.Is(err, eventstore.ErrNoStream) {
			t.Errorf("after what was refused: %v, want ErrNoStream", err)
		}
	}
}

// What is long is read by a consumer, from the beginning and from the middle.
func TestEventStoreReadsLongStreams(t *testing.T) {
	s := eventStore(t, servers.NATS(t), natsevents.EventStoreOptions{})
	var want []string
	var middle eventstore.Appended
	for i := range 300 {
		ev := events.New("/test", "a", nil)
		ev.ID = strconv.Itoa(i)
		want = append(want, ev.ID)
		done, err := s.Append(t.Context(), "a", eventstore.Any, ev)
		if err != nil {
			t.Fatal(err)
		}
		if i == 149 {
			middle = done
		}
	}
	for name, c := range map[string]struct {
		seq  func(func(eventstore.Recorded, error) bool)
		want []string
	}{
		"stream":                 {s.Read(t.Context(), "a", 0), want},
		"stream from the middle": {s.Read(t.Context(), "a", middle.Version), want[150:]},
		"all":                    {s.ReadAll(t.Context(), ""), want},
		"all from the middle":    {s.ReadAll(t.Context(), middle.Position), want[150:]},
	} {
		var got []string
		for rec, err := range c.seq {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rec.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %d events, want %d", name, len(got), len(c.want))
		}
	}
}
