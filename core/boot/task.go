package boot

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/core/container"
)

// A task is what an application starts for, instead of to serve: one command of
// a module, or its health checks.
type task struct {
	module string // "" is the application itself
	needs  []di.Key
	checks bool // needs every health check, whosever it is
	unit   *container.Unit
}

// taskName names the command among the providers of its module: in errors and the graph.
const taskName = "command line"

// Do starts as much of the application as the services need that a command of a
// module resolves, calls fn in a scope, and stops it again; see
// [cli.Application]. Providers of those services, of what they are built of, and
// of what their Boot needs, boot; nothing is bootstrapped, so nothing listens and
// no relay runs. needs are the module's own services and those that its Needs
// name; module "" is the application itself, which needs what modules export. A
// need that is not there is told as [App.Start] tells it.
func (a *App) Do(ctx context.Context, module string, needs []di.Key, fn func(ctx context.Context, r di.Resolver) error) error {
	return a.do(ctx, &task{module: module, needs: needs}, func(ctx context.Context, part *App) error {
		return di.Invoke(ctx, part.task.unit, fn)
	})
}

// do starts the application for t, calls fn with it, and stops it.
func (a *App) do(ctx context.Context, t *task, fn func(ctx context.Context, part *App) error) error {
	part := a.again()
	part.task = t
	if t.module == "" {
		t.unit = part.box.Unit(taskName, t.needs...)
	}
	if err := part.Start(ctx); err != nil {
		return err
	}
	err := ErrModule.Wrap(nil, "boot: start for a command of module %q: there is none", t.module)
	if t.unit != nil {
		err = errs.Catch(func() error { return fn(ctx, part) })
	}
	return errors.Join(err, part.Stop(context.WithoutCancel(ctx)))
}

// again returns an application of the same modules that was not started.
func (a *App) again() *App {
	o := a.opts
	o.StopDelay = 0 // nobody routes requests to it
	a.mu.Lock()
	defer a.mu.Unlock()
	b := New(o).Add(a.modules...)
	b.overrides = slices.Clone(a.overrides)
	return b
}

// declare makes the unit of the task if m is its module.
func (t *task) declare(m *container.Module, name string) {
	if t != nil && name == t.module {
		t.unit = m.Provider(taskName).Unit(t.needs...)
	}
}

// only returns the nodes that boot for the task: those that offer what it needs,
// and what those need.
func (t *task) only(g container.Graph, nodes []*node) []*node {
	wanted := map[*node]bool{}
	var add func(*node)
	add = func(n *node) {
		if n != nil && !wanted[n] {
			wanted[n] = true
			for _, need := range n.needs {
				add(need)
			}
		}
	}
	visited := make([]bool, len(g.Nodes))
	var visit func(at int)
	visit = func(at int) {
		if visited[at] {
			return
		}
		visited[at] = true
		for _, to := range g.Nodes[at].Collects {
			visit(to) // a contribution is there before its provider boots
		}
		for _, to := range g.Nodes[at].Needs {
			add(owner(nodes, g.Nodes[to]))
			visit(to)
		}
	}
	for i, s := range g.Nodes {
		switch {
		case t.checks && s.Key.Type == reflect.TypeFor[health.Check]():
			add(owner(nodes, s))
			visit(i)
		case s.Unit && s.Module == t.module && s.Provider == taskName:
			visit(i)
		}
	}
	var kept []*node
	for _, n := range nodes {
		if wanted[n] {
			n.neededBy = slices.DeleteFunc(n.neededBy, func(by *node) bool { return !wanted[by] })
			kept = append(kept, n)
		}
	}
	return kept
}

// owner returns the provider of a service, or nil.
func owner(nodes []*node, s container.Node) *node {
	i := slices.IndexFunc(nodes, func(n *node) bool { return n.module == s.Module && n.name == s.Provider })
	if i < 0 {
		return nil
	}
	return nodes[i]
}

// ready ends the start: what the task needs is built when it resolves it.
func (t *task) ready(r *runner, a *App) error {
	if !t.checks {
		return nil
	}
	return r.runOne(own(Build, true, a.opts.BootTimeout, a.collectChecks), &node{})
}
