package boot

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A node is a provider in the order of starting and stopping.
type node struct {
	module, name string
	provider     lifecycle.Provider // nil for work of the application itself
	resolver     di.Resolver        // of what the provider's Needs name
	wave         lifecycle.Priority
	needs        []*node // that are up before it
	neededBy     []*node
	began        bool // its turn to boot came
	pending      int  // of a phase: nodes that must come first
	bootLimit    time.Duration
	stopLimit    time.Duration
}

func newNode(o *Options, module, name string, p lifecycle.Provider) *node {
	n := &node{module: module, name: name, provider: p, wave: lifecycle.Normal, bootLimit: o.BootTimeout, stopLimit: o.ShutdownTimeout}
	if w, ok := p.(lifecycle.Prioritizer); ok {
		n.wave = w.Priority()
	}
	if d, ok := p.(lifecycle.Deadliner); ok {
		boot, stop := d.Deadlines()
		if boot > 0 {
			n.bootLimit = boot
		}
		if stop > 0 {
			n.stopLimit = stop
		}
	}
	return n
}

// needsOf returns what the provider's hooks may resolve.
func needsOf(p lifecycle.Provider) []di.Key {
	if b, ok := p.(interface{ Needs() []di.Key }); ok {
		return b.Needs()
	}
	return nil
}

// A hook is one step of a provider's life.
type hook struct {
	name    string
	of      func(n *node) func(context.Context) error // nil if the provider has none
	limit   func(n *node) time.Duration
	reverse bool // dependants first
	strict  bool // the first error ends the phase
}

func bootLimit(n *node) time.Duration { return n.bootLimit }
func stopLimit(n *node) time.Duration { return n.stopLimit }

func bootHook() hook {
	return hook{name: "boot", limit: bootLimit, strict: true, of: func(n *node) func(context.Context) error {
		n.began = true
		b, ok := n.provider.(lifecycle.Booter)
		if !ok {
			return nil
		}
		return func(ctx context.Context) error { return b.Boot(ctx, n.resolver) }
	}}
}

func bootstrapHook() hook {
	return hook{name: "bootstrap", limit: bootLimit, strict: true, of: func(n *node) func(context.Context) error {
		b, ok := n.provider.(lifecycle.Bootstrapper)
		if !ok {
			return nil
		}
		return func(ctx context.Context) error { return b.Bootstrap(ctx, n.resolver) }
	}}
}

func drainHook() hook {
	return hook{name: "drain", limit: stopLimit, reverse: true, of: func(n *node) func(context.Context) error {
		d, ok := n.provider.(lifecycle.Drainer)
		if !ok || !n.began {
			return nil
		}
		return d.Drain
	}}
}

func shutdownHook() hook {
	return hook{name: "shutdown", limit: stopLimit, reverse: true, of: func(n *node) func(context.Context) error {
		s, ok := n.provider.(lifecycle.Stopper)
		if !ok || !n.began {
			return nil
		}
		return s.Shutdown
	}}
}

// own is work of the application itself, which has a deadline as hooks have. A
// strict one is not begun if its context has ended.
func own(name string, strict bool, limit time.Duration, call func(context.Context) error) hook {
	return hook{
		name: name, strict: strict, limit: func(*node) time.Duration { return limit },
		of: func(*node) func(context.Context) error { return call },
	}
}
