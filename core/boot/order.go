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
// the contribution itself is built from comes first.
func connect(g container.Graph, nodes []*node) {
	type id struct{ module, name string }
	byID := make(map[id]*node, len(nodes))
	for _, n := range nodes {
		byID[id{n.module, n.name}] = n
	}
	visited := make([]int, len(g.Nodes)) // the number of the consumer that went there last
	for i, consumer := range g.Nodes {
		n := byID[id{consumer.Module, consumer.Provider}]
		if consumer.Key.Type != nil || n == nil {
			continue
		}
		var visit func(at int)
		visit = func(at int) {
			if visited[at] == i+1 {
				return
			}
			visited[at] = i + 1
			for _, to := range g.Nodes[at].Collects {
				visit(to)
			}
			for _, to := range g.Nodes[at].Needs {
				if p := byID[id{g.Nodes[to].Module, g.Nodes[to].Provider}]; p != nil && p != n && !slices.Contains(n.needs, p) {
					n.needs = append(n.needs, p)
					p.neededBy = append(p.neededBy, n)
				}
				visit(to)
			}
		}
		visit(i)
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
		names[i] = n.module + "/" + n.name
	}
	return di.ErrCycle.Wrap(nil, "boot: providers boot after each other: %s", strings.Join(names, " -> "))
}
