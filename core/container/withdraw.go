package container

// Withdraw takes the services of one provider out of a frozen container, and
// with them every service that needs one of these, directly or not: who
// resolves them gets a [*BuildError] that says so and wraps cause, and who
// collects, or declared them as optional, does not see them. It is for whoever runs the application, when a
// provider that it can do without has not started. Values that were built are
// released by Close.
func (c *Container) Withdraw(module, provider string, cause error) {
	g := c.live.Load()
	if g == nil {
		return
	}
	c.singles.mu.Lock()
	defer c.singles.mu.Unlock()
	for _, e := range g.entries {
		if e.module.name == module && e.provider == provider {
			e.withdraw(cause)
		}
	}
	for again := true; again; {
		again = false
		for _, e := range g.entries {
			if lost := e.lost(); lost != nil && e.withdrawn.Load() == nil {
				e.withdraw(lost.withdrawn.Load())
				again = true
			}
		}
	}
}

// withdraw makes the entry's value unavailable. The caller holds the mu of the
// singletons' owner.
func (e *entry) withdraw(cause error) {
	e.withdrawn.CompareAndSwap(nil, &BuildError{Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Err: cause})
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
