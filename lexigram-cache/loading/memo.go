package loading

import (
	"context"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

type scopeKey struct{}

// A scope is what one request has loaded.
type scope struct {
	mu   sync.Mutex
	memo map[any]any // *memo[T] by memoKey[T]
}

// A memoKey differs for each type, so that one name may stand for values of several.
type memoKey[T any] struct {
	tenant tenancy.ID
	key    string
}

// A memo is a value that is loaded or being loaded.
type memo[T any] struct {
	done      chan struct{} // closed when the rest is set
	value     T
	err       error
	abandoned bool // the context of the load had ended
}

// Scope returns a context in which [Memo] remembers: that of a request or a job,
// for whose length it is right to see one state of things. What it remembers
// ends with the context. A scope in another one is a new one.
func Scope(ctx context.Context) context.Context {
	return context.WithValue(ctx, scopeKey{}, &scope{memo: map[any]any{}})
}

// Memo returns the T that load returned for key, and the tenant of ctx, the first
// time in the [Scope] of ctx; without a scope it calls load each time. Callers at
// the same time share one call, which runs in the context of the first; who waits
// for it leaves with their own. An error, and a panic, which is an
// [errs.PanicError], goes to all who wait and is not remembered; if the first
// caller's context had ended, they try themselves. It is safe for concurrent
// use; the value is shared and must not be changed.
func Memo[T any](ctx context.Context, key string, load func(ctx context.Context) (T, error)) (T, error) {
	s, ok := ctx.Value(scopeKey{}).(*scope)
	if !ok {
		return load(ctx)
	}
	tenant, _ := tenancy.From(ctx)
	k := memoKey[T]{tenant, key}
	for {
		s.mu.Lock()
		m, ok := s.memo[k].(*memo[T])
		if !ok {
			m = &memo[T]{done: make(chan struct{}), err: errExit}
			s.memo[k] = m
			s.mu.Unlock()
			return first(ctx, s, k, m, load)
		}
		s.mu.Unlock()
		select {
		case <-m.done:
		case <-ctx.Done():
			var zero T
			return zero, cache.Err.Wrap(context.Cause(ctx), "loading: memo %.40q", key)
		}
		if m.err == nil || !m.abandoned {
			return m.value, m.err
		}
	}
}

// first loads, for those who wait too.
func first[T any](ctx context.Context, s *scope, k memoKey[T], m *memo[T], load func(context.Context) (T, error)) (value T, err error) {
	defer func() { // also when load ends the goroutine
		if m.err != nil {
			s.mu.Lock()
			delete(s.memo, k)
			s.mu.Unlock()
		}
		close(m.done)
	}()
	err = errs.Catch(func() (err error) { value, err = load(ctx); return err })
	m.value, m.err, m.abandoned = value, err, err != nil && ctx.Err() != nil
	return value, err
}
