package container

import (
	"errors"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A graph is what Freeze made of the registrations. It never changes.
type graph struct {
	up      *graph   // of the parent, or nil
	entries []*entry // without those that were replaced, in registration order
	modules []*Module
	global  map[di.Key]*entry       // exported, or the application's own; a parent's too, unless shadowed
	unnamed map[reflect.Type]*entry // of global, those without a name
	places  int                     // of the slots of a scope
}

// find returns what the application sees under k, or nil.
func (g *graph) find(k di.Key) *entry {
	if k.Name == "" {
		return g.unnamed[k.Type] // hashes a pointer instead of a key
	}
	return g.global[k]
}

// all yields g and the graphs above it, the topmost last.
func (g *graph) all(yield func(*graph) bool) {
	for ; g != nil && yield(g); g = g.up {
	}
}

// A linker collects the problems of a graph.
type linker struct {
	graph
	problems []error
}

func (l *linker) report(p *Problem) { l.problems = append(l.problems, p) }

// link builds the graph of what was registered, under the one of the parent if
// there is one. The caller holds c.mu.
func link(c *Container, up *graph) (*graph, error) {
	l := &linker{graph: graph{up: up, modules: c.modules, global: make(map[di.Key]*entry, len(c.entries))}}
	l.checkNames(c)
	l.index(c)
	l.checkExports()
	l.inherit()
	for _, e := range l.entries {
		e.deps = l.resolve(e.module, e.provider, e, e.reg.Needs)
	}
	for _, u := range c.consumers {
		u.deps = l.resolve(u.m, u.provider, nil, u.needs)
		if !u.unit {
			l.checkConsumer(u)
		}
	}
	l.checkModuleNeeds()
	l.checkCycles()
	l.checkCaptives()
	if len(l.problems) > 0 {
		return nil, errors.Join(l.problems...)
	}
	return &l.graph, nil
}

func (l *linker) checkNames(c *Container) {
	seen := make(map[string]bool, len(c.modules))
	for _, m := range c.modules {
		if seen[m.name] {
			l.report(&Problem{Sentinel: di.ErrDuplicate, Module: m.name, text: "two modules have this name"})
		}
		seen[m.name] = true
	}
}

// index decides which registration of a key counts.
func (l *linker) index(c *Container) {
	c.root.private = nil
	for _, m := range c.modules {
		m.private = nil
	}
	replaced := map[*entry]bool{}
	for _, e := range c.entries {
		k := e.reg.Key
		visible := l.global
		if !e.module.exportsKey(k) {
			if e.module.private == nil {
				e.module.private = make(map[di.Key]*entry)
			}
			visible = e.module.private
		}
		if old := visible[k]; old != nil {
			if !e.reg.Replace {
				l.report(duplicate(e, old))
				replaced[e] = true // the first one counts, so that nothing else is reported because of this
				continue
			}
			replaced[old] = true
		}
		visible[k] = e
	}
	l.entries = c.entries // for suggestions
	swapped := map[*entry]*entry{}
	l.override(c, swapped)
	l.entries = make([]*entry, 0, len(c.entries))
	for _, e := range c.entries {
		if to := swapped[e]; to != nil {
			e = to
		}
		if !replaced[e] {
			l.entries = append(l.entries, e)
		}
	}
}

// inherit makes what the parent's application sees visible, unless it is
// shadowed, and gives scoped services their places after the parent's.
func (l *linker) inherit() {
	if l.up != nil {
		l.places = l.up.places
		for k, e := range l.up.global {
			if l.global[k] == nil {
				l.global[k] = e
			}
		}
	}
	l.unnamed = make(map[reflect.Type]*entry, len(l.global))
	for k, e := range l.global {
		if k.Name == "" {
			l.unnamed[k.Type] = e
		}
	}
	for _, e := range l.entries {
		if e.reg.Lifetime == di.ScopedLifetime {
			e.place = l.places
			l.places++
		}
	}
}

// checkExports finds exports and contributions that their module did not register.
func (l *linker) checkExports() {
	for _, m := range l.modules {
		for _, k := range m.contributed {
			if m.private[k] == nil && !m.exportsKey(k) {
				l.report(&Problem{
					Sentinel: di.ErrMissing, Key: k, Module: m.name,
					text: "contributes " + keyText(k) + ", which none of its providers registers",
				})
			}
		}
		for _, k := range m.exports {
			if e := l.global[k]; e != nil {
				continue // registered, by m or by whoever replaced it
			}
			l.report(&Problem{
				Sentinel: di.ErrMissing, Key: k, Module: m.name,
				text:    "exports " + keyText(k) + ", which none of its providers registers",
				Suggest: l.suggest(k, func(e *entry) bool { return e.module == m }),
			})
		}
	}
}

// checkModuleNeeds finds needs of a module that nobody in it used, and nobody offers.
func (l *linker) checkModuleNeeds() {
	for _, m := range l.modules {
		for _, k := range m.needs {
			if k.Type == nil {
				l.report(&Problem{Sentinel: di.Err, Module: m.name, text: "needs a key without a type"})
				continue
			}
			if k.Name == "*" || optional(k) || l.lookup(m, k) != nil || l.reported(m, k) {
				continue
			}
			l.report(l.missing(m, "", nil, k))
		}
	}
}

// reported says whether a need of a module's service is a known problem.
func (l *linker) reported(m *Module, k di.Key) bool {
	return slices.ContainsFunc(l.problems, func(err error) bool {
		p, ok := err.(*Problem)
		return ok && p.Module == m.name && p.Key == k
	})
}

// resolve finds the entries for needs, and reports those that have none.
func (l *linker) resolve(m *Module, provider string, e *entry, needs []di.Key) []dep {
	if len(needs) == 0 {
		return nil
	}
	deps := make([]dep, 0, len(needs))
	for i, k := range needs {
		d := dep{key: plain(k), optional: optional(k)}
		if again := slices.Index(needs[:i], k) >= 0; again || d.optional && slices.Contains(needs, d.key) {
			continue
		}
		switch {
		case k.Type == nil:
			l.report(&Problem{Sentinel: di.Err, Module: m.name, Provider: provider, text: "needs a key without a type"})
			continue
		case d.key.Name == "*":
			d.entries = l.collect(m, k.Type)
			if len(d.entries) == 0 && !m.declares(d.key) {
				l.report(l.missing(m, provider, e, d.key))
			}
		default:
			if found := l.lookup(m, d.key); found != nil {
				d.entries = found.alone[:]
			} else if !d.optional || l.global[d.key] != nil { // what others have for themselves is not there
				l.report(l.missing(m, provider, e, d.key))
			}
		}
		deps = append(deps, d)
	}
	return deps
}

// has reports whether m sees k.
func (g *graph) has(m *Module, k di.Key) (bool, error) {
	if k.Type == nil || k.Name == "*" || g.lookup(m, k) != nil {
		return k.Type != nil && k.Name != "*", nil
	}
	if owners := g.hiders(m, k); owners != nil {
		return false, g.hidden(m, k, owners)
	}
	return false, nil
}

// lookup returns what m sees under k, or nil: its own, else what others export
// if m declares that it needs it.
func (g *graph) lookup(m *Module, k di.Key) *entry {
	if e := m.private[k]; e != nil {
		return e
	}
	if e := g.global[k]; e != nil && (e.module == m || m.declares(k) || m.exportsKey(k)) {
		return e
	}
	return nil
}

// collect returns what m sees of a type, by name.
func (g *graph) collect(m *Module, typ reflect.Type) []*entry {
	everyone := m.declares(di.Key{Type: typ, Name: "*"})
	var es []*entry
	for at := range g.all {
		var level []*entry
		for _, e := range at.entries {
			if e.reg.Key.Type == typ && (e.module == m || everyone && e.module.offersKey(e.reg.Key)) && !g.shadowed(m, at, e) {
				level = append(level, e)
			}
		}
		es = append(level, es...) // the parent's first
	}
	sortByName(es)
	return es
}

// shadowed reports whether m sees another value under the key of e, which is of
// the graph at.
func (g *graph) shadowed(m *Module, at *graph, e *entry) bool {
	if own := m.private[e.reg.Key]; own != nil && own != e {
		return true
	}
	return at.global[e.reg.Key] == e && g.global[e.reg.Key] != e
}
