package rediscache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

var (
	_ cache.Batcher        = (*Store)(nil)
	_ cache.BatchWriter    = (*Store)(nil)
	_ cache.Exister        = (*Store)(nil)
	_ cache.Counter        = (*Store)(nil)
	_ cache.Swapper        = (*Store)(nil)
	_ cache.PatternDeleter = (*Store)(nil)
	_ cache.Meter          = (*Store)(nil)
	_ cache.Watcher        = (*Store)(nil)
)

// A Store is a [cache.Store] in Redis. A Set is visible to every Get that begins
// after it returned, in every process, as long as no replica is promoted. It is
// safe for concurrent use; the zero value is not usable. What must not be done twice,
// such as Increment, is not sent again when its answer was lost: the error wraps
// redisclient.ErrUnavailable, and it may have been done. It owns nothing: who made
// the client closes it, and ends what the store has running on it; every method
// is [cache.ErrClosed] then.
//
// A ctx with a deadline ends an operation when it passes. Without one, an
// operation that has been sent is waited for as long as the timeouts of the client
// allow, unless many are under way, which leave as soon as their ctx ends. What was
// left may still happen, also after what the caller does next.
type Store struct {
	client redis.UniversalClient
	many   *redis.AutoPipeliner // for many operations at a time
	busy   atomic.Int64         // how many are under way
	space  string               // what keys begin with
	max    int
}

// crowd is how many operations are under way at a time when pipelines pay: with
// fewer, waiting for each other costs more than the round trips that it saves.
const crowd = 12

// inPipeline is the longest value that shares a pipeline. A longer one would
// keep the others waiting.
const inPipeline = 64 << 10

// New returns a store on client, which stays the caller's: a *redis.Client or a
// *redis.ClusterClient. The error is an errs.ValidationError if opts are not valid.
func New(client redis.UniversalClient, opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, cache.Err.Wrap(err, "rediscache: options")
	}
	if err := wire.CheckClient(client); err != nil {
		return nil, cache.Err.Wrap(err, "rediscache: new")
	}
	many, err := client.AsyncAutoPipelineWithOptions(wire.Pipelining())
	if err != nil {
		return nil, cache.Err.Wrap(err, "rediscache: new")
	}
	if opts.MaxValue == 0 {
		opts.MaxValue = MaxValue
	}
	return &Store{client: client, many: many, space: wire.Space(opts.Prefix, "cache"), max: int(opts.MaxValue)}, nil
}

// Get returns the entry under key. Errors wrap [cache.ErrMiss], [cache.ErrKey],
// [cache.ErrClosed], the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.check(ctx, "get", key); err != nil {
		return nil, err
	}
	cmd := redis.NewStringCmd(ctx, "get", s.space+key)
	err := s.do(ctx, cmd, true)
	if err == nil {
		return cmd.Bytes()
	}
	if errors.Is(err, redis.Nil) {
		return nil, cache.ErrMiss
	}
	return nil, fault(ctx, err, "get", key)
}

// Set stores value under key. Errors wrap [cache.ErrKey], [cache.ErrTTL],
// [cache.ErrSize], [cache.ErrClosed], the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if err := s.check(ctx, "set", key); err != nil {
		return err
	}
	if err := s.checkSize("set", key, value); err != nil {
		return err
	}
	return fault(ctx, s.do(ctx, wire.Set(ctx, s.space+key, value, ttl), len(value) <= inPipeline), "set", key)
}

// Delete removes the entry under key, if there is one. Errors wrap
// [cache.ErrKey], [cache.ErrClosed], the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.check(ctx, "delete", key); err != nil {
		return err
	}
	return fault(ctx, s.do(ctx, redis.NewIntCmd(ctx, "unlink", s.space+key), true), "delete", key)
}

// do has cmd done, in a pipeline with others if it may and there are many of them.
func (s *Store) do(ctx context.Context, cmd redis.Cmder, share bool) error {
	n := s.busy.Add(1)
	defer s.busy.Add(-1)
	if !share || n <= crowd {
		return s.client.Process(ctx, cmd)
	}
	return s.share(ctx, cmd)
}

// share has cmd done in a pipeline, and leaves it there if ctx ends.
func (s *Store) share(ctx context.Context, cmd redis.Cmder) error {
	if args := cmd.Args(); ctx.Done() != nil && len(args) > 2 {
		args[2] = bytes.Clone(args[2].([]byte)) // the caller's again if it leaves
	}
	return s.many.Submit(ctx, cmd).WaitContext(ctx)
}

func (s *Store) checkSize(op, key string, value []byte) error {
	if len(value) > s.max {
		return cache.ErrSize.Wrap(nil, "rediscache: %s %.40q: %d bytes, over %d", op, key, len(value), s.max)
	}
	return nil
}

// check refuses what no method may begin with.
func (s *Store) check(ctx context.Context, op, key string) error {
	if err := cache.CheckKey(key); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return cache.Err.Wrap(context.Cause(ctx), "rediscache: %s %.40q", op, key)
	}
	return nil
}

// fault dresses an error of the client. An operation on no key of its own has the key "".
func fault(ctx context.Context, err error, op, key string) error {
	if err == nil {
		return nil
	}
	if key != "" {
		op = fmt.Sprintf("%s %.40q", op, key)
	}
	if errors.Is(err, redis.ErrClosed) {
		return cache.ErrClosed.Wrap(nil, "rediscache: %s", op)
	}
	return cache.Err.Wrap(wire.Fault(ctx, err), "rediscache: %s", op)
}
