package memoryidempotency

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/internal/expirymap"
)

var _ idempotency.Reader = (*Store)(nil)

// A Store is an [idempotency.Store] in memory, which ends with the process. It
// drops nothing that is live: at its bound it refuses with [idempotency.ErrFull] what
// would be more. It takes part in no transaction. It is safe for concurrent use; the zero value is not
// usable. It owns no goroutine and need not be closed: writes remove what has expired.
type Store struct {
	max   int64
	clock clock.Clock

	mu      sync.Mutex
	records expirymap.Map[record]
}

type record struct {
	idempotency.Record // without ExpiresAt
	token              string
}

// New returns an empty store, or an error that is an errs.ValidationError if
// opts are not valid.
func New(opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, idempotency.Err.Wrap(err, "memoryidempotency: options")
	}
	s := &Store{max: int64(opts.MaxBytes), clock: opts.Clock}
	if s.max == 0 {
		s.max = int64(DefaultMaxBytes)
	}
	if s.clock == nil {
		s.clock = clock.System{}
	}
	return s, nil
}

// Acquire claims c.Key; see [idempotency.Store]. Errors wrap [idempotency.ErrFull],
// [idempotency.ErrClaim], [idempotency.ErrTTL] or the cause of a ctx that has ended.
func (s *Store) Acquire(ctx context.Context, c idempotency.Claim, ttl time.Duration) (idempotency.Record, bool, error) {
	if err := check(ctx, "acquire", c, ttl); err != nil {
		return idempotency.Record{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	if e, ok := s.records.Live(c.Key, now); ok {
		own := e.Value.token == c.Token
		if own && e.Value.Status == idempotency.Pending {
			s.records.SetEnd(e, expirymap.After(now, ttl))
		}
		return s.copied(e, now), own, nil
	}
	r := record{token: strings.Clone(c.Token), Record: idempotency.Record{
		Key: strings.Clone(c.Key), Fingerprint: strings.Clone(c.Fingerprint), CreatedAt: s.clock.Now(),
	}}
	s.records.Sweep(now, 2)
	if err := s.put("acquire", r, now, ttl); err != nil {
		return idempotency.Record{}, false, err
	}
	e, _ := s.records.Live(c.Key, now)
	return s.copied(e, now), true, nil
}

// put stores a record if there is room; its caller holds the mutex.
func (s *Store) put(op string, r record, now, ttl time.Duration) error {
	weight := int64(len(r.Key)+len(r.token)+len(r.Fingerprint)+len(r.Result)) + overhead
	for range 2 { // what stands under the key makes room, and then what has expired
		var before int64
		if e, ok := s.records.Live(r.Key, now); ok {
			before = e.Weight()
		}
		if s.records.Weight()-before+weight <= s.max {
			s.records.Put(r.Key, r, expirymap.After(now, ttl), weight)
			return nil
		}
		s.records.Sweep(now, s.records.Len())
	}
	return idempotency.ErrFull.Wrap(nil, "memoryidempotency: %s %.40q: %d bytes of at most %d are live", op, r.Key, s.records.Weight(), s.max)
}

// copied returns what callers get of a record; its caller holds the mutex.
func (s *Store) copied(e *expirymap.Entry[record], now time.Duration) idempotency.Record {
	r := e.Value.Record
	r.Result = bytes.Clone(r.Result)
	r.ExpiresAt = s.clock.Now().Add(e.Left(now))
	return r
}

// Complete keeps result as that of c; see [idempotency.Store]. Errors wrap
// [idempotency.ErrLost], [idempotency.ErrFull], [idempotency.ErrClaim],
// [idempotency.ErrTTL] or the cause of a ctx that has ended.
func (s *Store) Complete(ctx context.Context, c idempotency.Claim, result []byte, ttl time.Duration) error {
	if err := check(ctx, "complete", c, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.records.Live(c.Key, now)
	switch {
	case !ok || e.Value.token != c.Token:
		return idempotency.ErrLost.Wrap(nil, "memoryidempotency: complete %.40q", c.Key)
	case e.Value.Status == idempotency.Complete:
		return nil
	}
	r := e.Value
	r.Status, r.Result = idempotency.Complete, bytes.Clone(result)
	return s.put("complete", r, now, ttl)
}

// Release drops c if it is pending; see [idempotency.Store]. Errors wrap
// [idempotency.ErrClaim] or the cause of a ctx that has ended.
func (s *Store) Release(ctx context.Context, c idempotency.Claim) error {
	if err := check(ctx, "release", c, time.Hour); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.records.Live(c.Key, s.clock.Monotonic())
	if ok && e.Value.token == c.Token && e.Value.Status == idempotency.Pending {
		s.records.Delete(c.Key)
	}
	return nil
}

// Get returns the live record of key; see [idempotency.Reader]. Errors wrap
// [idempotency.ErrNotFound], [idempotency.ErrClaim] or the cause of a ctx that has ended.
func (s *Store) Get(ctx context.Context, key string) (idempotency.Record, error) {
	if err := check(ctx, "get", idempotency.Claim{Key: key, Token: "-"}, time.Hour); err != nil {
		return idempotency.Record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.records.Live(key, now)
	if !ok {
		return idempotency.Record{}, idempotency.ErrNotFound.Wrap(nil, "memoryidempotency: get %.40q", key)
	}
	return s.copied(e, now), nil
}

// Len returns how many records the store holds, with expired ones that were not removed yet.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.Len()
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
		return idempotency.Err.Wrap(context.Cause(ctx), "memoryidempotency: %s %.40q", op, c.Key)
	}
	return nil
}
