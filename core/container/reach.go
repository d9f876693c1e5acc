package container

import (
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Reach is what a consumer needs, directly or not, of one provider.
type Reach struct {
	Module, Provider string
	// Hard says that the consumer's declared needs cannot be had without it: no
	// step on the way is optional or collected.
	Hard bool
}

// Reach calls visit for every service that the consumer needs, and that those
// need in turn, with who offers it; for one provider it may be called several
// times. What is collected ("*") is not visited itself, only what it is built
// from. Before Freeze and after Close there is nothing.
func (u *Consumer) Reach(visit func(Reach)) {
	if u.m.c.live.Load() == nil {
		return
	}
	seen := make(map[*entry]bool, 8) // true if along hard steps only
	follow(u.deps, true, seen, visit)
}

func follow(deps []dep, hard bool, seen map[*entry]bool, visit func(Reach)) {
	for i := range deps {
		d := &deps[i]
		collected := d.key.Name == "*"
		hard := hard && !d.optional && !collected
		for _, e := range d.entries {
			if !collected {
				visit(Reach{Module: e.module.name, Provider: e.provider, Hard: hard})
			}
			if was, ok := seen[e]; !ok || hard && !was {
				seen[e] = hard
				follow(e.deps, hard, seen, visit)
			}
		}
	}
}

// Built reports whether [Container.Build] has nothing left to do.
func (c *Container) Built() bool {
	g := c.live.Load()
	return g != nil && !slices.ContainsFunc(g.entries, func(e *entry) bool {
		return e.reg.Lifetime == di.SingletonLifetime && e.slot.value.Load() == nil && e.withdrawn.Load() == nil
	})
}

// Offers reports whether [Container.CollectPrivate] of typ would find anything.
func (c *Container) Offers(typ reflect.Type) bool {
	g := c.live.Load()
	return g != nil && slices.ContainsFunc(g.entries, func(e *entry) bool { return e.reg.Key.Type == typ })
}
