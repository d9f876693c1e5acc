package container

import (
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// checkConsumer finds scoped services that a consumer would resolve outside a scope.
func (l *linker) checkConsumer(u *Consumer) {
	for _, d := range u.deps {
		for _, e := range d.entries {
			if path := scopedPath(e, nil); path != nil {
				l.report(&Problem{
					Sentinel: di.ErrScope, Key: path[len(path)-1], Module: u.m.name, Provider: u.provider, Path: path,
					text: "provider needs " + arrows(path) + ", which is scoped: it has no value outside a scope; a Unit has one",
				})
			}
		}
	}
}

// checkCaptives finds scoped services that a singleton would keep.
func (l *linker) checkCaptives() {
	for _, e := range l.entries {
		if e.reg.Lifetime != di.SingletonLifetime {
			continue
		}
		for _, d := range e.deps {
			for _, to := range d.entries {
				if path := scopedPath(to, []*entry{e}); path != nil {
					path = append([]di.Key{e.reg.Key}, path...)
					l.report(&Problem{
						Sentinel: di.ErrScope, Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Path: path,
						text: "singleton needs scoped: " + arrows(path),
					})
				}
			}
		}
	}
}

// scopedPath returns the path from e, through transients, to a scoped service, or nil.
func scopedPath(e *entry, seen []*entry) []di.Key {
	switch e.reg.Lifetime {
	case di.ScopedLifetime:
		return []di.Key{e.reg.Key}
	case di.SingletonLifetime:
		return nil // has its own check
	}
	if slices.Contains(seen, e) {
		return nil
	}
	seen = append(seen, e)
	for _, d := range e.deps {
		for _, to := range d.entries {
			if path := scopedPath(to, seen); path != nil {
				return append([]di.Key{e.reg.Key}, path...)
			}
		}
	}
	return nil
}

// checkCycles reports every edge that closes a cycle, with the path.
func (l *linker) checkCycles() {
	w := walk{l: l, state: make(map[*entry]uint8, len(l.entries))}
	for _, e := range l.entries {
		w.visit(e)
	}
}

// A walk is a depth-first search: an entry is unseen, on the path, or done.
type walk struct {
	l     *linker
	state map[*entry]uint8
	path  []*entry
}

const (
	onPath = 1
	done   = 2
)

func (w *walk) visit(e *entry) {
	switch w.state[e] {
	case done:
		return
	case onPath:
		w.report(e)
		return
	}
	w.state[e] = onPath
	w.path = append(w.path, e)
	for _, d := range e.deps {
		for _, to := range d.entries {
			w.visit(to)
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.state[e] = done
}

func (w *walk) report(e *entry) {
	var path []di.Key
	for _, p := range w.path[slices.Index(w.path, e):] {
		path = append(path, p.reg.Key)
	}
	path = append(path, e.reg.Key)
	w.l.report(&Problem{
		Sentinel: di.ErrCycle, Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Path: path,
		text: "dependency cycle: " + arrows(path),
	})
}
