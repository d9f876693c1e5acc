package servers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// slots is how many a Redis Cluster has.
const slots = 16_384

// A RedisCluster is three nodes with a third of the slots each, and no replicas.
type RedisCluster struct{ Nodes []*RedisServer }

// URLs returns one for each node.
func (c *RedisCluster) URLs() []string {
	var urls []string
	for _, n := range c.Nodes {
		urls = append(urls, n.URL())
	}
	return urls
}

// RedisClusterURLs returns the URLs of the nodes of a cluster that all tests of the
// binary share, so that each keeps to keys of its own.
func RedisClusterURLs(t testing.TB) []string {
	t.Helper()
	needRedis(t, noRedisCluster)
	binary.mustMain(t)
	r := &binary.redis
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cluster == nil && r.err == nil {
		if r.cluster, r.err = startRedisCluster(); r.err == nil {
			binary.onStop(r.cluster.remove)
		}
	}
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.cluster.URLs()
}

// NewRedisCluster starts a cluster for t alone, and stops it when t ends.
func NewRedisCluster(t testing.TB) *RedisCluster {
	t.Helper()
	needRedis(t, noRedisCluster)
	c, err := startRedisCluster()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.remove(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func startRedisCluster() (*RedisCluster, error) {
	c := &RedisCluster{}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

func (c *RedisCluster) start() error {
	for range 3 {
		s, err := newRedisServer(nil)
		if err != nil {
			return err
		}
		bus, err := freePort()
		if err != nil {
			return err
		}
		err = s.firstRun(func(int) []string {
			return []string{"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(bus), "--cluster-node-timeout", "2000"}
		})
		if err != nil {
			return err
		}
		c.Nodes = append(c.Nodes, s)
	}
	return c.join()
}

// join deals out the slots, has the nodes meet and returns when all of them agree.
func (c *RedisCluster) join() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var failed []error
	do := func(n *RedisServer, args ...any) {
		_, err := n.Do(ctx, args...)
		failed = append(failed, err)
	}
	third := slots / len(c.Nodes)
	for i, n := range c.Nodes {
		last := (i + 1) * third
		if i == len(c.Nodes)-1 {
			last = slots
		}
		do(n, "cluster", "set-config-epoch", i+1)
		do(n, "cluster", "addslotsrange", i*third, last-1)
	}
	for _, n := range c.Nodes[1:] {
		do(c.Nodes[0], "cluster", "meet", "127.0.0.1", n.port, n.bus())
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := c.agreed(ctx)
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("servers: the nodes of the Redis Cluster do not find each other")
		case <-tick.C:
		}
	}
}

// bus returns the port that other nodes talk to.
func (s *RedisServer) bus() string {
	for i, a := range s.args {
		if a == "--cluster-port" {
			return s.args[i+1]
		}
	}
	return ""
}

// agreed reports whether every node knows all others and all slots.
func (c *RedisCluster) agreed(ctx context.Context) (bool, error) {
	for _, n := range c.Nodes {
		info, err := n.Do(ctx, "cluster", "info")
		if err != nil {
			return false, err
		}
		text := fmt.Sprint(info)
		for _, want := range []string{"cluster_state:ok", "cluster_known_nodes:3", "cluster_slots_ok:16384", "cluster_size:3"} {
			if !strings.Contains(text, want) {
				return false, nil
			}
		}
	}
	return true, nil
}

func (c *RedisCluster) remove() error {
	var failed []error
	for _, n := range c.Nodes {
		failed = append(failed, n.remove())
	}
	return errors.Join(failed...)
}
