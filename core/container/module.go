package container

import (
	"slices"
	"strings"

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

// declares reports whether m names k in its needs, optional or not.
func (m *Module) declares(k di.Key) bool {
	return m.isRoot() || slices.ContainsFunc(m.needs, func(need di.Key) bool { return plain(need) == k })
}

// plain returns the key of a need, optional or not.
func plain(need di.Key) di.Key {
	need.Name = strings.TrimSuffix(need.Name, "?")
	return need
}

// optional reports whether a need may be absent.
func optional(need di.Key) bool { return strings.HasSuffix(need.Name, "?") }

// A Provider registers the services of one provider of a module, and resolves
// what its hooks need. It is safe for concurrent use.
type Provider struct {
	m    *Module
	name string
}

var _ di.Registrar = (*Provider)(nil)

// Register adds a service.
func (p *Provider) Register(reg di.Registration) error { return p.m.c.register(p.m, p.name, reg) }
