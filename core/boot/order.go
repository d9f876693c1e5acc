package boot

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// connect draws the edges between providers: a provider comes after those that
// offer what its hooks need, and what that needs in turn. Who contributes to a
// collection (migrations, health checks) may boot after the collector: only what
// the contribution itself is built from comes first. An edge is hard if the
// provider cannot boot without: what it may be without, or collects, is not.
func connect(nodes []*node) {
	type id struct{ module, name string }
	byID := make(map[id]*node, len(nodes))
	room := make([]*node, 3*few*len(nodes))
	for _, n := range nodes {
		byID[id{n.module, n.name}] = n
		for _, list := range []*[]*node{&n.needs, &n.neededBy, &n.hard} {
			*list, room = room[:0:few], room[few:]
		}
	}
	for _, n := range nodes {
		n.resolver.Reach(func(r container.Reach) { n.after(byID[id{r.Module, r.Provider}], r.Hard) })
	}
}

// few is how many needs of a provider have room from the beginning.
const few = 4

// after lets n boot after p, and not without p if that is hard.
func (n *node) after(p *node, hard bool) {
	if p == nil || p == n {
		return
	}
	if !slices.Contains(n.needs, p) {
		n.needs = append(n.needs, p)
		p.neededBy = append(p.neededBy, n)
	}
	if hard && !slices.Contains(n.hard, p) {
		n.hard = append(n.hard, p)
	}
}

// order returns the waves in boot order, each in an order that respects needs,
// or a cycle among providers: of two that boot after each other, although their
// services do not need each other.
func order(nodes []*node) ([][]*node, error) {
	sorted := make([]*node, 0, len(nodes))
	for _, n := range nodes {
		n.pending = len(n.needs)
	}
	for len(sorted) < len(nodes) {
		found := false
		for _, n := range nodes {
			if n.pending != 0 {
				continue
			}
			found = true
			n.pending = -1
			sorted = append(sorted, n)
			for _, next := range n.neededBy {
				next.pending--
			}
		}
		if !found {
			return nil, bootCycle(nodes)
		}
	}
	// Needs come first whatever their priority: they join the wave of the
	// earliest one that needs them.
	for _, n := range slices.Backward(sorted) {
		for _, need := range n.needs {
			need.wave = min(need.wave, n.wave)
		}
	}
	return byWave(sorted), nil
}

// byWave cuts nodes into waves, the lowest first.
func byWave(sorted []*node) [][]*node {
	slices.SortStableFunc(sorted, func(a, b *node) int { return cmp.Compare(a.wave, b.wave) })
	var waves [][]*node
	for start := 0; start < len(sorted); {
		end := start + 1
		for end < len(sorted) && sorted[end].wave == sorted[start].wave {
			end++
		}
		waves = append(waves, sorted[start:end])
		start = end
	}
	return waves
}

// bootCycle walks along needs that are not up until it meets a provider again.
func bootCycle(nodes []*node) error {
	at := nodes[slices.IndexFunc(nodes, func(n *node) bool { return n.pending > 0 })]
	var path []*node
	for !slices.Contains(path, at) {
		path = append(path, at)
		at = at.needs[slices.IndexFunc(at.needs, func(n *node) bool { return n.pending > 0 })]
	}
	path = append(path[slices.Index(path, at):], at)
	names := make([]string, len(path))
	for i, n := range path {
		names[i] = n.String()
	}
	return di.ErrCycle.Wrap(nil, "boot: providers boot after each other: %s", strings.Join(names, " -> "))
}
