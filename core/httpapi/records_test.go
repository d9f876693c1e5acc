package httpapi_test

import (
	"context"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// records is as much of an idempotency.Store as these tests need: nothing in it expires.
type records struct {
	mu   sync.Mutex
	all  map[string]idempotency.Record
	by   map[string]string // token
	down error
}

func (s *records) Acquire(_ context.Context, c idempotency.Claim, ttl time.Duration) (idempotency.Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all, s.by = map[string]idempotency.Record{}, map[string]string{}
	}
	if _, ok := s.all[c.Key]; !ok && s.down == nil {
		s.all[c.Key], s.by[c.Key] = idempotency.Record{Key: c.Key, Fingerprint: c.Fingerprint, CreatedAt: time.Now()}, c.Token
	}
	return s.all[c.Key], s.by[c.Key] == c.Token, s.down
}

func (s *records) Complete(_ context.Context, c idempotency.Claim, result []byte, _ time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.all[c.Key]
	if s.by[c.Key] != c.Token {
		return idempotency.ErrLost.Wrap(nil, "records: complete")
	}
	r.Status, r.Result = idempotency.Complete, result
	s.all[c.Key] = r
	return nil
}

func (s *records) Release(_ context.Context, c idempotency.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[c.Key] == c.Token && s.all[c.Key].Status == idempotency.Pending {
		delete(s.all, c.Key)
	}
	return s.down
}
