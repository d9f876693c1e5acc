package redislock

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

var (
	_ lock.Inspector = (*Store)(nil)
	_ lock.Waiter    = (*Store)(nil)
)

// A Store is a [lock.Store] in Redis. Everything that it does to a lease may be
// sent twice. It is safe for concurrent use; the zero value is not usable. Close
// it once it has waited: Wait has a connection and a goroutine, of which all that
// wait at a time share one, until nobody has waited for a second or two.
type Store struct {
	client redis.UniversalClient
	space  string
	keep   int64 // milliseconds
	hub    *hub
}

// New returns a store on client, which stays the caller's: a *redis.Client or a
// *redis.ClusterClient. The error is an errs.ValidationError if opts are not valid.
func New(client redis.UniversalClient, opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, lock.Err.Wrap(err, "redislock: options")
	}
	if err := wire.CheckClient(client); err != nil {
		return nil, lock.Err.Wrap(err, "redislock: new")
	}
	if opts.Keep == 0 {
		opts.Keep = DefaultKeep
	}
	return &Store{client: client, space: wire.Space(opts.Prefix, "lock"), keep: opts.Keep.Milliseconds(), hub: newHub(client)}, nil
}

// Acquire gives owner a lease on name; see [lock.Store]. Errors wrap
// [lock.ErrHeld], [lock.ErrName], [lock.ErrTTL], [lock.ErrFull] if the server has no
// memory left, the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (uint64, error) {
	if err := check(ctx, "acquire", name, owner, ttl); err != nil {
		return 0, err
	}
	fence, err := acquire.Run(ctx, s.client, s.space+name, owner, wire.Millis(ttl), s.keep).Uint64()
	if err != nil {
		return 0, fault(ctx, err, "acquire", name)
	}
	if fence == 0 {
		return 0, lock.ErrHeld.Wrap(nil, "redislock: acquire %.40q", name)
	}
	return fence, nil
}

// Extend makes owner's lease end ttl from now; see [lock.Store]. Errors wrap
// [lock.ErrLost], [lock.ErrName], [lock.ErrTTL], the cause of a ctx that has ended,
// or one of package redisclient.
func (s *Store) Extend(ctx context.Context, name, owner string, ttl time.Duration) error {
	if err := check(ctx, "extend", name, owner, ttl); err != nil {
		return err
	}
	held, err := extend.Run(ctx, s.client, s.space+name, owner, wire.Millis(ttl), s.keep).Bool()
	if err != nil {
		return fault(ctx, err, "extend", name)
	}
	if !held {
		return lock.ErrLost.Wrap(nil, "redislock: extend %.40q", name)
	}
	return nil
}

// Release ends owner's lease, if it has one; see [lock.Store]. Errors wrap
// [lock.ErrName], the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	if err := check(ctx, "release", name, owner, time.Hour); err != nil {
		return err
	}
	return fault(ctx, release.Run(ctx, s.client, s.space+name, owner, s.keep).Err(), "release", name)
}

// Inspect returns the live lease on name; see [lock.Inspector]. Times are the
// server's. Errors wrap [lock.ErrFree], [lock.ErrName], the cause of a ctx that has
// ended, or one of package redisclient.
func (s *Store) Inspect(ctx context.Context, name string) (lock.Info, error) {
	if err := check(ctx, "inspect", name, name, time.Hour); err != nil {
		return lock.Info{}, err
	}
	info, _, err := s.inspect(ctx, name)
	if err != nil && !errors.Is(err, lock.ErrFree) {
		return lock.Info{}, fault(ctx, err, "inspect", name)
	}
	return info, err
}

// inspect returns the live lease on name and how long it lasts.
func (s *Store) inspect(ctx context.Context, name string) (lock.Info, time.Duration, error) {
	found, err := inspect.Run(ctx, s.client, s.space+name).StringSlice()
	if err != nil {
		return lock.Info{}, 0, err
	}
	if len(found) != 5 {
		return lock.Info{}, 0, lock.ErrFree.Wrap(nil, "redislock: inspect %.40q", name)
	}
	var n [4]int64 // fence, at, until, now
	for i := range n {
		if n[i], err = strconv.ParseInt(found[i+1], 10, 64); err != nil {
			return lock.Info{}, 0, err
		}
	}
	return lock.Info{
		Name: name, Holder: found[0], Fence: uint64(n[0]),
		AcquiredAt: time.UnixMicro(n[1]), ExpiresAt: time.UnixMicro(n[2]),
	}, time.Duration(min(n[2]-n[3], int64(time.Hour/time.Microsecond))) * time.Microsecond, nil
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, name, owner string, ttl time.Duration) error {
	if err := lock.CheckName(name); err != nil {
		return err
	}
	if err := lock.CheckName(owner); err != nil {
		return err
	}
	if err := lock.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return lock.Err.Wrap(context.Cause(ctx), "redislock: %s %.40q", op, name)
	}
	return nil
}

// fault dresses an error of the client.
func fault(ctx context.Context, err error, op, name string) error {
	if err == nil {
		return nil
	}
	err = wire.Fault(ctx, err)
	if errors.Is(err, wire.ErrMemory) {
		return lock.ErrFull.Wrap(err, "redislock: %s %.40q", op, name)
	}
	return lock.Err.Wrap(err, "redislock: %s %.40q", op, name)
}
