package boot

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/container"
)

// A node is a provider in the order of starting and stopping.
type node struct {
	module, name string
	provider     lifecycle.Provider  // nil for work of the application itself
	resolver     *container.Consumer // of what the provider's Needs name
	wave         lifecycle.Priority
	optional     bool
	key          di.Key  // of the service, if the node is its release
	needs        []*node // that are up before it
	neededBy     []*node
	hard         []*node // those of needs without which it does not boot
	pending      int     // of a phase: nodes that must come first
	bootLimit    time.Duration
	stopLimit    time.Duration

	began     bool  // its turn to boot came
	stopped   bool  // its turn to shut down came
	down      error // why it did not boot, of an application that starts without it
	limps     error // why it is not all there: its Bootstrap failed, or a service cannot be had
	boot      timing
	bootstrap timing
}

// A timing is when a hook ran.
type timing struct {
	began time.Time // zero if it did not
	took  time.Duration
	err   error
}

func (t timing) end() time.Time { return t.began.Add(t.took) }

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
	if o, ok := p.(lifecycle.Optional); ok {
		n.optional = o.Optional()
	}
	return n
}

// String names the node in logs.
func (n *node) String() string { return n.module + "/" + n.name }

// needsOf returns what the provider's hooks may resolve.
func needsOf(p lifecycle.Provider) []di.Key {
	if b, ok := p.(interface{ Needs() []di.Key }); ok {
		return b.Needs()
	}
	return nil
}

// missing returns a node that n cannot boot without, and that is down, or nil.
func (n *node) missing() *node {
	for _, h := range n.hard {
		if h.down != nil {
			return h
		}
	}
	return nil
}

// A hook is one step of a provider's life.
type hook struct {
	stage   Stage
	turn    func(n *node) bool // notes that n's turn came, and reports whether it has the hook
	call    func(ctx context.Context, n *node) error
	limit   func(n *node) time.Duration
	timing  func(n *node) *timing // nil if it is not noted
	reverse bool                  // dependants first
	strict  bool                  // the first error ends the phase
}

func bootLimit(n *node) time.Duration { return n.bootLimit }
func stopLimit(n *node) time.Duration { return n.stopLimit }

func bootHook() hook {
	return hook{
		stage: Boot, limit: bootLimit, strict: true,
		timing: func(n *node) *timing { return &n.boot },
		turn: func(n *node) bool {
			n.began = true
			_, ok := n.provider.(lifecycle.Booter)
			return ok
		},
		call: func(ctx context.Context, n *node) error { return n.provider.(lifecycle.Booter).Boot(ctx, n.resolver) },
	}
}

func bootstrapHook() hook {
	return hook{
		stage: Bootstrap, limit: bootLimit, strict: true,
		timing: func(n *node) *timing { return &n.bootstrap },
		turn: func(n *node) bool {
			_, ok := n.provider.(lifecycle.Bootstrapper)
			return ok && n.down == nil
		},
		call: func(ctx context.Context, n *node) error {
			return n.provider.(lifecycle.Bootstrapper).Bootstrap(ctx, n.resolver)
		},
	}
}

func drainHook() hook {
	return hook{
		stage: Drain, limit: stopLimit, reverse: true,
		turn: func(n *node) bool {
			_, ok := n.provider.(lifecycle.Drainer)
			return ok && n.began && !n.stopped
		},
		call: func(ctx context.Context, n *node) error { return n.provider.(lifecycle.Drainer).Drain(ctx) },
	}
}

// shutdownHook stops everything that began and was not stopped; all says
// whether those that are up are included.
func shutdownHook(all bool) hook {
	return hook{
		stage: Shutdown, limit: stopLimit, reverse: true,
		turn: func(n *node) bool {
			if !n.began || n.stopped || n.down == nil && !all {
				return false
			}
			n.stopped = true
			_, ok := n.provider.(lifecycle.Stopper)
			return ok
		},
		call: func(ctx context.Context, n *node) error {
			if !all {
				ctx = lifecycle.WithStopCause(ctx, n.down)
			}
			return n.provider.(lifecycle.Stopper).Shutdown(ctx)
		},
	}
}

// own is work of the application itself, which has a deadline as hooks have. A
// strict one is not begun if its context has ended.
func own(stage Stage, strict bool, limit time.Duration, call func(context.Context) error) hook {
	return hook{
		stage: stage, strict: strict,
		limit: func(*node) time.Duration { return limit },
		turn:  func(*node) bool { return true },
		call:  func(ctx context.Context, _ *node) error { return call(ctx) },
	}
}
