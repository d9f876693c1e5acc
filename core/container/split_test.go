package container_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// A container and its child are together what one container is that has the
// registrations of both, as long as neither has a key of the other.
func TestChildAgainstModel(t *testing.T) {
	froze := 0
	for seed := range uint64(1000) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			m := &model{modules: []*moduleModel{{}}}
			for range 2 + r.IntN(12) {
				reg := &regModel{key: randomKey(r), lifetime: di.Lifetime(r.IntN(3))}
				if m.taken(reg) {
					continue
				}
				for range r.IntN(4) {
					switch k := randomKey(r); {
					case r.IntN(60) == 0:
						reg.needs = append(reg.needs, k)
					case len(m.regs) > 0:
						reg.needs = append(reg.needs, m.regs[r.IntN(len(m.regs))].key)
					}
				}
				m.regs = append(m.regs, reg)
				if r.IntN(20) > 0 && m.captures(m.regs, reg, nil) {
					reg.lifetime = di.ScopedLifetime
				}
			}
			parent := container.New()
			half := r.IntN(len(m.regs) + 1)
			for _, reg := range m.regs[:half] {
				must(t, parent.Register(reg.registration()))
			}
			if parent.Freeze() != nil {
				return // a child has nothing to see
			}
			child := parent.Child()
			for _, reg := range m.regs[half:] {
				must(t, child.Register(reg.registration()))
			}
			if compareTo(t, m, child) {
				froze++
			}
			must(t, parent.Close(t.Context()))
		})
	}
	if froze < 200 {
		t.Errorf("%d of 1000 froze", froze)
	}
}

// A container with an override is what a container is that was given the
// override in the place of what it replaces.
func TestOverrideAgainstModel(t *testing.T) {
	froze := 0
	for seed := range uint64(1000) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 4))
			m := randomModel(r)
			live, _ := m.counting()
			if len(live) == 0 {
				return
			}
			old := live[r.IntN(len(live))]
			c := m.fill(t)
			over := *old
			over.lifetime = di.Lifetime(r.IntN(3))
			if len(over.needs) > 0 && r.IntN(2) == 0 {
				over.needs = over.needs[1:]
			}
			must(t, c.Override(m.modules[old.module].name).Register((&over).registration()))
			changed := &model{modules: m.modules, regs: slices.Clone(m.regs)}
			changed.regs[slices.Index(m.regs, old)] = &over
			if compareTo(t, changed, c) {
				froze++
			}
		})
	}
	if froze < 200 {
		t.Errorf("%d of 1000 froze", froze)
	}
}
