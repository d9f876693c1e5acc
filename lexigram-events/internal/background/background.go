// Package background is the life of what a module runs beside its callers, such as a relay.
package background

import (
	"context"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A Service runs from Start until it is drained or stopped; either may come
// twice, and without a Start.
type Service interface {
	Start(ctx context.Context) error
	Drain(ctx context.Context) error
	Stop(ctx context.Context) error
}

// A Life is embedded in a provider that registers a T, and runs it. It is safe
// for concurrent use.
type Life[T Service] struct {
	service atomic.Pointer[T] // nil before Boot
}

var (
	_ lifecycle.Booter       = (*Life[Service])(nil)
	_ lifecycle.Bootstrapper = (*Life[Service])(nil)
	_ lifecycle.Drainer      = (*Life[Service])(nil)
	_ lifecycle.Stopper      = (*Life[Service])(nil)
)

// Needs are what Boot resolves.
func (l *Life[T]) Needs() []di.Key { return []di.Key{di.KeyOf[T]()} }

// Boot makes the service, so that wrong options stop the application early.
func (l *Life[T]) Boot(ctx context.Context, r di.Resolver) error {
	service, err := di.Get[T](ctx, r)
	if err == nil {
		l.service.Store(&service)
	}
	return err
}

// Bootstrap starts it: what it uses has booted, and every subscription stands.
func (l *Life[T]) Bootstrap(ctx context.Context, _ di.Resolver) error {
	return (*l.service.Load()).Start(ctx)
}

// Drain lets it finish what it has begun.
func (l *Life[T]) Drain(ctx context.Context) error {
	if s := l.service.Load(); s != nil {
		return (*s).Drain(ctx)
	}
	return nil
}

// Shutdown stops it if nothing drained it.
func (l *Life[T]) Shutdown(ctx context.Context) error {
	if s := l.service.Load(); s != nil {
		return (*s).Stop(ctx)
	}
	return nil
}
