package container

import (
	"errors"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A graph is what Freeze made of the registrations. It never changes.
type graph struct {
	entries []*entry // without those that were replaced, in registration order
	modules []*Module
	global  map[di.Key]*entry // exported, or the application's own
}

// A linker collects the problems of a graph.
type linker struct {
	graph
	problems []error
}

func (l *linker) report(p *Problem) { l.problems = append(l.problems, p) }

// link builds the graph of what was registered. The caller holds c.mu.
func link(c *Container) (*graph, error) {
	l := &linker{graph: graph{modules: c.modules, global: make(map[di.Key]*entry, len(c.entries))}}
	l.checkNames(c)
	l.index(c)
	l.checkExports()
	for _, e := range l.entries {
		e.deps = l.resolve(e.module, e.provider, e, e.reg.Needs)
	}
	for _, u := range c.consumers {
		u.deps = l.resolve(u.m, u.provider, nil, u.needs)
		l.checkConsumer(u)
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
	l.entries = make([]*entry, 0, len(c.entries))
	for _, e := range c.entries {
		if !replaced[e] {
			l.entries = append(l.entries, e)
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
			if k.Name == "*" || l.lookup(m, k) != nil || l.reported(m, k) {
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
		if slices.Contains(needs[:i], k) {
			continue
		}
		d := dep{key: k}
		switch {
		case k.Type == nil:
			l.report(&Problem{Sentinel: di.Err, Module: m.name, Provider: provider, text: "needs a key without a type"})
			continue
		case k.Name == "*":
			d.entries = l.collect(m, k.Type)
			if len(d.entries) == 0 && !m.declares(k) {
				l.report(l.missing(m, provider, e, k))
			}
		default:
			if found := l.lookup(m, k); found != nil {
				d.entries = []*entry{found}
			} else {
				l.report(l.missing(m, provider, e, k))
			}
		}
		deps = append(deps, d)
	}
	return deps
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
	for _, e := range g.entries {
		if e.reg.Key.Type == typ && (e.module == m || everyone && e.module.offersKey(e.reg.Key)) && !shadowed(m, e) {
			es = append(es, e)
		}
	}
	sortByName(es)
	return es
}

// shadowed reports whether m has a value of its own under e's key.
func shadowed(m *Module, e *entry) bool {
	own := m.private[e.reg.Key]
	return own != nil && own != e
}
