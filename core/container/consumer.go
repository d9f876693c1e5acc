package container

import (
	"context"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var (
	_ di.Resolver  = (*Consumer)(nil)
	_ di.Finder    = (*Consumer)(nil)
	_ di.Collector = (*Consumer)(nil)
	_ di.Binder    = (*Consumer)(nil)
)

// A Consumer resolves exactly what it declared; anything else is
// [di.ErrUndeclared], or [di.ErrHidden] if it is private to another module. It
// is safe for concurrent use.
type Consumer struct {
	port
	needs []di.Key
	unit  bool
}

// Consumer declares what the provider resolves outside of any Build, such as in
// Boot. Freeze checks these needs as it does those of a service. Before Freeze
// the consumer resolves nothing; declared after it, it never does.
func (p *Provider) Consumer(needs ...di.Key) *Consumer {
	return p.m.c.consumer(&Consumer{port: port{m: p.m, provider: p.name}, needs: slices.Clone(needs)})
}

func (c *Container) consumer(u *Consumer) *Consumer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.frozen {
		c.consumers = append(c.consumers, u)
	}
	return u
}

// Resolve returns the value of a declared need; see [Container.Resolve].
func (u *Consumer) Resolve(ctx context.Context, key di.Key) (any, error) {
	return u.port.Resolve(ctx, key)
}

// Has reports whether a declared need is there: only an optional one may be absent.
func (u *Consumer) Has(key di.Key) (bool, error) { return u.port.Has(key) }

// Collect returns the values of a need that was declared with the name "*".
func (u *Consumer) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	return u.port.Collect(ctx, typ)
}

// Bind replaces the value of a singleton that the provider's own module
// registered, whether the consumer declares it or not; see [di.Binder].
func (u *Consumer) Bind(key di.Key, value any) error { return u.m.c.bind(u.m, key, value) }
