package rediscache

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Watch tells which entries of this store change, whoever changes them and by
// whatever client, and also which expire and are evicted; see [cache.Watcher]. The
// server tells (CLIENT TRACKING, in broadcast mode), on a connection of its own to it,
// or to each master of a cluster; Watch returns when one of them is lost, has said
// nothing for [Store.MaxStaleness], or the cluster has changed. To close the client
// does not end a Watch that runs. Errors wrap [cache.ErrClosed], the cause of ctx, one of package redisclient, or
// [errors.ErrUnsupported] if the client has a StreamingCredentialsProvider.
func (s *Store) Watch(ctx context.Context, changed func(key string)) error {
	if ctx.Err() != nil {
		return cache.Err.Wrap(context.Cause(ctx), "rediscache: watch")
	}
	return fault(ctx, s.watch(ctx, changed), "watch", "")
}

// MaxStaleness is 2 s: a change is told at once, and a connection that lost it has no
// answer to what is asked every half second.
func (s *Store) MaxStaleness() time.Duration { return wire.MaxStaleness }

func (s *Store) watch(ctx context.Context, changed func(key string)) error {
	var mu sync.Mutex
	var trackers []*wire.Tracker
	_, cluster := s.client.(*redis.ClusterClient)
	err := s.client.Ping(ctx).Err() // a client that is closed
	if err == nil {
		err = wire.EachMaster(ctx, s.client, func(ctx context.Context, master *redis.Client) error {
			t, err := wire.Track(ctx, master, s.space, cluster)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			trackers = append(trackers, t)
			return nil
		})
	}
	if err == nil {
		err = wire.Complete(trackers)
	}
	if err != nil {
		for _, t := range trackers {
			err = errors.Join(err, t.Close())
		}
		return err
	}
	one := func(key string) {
		own, ok := strings.CutPrefix(key, s.space)
		if key != "" && !ok {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		changed(own)
	}
	one("")
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for _, t := range trackers {
		all.Go(func() { stop(t.Run(ctx, one)) })
	}
	all.Wait()
	return context.Cause(ctx)
}
