package container

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var _ di.Container = (*Container)(nil)

// A Container holds the services of an application. [New] makes one; the zero
// value is not usable. It is safe for concurrent use.
//
// What is registered with the container itself, rather than with a [Module],
// belongs to the application: it is visible to every module that names it in
// its needs, and may need everything that modules export. The container itself
// resolves what the application may see.
type Container struct {
	parent *Container // nil, or what the container is a child of
	root   *Module

	mu        sync.Mutex // guards what follows until the container is frozen
	modules   []*Module
	entries   []*entry
	overrides []overriding
	consumers []*Consumer
	frozen    bool
	closed    bool
	children  []*Container // that are frozen and open, oldest first; guarded by mu

	live    atomic.Pointer[graph] // nil unless frozen and open
	singles owner
}

// New returns an empty container.
func New() *Container {
	c := &Container{}
	c.root = &Module{c: c}
	return c
}

// Module returns a registrar for the module of this name. The keys in exports
// are visible to the other modules that name them in their needs, and unique
// among all exports; every other key that the module registers is its own, and
// other modules may have the same one. Its services may need its own and those
// of needs; a need named "*" is every visible service of the type, and one that
// is optional may be absent.
//
// A name that was used before is a problem that [Container.Freeze] reports
// ([di.ErrDuplicate]).
func (c *Container) Module(name string, exports, needs []di.Key) *Module {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &Module{c: c, name: name, exports: slices.Clone(exports), needs: slices.Clone(needs)}
	if !c.frozen {
		c.modules = append(c.modules, m)
	}
	return m
}

// Register adds a service of the application itself.
func (c *Container) Register(reg di.Registration) error { return c.root.Register(reg) }

// register adds an entry. Duplicates are found by Freeze, with everything else.
func (c *Container) register(m *Module, provider string, reg di.Registration) error {
	if err := checkRegistration(reg); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.open(reg.Key); err != nil {
		return err
	}
	reg.Needs = slices.Clone(reg.Needs)
	c.entries = append(c.entries, newEntry(m, provider, reg))
	return nil
}

// open returns an error unless the container takes registrations. The caller holds c.mu.
func (c *Container) open(key di.Key) error {
	switch {
	case c.closed:
		return di.ErrClosed.Wrap(nil, "di: register %v", key)
	case c.frozen:
		return di.ErrFrozen.Wrap(nil, "di: register %v", key)
	}
	return nil
}

func checkRegistration(reg di.Registration) error {
	switch {
	case reg.Key.Type == nil:
		return di.Err.Wrap(nil, "di: register: the key has no type")
	case reg.Key.Name == "*":
		return di.Err.Wrap(nil, "di: register %v: the name * means every name", reg.Key)
	case optional(reg.Key):
		return di.Err.Wrap(nil, "di: register %v: a name that ends in ? is an optional need", reg.Key)
	case reg.Build == nil:
		return di.Err.Wrap(nil, "di: register %v: Build is nil", reg.Key)
	case reg.Lifetime > di.TransientLifetime:
		return di.Err.Wrap(nil, "di: register %v: unknown lifetime %d", reg.Key, reg.Lifetime)
	case reg.Lifetime == di.TransientLifetime && reg.Close != nil:
		return di.Err.Wrap(nil, "di: register %v: a transient value is never closed: it must not have a Close", reg.Key)
	}
	for _, k := range reg.Needs {
		if k.Type == nil {
			return di.Err.Wrap(nil, "di: register %v: a need has no type", reg.Key)
		}
	}
	return nil
}

// Freeze checks the whole graph and returns every problem, joined, each as a
// [*Problem]. It builds nothing. A container that failed to freeze accepts
// registrations still; freezing a frozen one does nothing.
func (c *Container) Freeze() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, err := c.check()
	if err != nil || g == nil {
		return err
	}
	if err := c.join(); err != nil {
		return err
	}
	c.frozen = true
	c.live.Store(g)
	return nil
}

// Verify returns what Freeze would, and freezes nothing: a test calls it on the
// container that main fills; see package containertest.
func (c *Container) Verify() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.check()
	return err
}

// check links what was registered; nil and no error if that was done. The
// caller holds c.mu.
func (c *Container) check() (*graph, error) {
	switch {
	case c.closed:
		return nil, di.ErrClosed.Wrap(nil, "di: freeze")
	case c.frozen:
		return nil, nil
	case c.parent == nil:
		return link(c, nil)
	}
	up := c.parent.live.Load()
	if up == nil {
		return nil, di.Err.Wrap(c.parent.unusable(di.Key{}), "di: freeze the child of a container")
	}
	return link(c, up)
}

// Resolve returns the application's value for key: one that a module exports
// or that was registered with the container itself. A key that is private to a
// module is [di.ErrHidden], one of no module [di.ErrMissing] with the keys that
// were probably meant, a scoped one [di.ErrScope]; before Freeze every key is
// [di.ErrNotFrozen], after Close [di.ErrClosed]. An error of Build is a
// [*BuildError]. When ctx ends, Resolve of a singleton returns; the build goes
// on for as long as others wait for it, and its ctx is cancelled when nobody
// does. A transient, and a scoped one in its scope, is built by the call itself.
func (c *Container) Resolve(ctx context.Context, key di.Key) (any, error) {
	g := c.live.Load()
	if g == nil {
		return nil, c.unusable(key)
	}
	e := g.find(key)
	if e == nil {
		return nil, g.unknown(c.root, key)
	}
	if v := e.slot.value.Load(); v != nil {
		return *v, nil
	}
	return e.value(ctx, nil)
}

// Has reports whether there is a service that the application may resolve; one
// that is private to a module is [di.ErrHidden].
func (c *Container) Has(key di.Key) (bool, error) {
	g := c.live.Load()
	if g == nil {
		return false, c.unusable(key)
	}
	return g.has(c.root, key)
}

// Bind replaces the value of a singleton that the application may see; see
// [di.Binder]. What a parent registered is bound there ([di.ErrMissing]).
func (c *Container) Bind(key di.Key, value any) error { return c.bind(c.root, key, value) }

// bind replaces a value for m: of m's own service, or any if m is the application.
func (c *Container) bind(m *Module, key di.Key, value any) error {
	g := c.live.Load()
	if g == nil {
		return c.unusable(key)
	}
	e := g.lookup(m, key)
	switch {
	case e == nil:
		return g.unknown(m, key)
	case e.module.c != c:
		return di.ErrMissing.Wrap(nil, "di: bind %v: the parent of this container has it: bind it there", e.reg.Key)
	case e.module != m && !m.isRoot():
		return di.ErrHidden.Wrap(nil, "di: bind %v by module %q: it belongs to %s", e.reg.Key, m.name, registrant(e))
	case e.reg.Lifetime != di.SingletonLifetime:
		return di.Err.Wrap(nil, "di: bind %v%s: it is %s, and only a singleton has one value", e.reg.Key, e.from(), lifetimes[e.reg.Lifetime])
	}
	if err := e.check(value); err != nil {
		return di.ErrType.Wrap(nil, "di: bind %v%s to a %T", e.reg.Key, e.from(), value)
	}
	return c.singles.bind(&e.slot, e, value)
}

// Collect returns every value registered under typ that the application may
// see, a parent's included, in the order of their names; of one name, the
// parent's come first. It fails as Resolve does; none is no error.
func (c *Container) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	g := c.live.Load()
	if g == nil {
		return nil, c.unusable(di.Key{Type: typ, Name: "*"})
	}
	return values(ctx, g.collect(c.root, typ), nil)
}

// CollectPrivate is Collect without regard to modules: it includes what they
// do not export, and not what a parent has. It is for whoever runs the
// application, such as its health endpoint. Values of one name are in the order
// of their registration.
func (c *Container) CollectPrivate(ctx context.Context, typ reflect.Type) ([]any, error) {
	g := c.live.Load()
	if g == nil {
		return nil, c.unusable(di.Key{Type: typ, Name: "*"})
	}
	var all []*entry
	for _, e := range g.entries {
		if e.reg.Key.Type == typ {
			all = append(all, e)
		}
	}
	sortByName(all)
	return values(ctx, all, nil)
}

// Build builds every singleton that was not built yet, in the order of
// registration, and stops at the first error. An application calls it when it
// boots, so that what is configured wrongly fails then and not in a request.
func (c *Container) Build(ctx context.Context) error {
	g := c.live.Load()
	if g == nil {
		return c.unusable(di.Key{})
	}
	for _, e := range g.entries {
		if e.reg.Lifetime != di.SingletonLifetime || e.slot.value.Load() != nil {
			continue
		}
		if _, err := e.value(ctx, nil); err != nil && e.withdrawn.Load() == nil {
			return err
		}
	}
	return nil
}

// Close releases the singletons that were built, newest first, and returns
// every error, joined. It waits until ctx ends for builds that are running; the
// services that those still need are refused ([di.ErrClosed]). Every release is
// called even if ctx has ended. Children that are open are closed before that,
// the newest first. A second Close waits for the first and returns what it
// returned. Scopes are closed by those who opened them.
func (c *Container) Close(ctx context.Context) error {
	return c.CloseEach(ctx, 0, func(r Release) error { return r.Do(ctx) })
}

// CloseEach is Close with each called instead of every release of the
// container's own values, one after the other; it calls [Release.Do]. Builds that
// run are waited for no longer than patience, unless that is 0. It is for whoever
// gives each release its own deadline.
func (c *Container) CloseEach(ctx context.Context, patience time.Duration, each func(Release) error) error {
	c.mu.Lock()
	c.closed = true
	c.live.Store(nil)
	c.mu.Unlock()
	defer c.leave()
	return c.singles.close(ctx, patience, c.closeChildren, each)
}

// unusable says why nothing can be resolved.
func (c *Container) unusable(key di.Key) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	sentinel := di.ErrNotFrozen
	if c.closed {
		sentinel = di.ErrClosed
	}
	if key.Type == nil {
		return sentinel
	}
	return sentinel.Wrap(nil, "di: resolve %v", key)
}
