package container

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var (
	_ di.Resolver  = (*port)(nil)
	_ di.Finder    = (*port)(nil)
	_ di.Collector = (*port)(nil)
)

// A dep is a declared need and what Freeze found for it: one entry, none if the
// need is optional, or any number if its name is "*".
type dep struct {
	key      di.Key // without the "?" of an optional one
	optional bool
	entries  []*entry
}

// A port resolves the declared needs of one Build, or of one consumer.
type port struct {
	m        *Module
	e        *entry // being built; nil for a consumer
	provider string
	deps     []dep
	scope    *Scope
	over     atomic.Bool // Build returned
}

func (p *port) Resolve(ctx context.Context, key di.Key) (any, error) {
	d, err := p.find(key)
	if err != nil {
		return nil, err
	}
	if len(d.entries) == 0 {
		return nil, di.ErrMissing.Wrap(nil, "di: resolve %v, an optional need of %s: not registered; di.Maybe tells that", d.key, p.who())
	}
	return d.entries[0].value(ctx, p.scope)
}

func (p *port) Has(key di.Key) (bool, error) {
	d, err := p.find(key)
	if err != nil || len(d.entries) == 0 {
		return false, err
	}
	return !d.optional || d.entries[0].withdrawn.Load() == nil, nil
}

func (p *port) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	d, err := p.find(di.Key{Type: typ, Name: "*"})
	if err != nil {
		return nil, err
	}
	return values(ctx, d.entries, p.scope)
}

func (p *port) find(key di.Key) (*dep, error) {
	g := p.m.c.live.Load()
	if g == nil {
		return nil, p.m.c.unusable(key)
	}
	if p.over.Load() {
		return nil, di.ErrClosed.Wrap(nil, "di: resolve %v after the Build of %v returned: a Build's resolver is for that call only", key, p.e.reg.Key)
	}
	for i := range p.deps {
		if d := &p.deps[i]; d.key == key {
			return d, nil
		}
	}
	if key.Type != nil && key.Name != "*" && g.lookup(p.m, key) == nil {
		if owners := g.hiders(p.m, key); owners != nil {
			return nil, g.hidden(p.m, key, owners)
		}
	}
	return nil, di.ErrUndeclared.Wrap(nil, "di: resolve %v: Needs of %s does not name it", key, p.who())
}

// who names the one who resolves.
func (p *port) who() string {
	if p.e != nil {
		return p.e.String()
	}
	if p.m.isRoot() {
		return "unit " + p.provider
	}
	return "provider " + p.provider + inModule(p.m)
}
