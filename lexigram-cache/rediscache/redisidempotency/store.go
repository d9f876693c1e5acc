package redisidempotency

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

var _ idempotency.Reader = (*Store)(nil)

// A Store is an [idempotency.Store] in Redis: each record is one key, and each
// change of it one script, which may be sent twice. It takes part in no transaction
// of a database. It is safe for concurrent use; the zero value is not usable. It
// owns nothing: who made the client closes it.
type Store struct {
	client redis.UniversalClient
	space  string
}

// New returns a store on client, which stays the caller's: a *redis.Client or a
// *redis.ClusterClient. The error is an errs.ValidationError if opts are not valid.
func New(client redis.UniversalClient, opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, idempotency.Err.Wrap(err, "redisidempotency: options")
	}
	if err := wire.CheckClient(client); err != nil {
		return nil, idempotency.Err.Wrap(err, "redisidempotency: new")
	}
	return &Store{client: client, space: wire.Space(opts.Prefix, "idempotency")}, nil
}

// Acquire claims c.Key until ttl from now; see [idempotency.Store]. Errors wrap
// [idempotency.ErrClaim], [idempotency.ErrTTL], [idempotency.ErrFull] if the server has no
// memory left, the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Acquire(ctx context.Context, c idempotency.Claim, ttl time.Duration) (r idempotency.Record, own bool, err error) {
	if err := check(ctx, "acquire", c, ttl); err != nil {
		return idempotency.Record{}, false, err
	}
	reply, err := acquire.Run(ctx, s.client, s.space+c.Key, c.Token, wire.Millis(ttl), c.Fingerprint).Slice()
	if err == nil {
		r, own, err = record(c.Key, reply)
	}
	if err != nil {
		return idempotency.Record{}, false, fault(ctx, err, "acquire", c.Key)
	}
	return r, own, nil
}

// Complete keeps result for ttl from now; see [idempotency.Store]. Errors wrap
// [idempotency.ErrLost], and are those of Acquire otherwise.
func (s *Store) Complete(ctx context.Context, c idempotency.Claim, result []byte, ttl time.Duration) error {
	if err := check(ctx, "complete", c, ttl); err != nil {
		return err
	}
	if result == nil {
		result = []byte{} // nil would be refused
	}
	held, err := complete.Run(ctx, s.client, s.space+c.Key, c.Token, wire.Millis(ttl), result).Bool()
	if err == nil && !held {
		return idempotency.ErrLost.Wrap(nil, "redisidempotency: complete %.40q", c.Key)
	}
	return fault(ctx, err, "complete", c.Key)
}

// Release drops c if it is pending; see [idempotency.Store]. Errors are those of Acquire.
func (s *Store) Release(ctx context.Context, c idempotency.Claim) error {
	if err := check(ctx, "release", c, time.Hour); err != nil {
		return err
	}
	return fault(ctx, release.Run(ctx, s.client, s.space+c.Key, c.Token).Err(), "release", c.Key)
}

// Get returns the live record of key; see [idempotency.Reader]. Errors wrap
// [idempotency.ErrNotFound], and are those of Acquire otherwise.
func (s *Store) Get(ctx context.Context, key string) (idempotency.Record, error) {
	if err := idempotency.CheckKey(key); err != nil {
		return idempotency.Record{}, err
	}
	if ctx.Err() != nil {
		return idempotency.Record{}, idempotency.Err.Wrap(context.Cause(ctx), "redisidempotency: get %.40q", key)
	}
	reply, err := get.Run(ctx, s.client, s.space+key, "").Slice()
	if err == nil && len(reply) == 0 {
		return idempotency.Record{}, idempotency.ErrNotFound.Wrap(nil, "redisidempotency: get %.40q", key)
	}
	var r idempotency.Record
	if err == nil {
		r, _, err = record(key, reply)
	}
	if err != nil {
		return idempotency.Record{}, fault(ctx, err, "get", key)
	}
	return r, nil
}

var errReply = errors.New("the reply is not what the script returns")

// record reads what the scripts return.
func record(key string, reply []any) (r idempotency.Record, own bool, err error) {
	if len(reply) != 6 {
		return r, false, errReply
	}
	mine, ok0 := reply[0].(int64)
	fingerprint, ok1 := reply[1].(string)
	done, ok2 := reply[2].(int64)
	result, ok3 := reply[3].(string)
	at, ok4 := micros(reply[4])
	until, ok5 := micros(reply[5])
	if !ok0 || !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return r, false, errReply
	}
	r = idempotency.Record{Key: key, Fingerprint: fingerprint, CreatedAt: at, ExpiresAt: until}
	if done == 1 {
		r.Status, r.Result = idempotency.Complete, []byte(result)
	}
	return r, mine == 1, nil
}

// micros reads a time.
func micros(v any) (time.Time, bool) {
	text, ok := v.(string)
	n, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMicro(n), ok && err == nil
}

// check refuses what no method may begin with.
func check(ctx context.Context, op string, c idempotency.Claim, ttl time.Duration) error {
	if err := idempotency.CheckClaim(c); err != nil {
		return err
	}
	if err := idempotency.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return idempotency.Err.Wrap(context.Cause(ctx), "redisidempotency: %s %.40q", op, c.Key)
	}
	return nil
}

// fault dresses an error of the client.
func fault(ctx context.Context, err error, op, key string) error {
	if err == nil {
		return nil
	}
	err = wire.Fault(ctx, err)
	if errors.Is(err, wire.ErrMemory) {
		return idempotency.ErrFull.Wrap(err, "redisidempotency: %s %.40q", op, key)
	}
	return idempotency.Err.Wrap(err, "redisidempotency: %s %.40q", op, key)
}
