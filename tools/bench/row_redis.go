package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	rediscachepeer "github.com/go-redis/cache/v9"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
)

// redisURL names a Redis to measure on; without it those rows are left out.
func redisURL() string { return os.Getenv("LEXIGRAM_TEST_REDIS") }

// onRedis returns the rows that need a Redis, if there is one.
func onRedis() []row {
	if redisURL() == "" {
		fmt.Fprintln(os.Stderr, "bench: rows on Redis are left out: name a server with LEXIGRAM_TEST_REDIS")
		return nil
	}
	return []row{crowdRow(), aloneRow()}
}

const (
	redisKeys     = 1_000
	redisValue    = 100 // bytes
	autoPipeline  = "go-redis AutoPipeline"
	plainGoRedis  = "go-redis"
	redisPrefix   = "lexigram-bench"
	redisKeySpace = redisPrefix + ":cache:"
)

func crowdRow() row {
	return row{
		name: "cache: read from Redis, 64 goroutines",
		work: "one of 64 goroutines reads one of 1,000 entries of 100 bytes",
		goal: "≥ 0.9 × go-redis AutoPipeline",
		met:  func(r result) bool { return 0.9*r.ours().Ns <= r.peer(autoPipeline).Ns },
		sides: []side{
			{"rediscache", redisSide(64, startStore)},
			{autoPipeline, redisSide(64, startAuto)},
			{plainGoRedis, redisSide(64, startPlain)},
			{"rueidis", redisSide(64, startRueidis)},
			{"go-redis/cache", redisSide(64, startPeerCache)},
		},
	}
}

func aloneRow() row {
	return row{
		name: "cache: read from Redis, one goroutine",
		work: "read one of 1,000 entries of 100 bytes, one after another",
		goal: "≤ 1.1 × the time of go-redis",
		met:  func(r result) bool { return r.ours().Ns <= 1.1*r.peer(plainGoRedis).Ns },
		sides: []side{
			{"rediscache", redisSide(1, startStore)},
			{autoPipeline, redisSide(1, startAuto)},
			{plainGoRedis, redisSide(1, startPlain)},
			{"rueidis", redisSide(1, startRueidis)},
			{"go-redis/cache", redisSide(1, startPeerCache)},
		},
	}
}

// A fetch reads the i-th entry and returns its length.
type fetch func(ctx context.Context, i int) (int, error)

// redisSide fills the server and has goroutines read from it what start returns.
func redisSide(goroutines int, start func(ctx context.Context) (fetch, func() error, error)) func(context.Context) (worker, error) {
	return func(ctx context.Context) (worker, error) {
		read, stop, err := start(ctx)
		if err != nil {
			return worker{}, err
		}
		return worker{close: stop, ops: func(ctx context.Context, n int) error {
			var next atomic.Int64
			var all sync.WaitGroup
			failed := make([]error, goroutines)
			for g := range goroutines {
				all.Go(func() {
					for i := next.Add(1); i <= int64(n) && failed[g] == nil; i = next.Add(1) {
						size, err := read(ctx, int(i%redisKeys))
						if err == nil && size != redisValue {
							err = fmt.Errorf("an entry has %d bytes", size)
						}
						failed[g] = err
					}
				})
			}
			all.Wait()
			return errors.Join(failed...)
		}}, nil
	}
}

// redisClient returns go-redis with its defaults, once the entries are there.
func redisClient(ctx context.Context) (*redis.Client, error) {
	o, err := redis.ParseURL(redisURL())
	if err != nil {
		return nil, err
	}
	c := redis.NewClient(o)
	_, err = c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i := range redisKeys {
			p.Set(ctx, redisKeySpace+strconv.Itoa(i), make([]byte, redisValue), 0)
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func startStore(ctx context.Context) (fetch, func() error, error) {
	filler, err := redisClient(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := filler.Close(); err != nil {
		return nil, nil, err
	}
	c, err := redisclient.Open(ctx, redisclient.Config{URL: config.NewSecret(redisURL())})
	if err != nil {
		return nil, nil, err
	}
	s, err := rediscache.New(c, rediscache.Options{Prefix: redisPrefix})
	if err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	return func(ctx context.Context, i int) (int, error) {
		v, err := s.Get(ctx, strconv.Itoa(i))
		return len(v), err
	}, c.Close, nil
}

func startPlain(ctx context.Context) (fetch, func() error, error) {
	c, err := redisClient(ctx)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, i int) (int, error) {
		v, err := c.Get(ctx, redisKeySpace+strconv.Itoa(i)).Bytes()
		return len(v), err
	}, c.Close, nil
}

func startAuto(ctx context.Context) (fetch, func() error, error) {
	c, err := redisClient(ctx)
	if err != nil {
		return nil, nil, err
	}
	many, err := c.AutoPipeline()
	if err != nil {
		return nil, nil, errors.Join(err, c.Close())
	}
	return func(ctx context.Context, i int) (int, error) {
		v, err := many.Get(ctx, redisKeySpace+strconv.Itoa(i)).Bytes()
		return len(v), err
	}, c.Close, nil
}

func startRueidis(ctx context.Context) (fetch, func() error, error) {
	c, err := redisClient(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := c.Close(); err != nil {
		return nil, nil, err
	}
	o, err := rueidis.ParseURL(redisURL())
	if err != nil {
		return nil, nil, err
	}
	r, err := rueidis.NewClient(o)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, i int) (int, error) {
		v, err := r.Do(ctx, r.B().Get().Key(redisKeySpace+strconv.Itoa(i)).Build()).AsBytes()
		return len(v), err
	}, func() error { r.Close(); return nil }, nil
}

func startPeerCache(ctx context.Context) (fetch, func() error, error) {
	c, err := redisClient(ctx)
	if err != nil {
		return nil, nil, err
	}
	peer := rediscachepeer.New(&rediscachepeer.Options{
		Redis:     c,
		Marshal:   func(v any) ([]byte, error) { return v.([]byte), nil },
		Unmarshal: func(b []byte, v any) error { *v.(*[]byte) = b; return nil },
	})
	return func(ctx context.Context, i int) (int, error) {
		var v []byte
		err := peer.Get(ctx, redisKeySpace+strconv.Itoa(i), &v)
		return len(v), err
	}, c.Close, nil
}
