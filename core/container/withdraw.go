package container

// Withdraw takes the services that lost chooses out of a frozen container, and
// with them every service that needs one of these, directly or not: who
// resolves them gets a [*BuildError] that says so and wraps cause, and who
// collects, or declared them as optional, does not see them. It returns those that
// were not withdrawn before, without their edges. It is for whoever runs the
// application, when a provider that it can do without has not started. Values
// that were built are released by Close.
func (c *Container) Withdraw(cause error, lost func(service Node) bool) []Node {
	g := c.live.Load()
	if g == nil {
		return nil
	}
	c.singles.mu.Lock()
	defer c.singles.mu.Unlock()
	var gone []Node
	for _, e := range g.entries {
		if n := e.node(); e.withdrawn.Load() == nil && lost(n) {
			e.withdraw(cause)
			gone = append(gone, n)
		}
	}
	for before := -1; before != len(gone); {
		before = len(gone)
		for _, e := range g.entries {
			if need := e.lost(); need != nil && e.withdrawn.Load() == nil {
				e.withdraw(need.withdrawn.Load())
				gone = append(gone, e.node())
			}
		}
	}
	return gone
}

// withdraw makes the entry's value unavailable. The caller holds the mu of the
// singletons' owner.
func (e *entry) withdraw(cause error) {
	e.withdrawn.Store(&BuildError{Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Err: cause})
	e.slot.value.Store(nil)
}

// lost returns a need of e that was withdrawn, or nil.
func (e *entry) lost() *entry {
	for _, d := range e.deps {
		if d.optional || d.key.Name == "*" {
			continue // who collects takes what there is, and di.Maybe finds nothing
		}
		for _, to := range d.entries {
			if to.withdrawn.Load() != nil {
				return to
			}
		}
	}
	return nil
}

// node returns the entry as a node of a graph, without its edges.
func (e *entry) node() Node {
	return Node{
		Key: e.reg.Key, Lifetime: e.reg.Lifetime, Module: e.module.name, Provider: e.provider,
		Exported: e.module.exportsKey(e.reg.Key),
	}
}
