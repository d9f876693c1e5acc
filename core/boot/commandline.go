package boot

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/core/container"
)

var _ cli.Application = (*App)(nil)

// Contribute adds to the command line what the application itself contributes,
// such as what a configuration file can tell, and returns a. It has no effect
// once Start was called.
func (a *App) Contribute(contributors ...cli.Contributor) *App {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state == Created {
		a.own = append(a.own, contributors...)
	}
	return a
}

// Contributions returns what the command line of the application is made of: the
// commands graph and health, what [App.Contribute] was given, and every
// [cli.Contributor] that a module registers, exported or not, as a value. It
// decodes the configuration, registers and checks the graph, as Start does, and
// boots nothing. Problems are all returned at once, joined; those of the graph
// leave the contributions of modules out.
func (a *App) Contributions(ctx context.Context) ([]cli.Contribution, error) {
	all := []cli.Contribution{{Contributor: commands{a}}}
	a.mu.Lock()
	for _, c := range a.own {
		all = append(all, cli.Contribution{Contributor: c})
	}
	a.mu.Unlock()
	box, problems := a.inspect()
	if box == nil {
		return all, problems
	}
	found, err := contributors(ctx, box)
	return append(all, found...), errors.Join(problems, err, box.Close(ctx))
}

// inspect returns the frozen container of the modules, nil if it cannot be
// frozen, and what is wrong with them.
func (a *App) inspect() (*container.Container, error) {
	part := a.again()
	parts, unused, problems := configure(part.opts.Config, part.modules)
	nodes, err := part.register(parts)
	frozen := hint(part.box.Freeze(), unused)
	switch {
	case frozen != nil && problems != nil:
		return nil, problems // a module that is not configured is not there either
	case frozen != nil:
		return nil, errors.Join(err, frozen)
	}
	connect(nodes)
	_, cycle := order(nodes)
	return part.box, errors.Join(problems, err, cycle)
}

// contributors returns what modules contribute, by name.
func contributors(ctx context.Context, box *container.Container) ([]cli.Contribution, error) {
	typ := reflect.TypeFor[cli.Contributor]()
	values, err := box.CollectPrivate(ctx, typ)
	if err != nil {
		return nil, err
	}
	var nodes []container.Node // of the values, in their order
	for _, n := range box.Graph().Nodes {
		if n.Key.Type == typ {
			nodes = append(nodes, n)
		}
	}
	slices.SortStableFunc(nodes, func(a, b container.Node) int { return strings.Compare(a.Key.Name, b.Key.Name) })
	found := make([]cli.Contribution, len(values))
	for i, v := range values {
		found[i] = cli.Contribution{Module: nodes[i].Module, Contributor: v.(cli.Contributor)}
		if n := nodes[i]; len(n.Needs)+len(n.Collects) > 0 {
			err = errors.Join(err, ErrModule.Wrap(nil, "boot: module %q, provider %q: a cli.Contributor that needs services: register it with di.Value", n.Module, n.Provider))
		}
	}
	return found, err
}
