package container

import (
	"context"
	"errors"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// Child returns an empty container that sees, besides its own services, what
// the application may resolve from c. It is filled, frozen and closed by itself.
//
// A child may register what c has under the same key: its own services, and
// those who resolve from it, then get the child's. What c registered is built
// of what c has, whoever asks, and its singletons are the same in c and in
// every child. In a scope of a child, scoped services of both have one value
// each.
//
// c is frozen before its child is ([di.ErrNotFrozen]). The caller closes the
// child, which releases the child's own singletons; closing c closes the
// children that are open, the newest first, before its own values.
func (c *Container) Child() *Container {
	child := New()
	child.parent = c
	return child
}

// join makes the parent know the child, which is about to be frozen.
func (c *Container) join() error {
	p := c.parent
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return di.ErrClosed.Wrap(nil, "di: freeze the child of a container")
	}
	p.children = append(p.children, c)
	return nil
}

// leave makes the parent forget a child that was closed.
func (c *Container) leave() {
	p := c.parent
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.children, c); i >= 0 {
		p.children = slices.Delete(p.children, i, i+1)
	}
}

// closeChildren closes the children that are open. None joins any more.
func (c *Container) closeChildren(ctx context.Context) error {
	c.mu.Lock()
	children := slices.Clone(c.children)
	c.mu.Unlock()
	var all []error
	for _, child := range slices.Backward(children) {
		all = append(all, child.Close(ctx))
	}
	return errors.Join(all...)
}
