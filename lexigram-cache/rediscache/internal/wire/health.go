package wire

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// Health asks each master to answer. If keeps is set, a server that may evict
// what it was told to keep is Degraded.
func Health(ctx context.Context, client redis.UniversalClient, keeps bool) health.Result {
	began := time.Now()
	var mu sync.Mutex
	var answered int
	var failed error
	var evicts string
	err := EachMaster(ctx, client, func(ctx context.Context, master *redis.Client) error {
		err := master.Ping(ctx).Err()
		policy := ""
		if err == nil && keeps {
			policy = eviction(ctx, master)
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = Fault(ctx, err)
			return nil
		}
		answered++
		if policy != "" {
			evicts = policy
		}
		return nil
	})
	if err != nil && failed == nil {
		failed = Fault(ctx, err)
	}
	r := health.Result{Status: health.Healthy, Took: time.Since(began), Details: map[string]string{"masters": fmt.Sprint(answered)}}
	switch {
	case answered == 0 && failed != nil:
		r.Status, r.Message = health.Unhealthy, failed.Error()
	case failed != nil:
		r.Status, r.Message = health.Degraded, failed.Error()
	case evicts != "":
		r.Status, r.Message = health.Degraded, "maxmemory-policy is "+evicts+", which drops live entries: set it to noeviction"
	}
	return r
}

// eviction returns the policy by which a server drops entries, or "" if it does not or may not be asked.
func eviction(ctx context.Context, master *redis.Client) string {
	info, err := master.Info(ctx, "memory").Result()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(info) {
		if policy, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok && policy != "noeviction" {
			return policy
		}
	}
	return ""
}

// EachMaster calls fn for the server, or for every master of a cluster at the same time.
func EachMaster(ctx context.Context, client redis.UniversalClient, fn func(ctx context.Context, master *redis.Client) error) error {
	switch c := client.(type) {
	case *redis.Client:
		return fn(ctx, c)
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, fn)
	}
	return CheckClient(client)
}
