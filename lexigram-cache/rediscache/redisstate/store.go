package redisstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

var (
	_ state.Expirer = (*Store)(nil)
	_ state.Swapper = (*Store)(nil)
	_ state.Batcher = (*Store)(nil)
)

// A Store is a [state.Store] in Redis: each entry is a string with its ttl. What
// must not be done twice, Delete, Create, Swap and Remove, is not sent again when its
// answer was lost: the error wraps redisclient.ErrUnavailable, and it may have been
// done. It is safe for concurrent use; the zero value is not usable. It owns nothing:
// who made the client closes it.
type Store struct {
	client redis.UniversalClient
	space  string
}

// New returns a store on client, which stays the caller's: a *redis.Client or a
// *redis.ClusterClient. The error is an errs.ValidationError if opts are not valid.
func New(client redis.UniversalClient, opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, state.Err.Wrap(err, "redisstate: options")
	}
	if err := wire.CheckClient(client); err != nil {
		return nil, state.Err.Wrap(err, "redisstate: new")
	}
	return &Store{client: client, space: wire.Space(opts.Prefix, "state")}, nil
}

// Get returns the entry under key. Errors wrap [state.ErrNotFound],
// [state.ErrKey], the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := check(ctx, "get", key, 0); err != nil {
		return nil, err
	}
	value, err := s.client.Get(ctx, s.space+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, state.ErrNotFound
	}
	return value, fault(ctx, err, "get", key)
}

// Set stores value under key for ttl. Errors wrap [state.ErrKey], [state.ErrTTL],
// [state.ErrFull] if the server has no memory left, the cause of a ctx that has
// ended, or one of package redisclient.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "set", key, ttl); err != nil {
		return err
	}
	return fault(ctx, s.client.Process(ctx, wire.Set(ctx, s.space+key, value, ttl)), "set", key)
}

// Delete removes the entry under key and reports whether there was one. Errors are
// those of Get.
func (s *Store) Delete(ctx context.Context, key string) (bool, error) {
	if err := check(ctx, "delete", key, 0); err != nil {
		return false, err
	}
	cmd := redis.NewIntCmd(ctx, "unlink", s.space+key)
	err := wire.Once(ctx, s.client, cmd)
	return cmd.Val() == 1, fault(ctx, err, "delete", key)
}

// TTL returns how long the entry under key lasts, or [state.Permanent]. Errors are those of Get.
func (s *Store) TTL(ctx context.Context, key string) (time.Duration, error) {
	if err := check(ctx, "ttl of", key, 0); err != nil {
		return 0, err
	}
	cmd := redis.NewIntCmd(ctx, "pttl", s.space+key)
	err := s.client.Process(ctx, cmd)
	switch ms := cmd.Val(); {
	case err != nil:
		return 0, fault(ctx, err, "ttl of", key)
	case ms == -1:
		return state.Permanent, nil
	case ms < 0:
		return 0, state.ErrNotFound
	default:
		return max(1, time.Duration(min(ms, int64(longest/time.Millisecond)))*time.Millisecond), nil // not Permanent
	}
}

// longest is the longest ttl there is.
const longest = time.Duration(1<<63 - 1)

var persist = wire.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('PERSIST', KEYS[1])
return 1
`)

// Expire makes the entry under key last for ttl from now. Errors are those of Get,
// and [state.ErrTTL].
func (s *Store) Expire(ctx context.Context, key string, ttl time.Duration) error {
	if err := check(ctx, "expire", key, ttl); err != nil {
		return err
	}
	var there bool
	var err error
	if ttl == state.Permanent {
		there, err = persist.Run(ctx, s.client, s.space+key).Bool()
	} else {
		cmd := redis.NewBoolCmd(ctx, "pexpire", s.space+key, wire.Millis(ttl))
		err = s.client.Process(ctx, cmd)
		there = cmd.Val()
	}
	if err == nil && !there {
		return state.ErrNotFound.Wrap(nil, "redisstate: expire %.40q", key)
	}
	return fault(ctx, err, "expire", key)
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, key string, ttl time.Duration) error {
	if err := state.CheckKey(key); err != nil {
		return err
	}
	if err := state.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return state.Err.Wrap(context.Cause(ctx), "redisstate: %s %.40q", op, key)
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
	err = wire.Fault(ctx, err)
	if errors.Is(err, wire.ErrMemory) {
		return state.ErrFull.Wrap(err, "redisstate: %s", op)
	}
	return state.Err.Wrap(err, "redisstate: %s", op)
}
