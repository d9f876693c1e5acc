package natsfaults

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const publishers = 4

// load publishes each events of every key, batch by batch, from several
// goroutines with keys of their own, until all were taken.
func load(t *testing.T, bus *natsevents.Bus, keys, each int, taken *atomic.Int64) {
	t.Helper()
	const batch = 8 // events of a key in one call
	var all sync.WaitGroup
	for p := range publishers {
		all.Go(func() {
			for i := 1; i <= each; i += batch {
				var evs []events.Event
				for j := i; j < min(i+batch, each+1); j++ {
					for k := p; k < keys; k += publishers {
						evs = append(evs, event(k, j))
					}
				}
				for bus.Publish(t.Context(), evs...) != nil { // once more, as the contract says
					if t.Context().Err() != nil {
						return
					}
				}
				taken.Add(int64(len(evs)))
			}
		})
	}
	all.Wait()
}

// The server is killed and started in the middle of it, again and again, once
// for every tenth of the events.
func TestServerKilled(t *testing.T) {
	const keys, kills = 20, 9
	total := number(t, "LEXIGRAM_NATS_EVENTS", 4000)
	each := total / keys
	server := servers.NewNATS(t, "")
	bus := open(t, options(server.URL()))
	y := newTally()
	if _, err := bus.Subscribe(t.Context(), events.Subscription{Types: []string{"faults.>"}, Group: "g"}, y.handle); err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int64
	done := make(chan struct{})
	go func() { defer close(done); load(t, bus, keys, each, &taken) }()
	for i := 1; i <= kills; i++ {
		y.until(t, i*total/10, 5*time.Minute)
		if err := errors.Join(server.Kill(), server.Start()); err != nil {
			t.Fatal(err)
		}
	}
	<-done
	y.until(t, keys*each, time.Minute)
	y.check(t, keys, each)
	t.Logf("the server was killed %d times", kills)
}

// The leader of the stream is killed, its successor takes over, and it comes back.
func TestLeaderKilled(t *testing.T) {
	const keys, kills = 20, 4
	total := number(t, "LEXIGRAM_NATS_EVENTS", 4000)
	each := total / keys
	cluster := servers.NewNATSCluster(t)
	c := options(servers.NATSURLs(cluster))
	c.Replicas, c.Partitions, c.Require = 3, 2, natsevents.RequireReplicated
	bus := open(t, c)
	y := newTally()
	if _, err := bus.Subscribe(t.Context(), events.Subscription{Types: []string{"faults.>"}, Group: "g"}, y.handle); err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int64
	done := make(chan struct{})
	go func() { defer close(done); load(t, bus, keys, each, &taken) }()
	for i := 1; i <= kills; i++ {
		y.until(t, i*total/(kills+1), 5*time.Minute)
		leader := leaderOf(t, cluster, "LEXIGRAM")
		if err := leader.Kill(); err != nil {
			t.Fatal(err)
		}
		y.until(t, min(i*total/(kills+1)+total/(4*kills), total), 5*time.Minute) // without it
		if err := leader.Start(); err != nil {
			t.Fatal(err)
		}
	}
	<-done
	y.until(t, keys*each, time.Minute)
	y.check(t, keys, each)
	t.Logf("the leader was killed %d times", kills)
}

// leaderOf returns the server that leads the stream, when every replica has
// what it has: one that has just come back is no majority with a third alone.
func leaderOf(t *testing.T, cluster []*servers.NATSServer, stream string) *servers.NATSServer {
	t.Helper()
	nc, err := nats.Connect(servers.NATSURLs(cluster))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond) // a cluster that is asked all the time elects nobody
	defer tick.Stop()
	for ; ctx.Err() == nil; <-tick.C {
		var s jetstream.Stream
		one, stop := context.WithTimeout(ctx, 2*time.Second) // a question to a leader that dies is answered by nobody
		s, err = js.Stream(one, stream)
		stop()
		if err != nil || !whole(s.CachedInfo().Cluster) {
			continue
		}
		for _, one := range cluster {
			if one.Name == s.CachedInfo().Cluster.Leader {
				return one
			}
		}
	}
	t.Fatalf("the stream has no leader, or replicas that are behind: %v", err)
	return nil
}

// whole reports whether the replicas of a stream have what its leader has.
func whole(c *jetstream.ClusterInfo) bool {
	return c != nil && len(c.Replicas) == 2 && !slices.ContainsFunc(c.Replicas, func(r *jetstream.PeerInfo) bool {
		return r.Offline || !r.Current
	})
}
