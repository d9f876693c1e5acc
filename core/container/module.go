package container

import (
	"context"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var _ di.Registrar = (*Module)(nil)

// A Module registers the services of one module. [Container.Module] makes it.
// It is safe for concurrent use.
type Module struct {
	c           *Container
	name        string
	exports     []di.Key
	needs       []di.Key
	contributed []di.Key          // guarded by c.mu until the container is frozen
	private     map[di.Key]*entry // set by Freeze
}

// Contribute lets those who collect a type ("*") see the module's services
// under keys, which nobody else does unless it exports them too. Other modules
// may contribute equal keys. It has no effect after Freeze.
func (m *Module) Contribute(keys ...di.Key) {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	if !m.c.frozen {
		m.contributed = append(m.contributed, keys...)
	}
}

// Register adds a service of no particular provider.
func (m *Module) Register(reg di.Registration) error { return m.c.register(m, "", reg) }

// Provider returns a registrar whose services the graph and errors attribute to
// the provider of this name.
func (m *Module) Provider(name string) *Provider { return &Provider{m: m, name: name} }

func (m *Module) isRoot() bool { return m == m.c.root }

func (m *Module) exportsKey(k di.Key) bool { return m.isRoot() || slices.Contains(m.exports, k) }

// offersKey reports whether those who collect see k.
func (m *Module) offersKey(k di.Key) bool {
	return m.exportsKey(k) || slices.Contains(m.contributed, k)
}

func (m *Module) declares(k di.Key) bool { return m.isRoot() || slices.Contains(m.needs, k) }

// A Provider registers the services of one provider of a module, and resolves
// what its hooks need. It is safe for concurrent use.
type Provider struct {
	m    *Module
	name string
}

var _ di.Registrar = (*Provider)(nil)

// Register adds a service.
func (p *Provider) Register(reg di.Registration) error { return p.m.c.register(p.m, p.name, reg) }

// Consumer declares what the provider resolves outside of any Build, such as in
// Boot. Freeze checks these needs as it does those of a service. Before Freeze
// the consumer resolves nothing; declared after it, it never does.
func (p *Provider) Consumer(needs ...di.Key) *Consumer {
	u := &Consumer{port: port{c: p.m.c, m: p.m, provider: p.name}, needs: slices.Clone(needs)}
	p.m.c.mu.Lock()
	defer p.m.c.mu.Unlock()
	if !p.m.c.frozen {
		p.m.c.consumers = append(p.m.c.consumers, u)
	}
	return u
}

var (
	_ di.Resolver  = (*Consumer)(nil)
	_ di.Collector = (*Consumer)(nil)
)

// A Consumer resolves exactly what it declared; anything else is
// [di.ErrUndeclared], or [di.ErrHidden] if it is private to another module. It
// is safe for concurrent use.
type Consumer struct {
	port
	needs []di.Key
}

// Resolve returns the value of a declared need; see [Container.Resolve].
func (u *Consumer) Resolve(ctx context.Context, key di.Key) (any, error) {
	return u.port.Resolve(ctx, key)
}

// Collect returns the values of a need that was declared with the name "*".
func (u *Consumer) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	return u.port.Collect(ctx, typ)
}
