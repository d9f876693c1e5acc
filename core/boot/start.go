package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/container"
	"github.com/lexigram/lexigram-go/core/healthcheck"
)

// start does everything up to the last Bootstrap.
func (a *App) start(ctx context.Context) error {
	began := time.Now()
	parts, unused, err := configure(a.opts.Config, a.modules)
	if err != nil {
		return err
	}
	began = a.phase(ctx, "configure", "", began)
	nodes, err := a.register(parts)
	if err = errors.Join(err, hint(a.box.Freeze(), unused)); err != nil {
		return err
	}
	connect(nodes)
	if a.task != nil {
		nodes = a.task.only(a.box.Graph(), nodes)
	}
	if a.waves, err = order(nodes); err != nil {
		return err
	}
	a.nodes = len(nodes)
	a.phase(ctx, "register", "", began)
	r := a.newRunner(ctx)
	defer r.close()
	if err := a.run(r, bootHook(), "booted"); err != nil {
		return err
	}
	a.shed(ctx, r)
	if a.task != nil {
		err = a.task.ready(r, a)
	} else if err = a.build(r); err == nil {
		err = a.bootstrap(r)
	}
	if lost := a.losses(); lost != nil {
		a.lost.Store(&lost)
	}
	return err
}

// register asks every provider for its services, and returns the providers.
func (a *App) register(parts []part) ([]*node, error) {
	count := 0
	for _, p := range parts {
		count += len(p.Providers)
	}
	nodes := make([]*node, 0, count)
	var problems []error
	var labels []string // of the providers of one module
	for _, p := range parts {
		m := a.box.Module(p.name, p.exports, p.Needs)
		m.Contribute(p.contributions()...)
		a.task.declare(m, p.name)
		labels = labels[:0]
		for i, prov := range p.Providers {
			if prov == nil {
				problems = append(problems, ErrModule.Wrap(nil, "boot: module %q: provider %d is nil", p.name, i))
				continue
			}
			n, err := a.enlist(m, p.name, prov, &labels)
			if err != nil {
				problems = append(problems, err)
			}
			if n != nil {
				nodes = append(nodes, n)
			}
		}
	}
	return nodes, errors.Join(append(problems, a.override())...)
}

// enlist registers one provider under a label that is unique in its module.
func (a *App) enlist(m *container.Module, module string, p lifecycle.Provider, labels *[]string) (n *node, err error) {
	label, began := "", time.Now()
	err = errs.Catch(func() error {
		label = p.Name()
		for i := 2; slices.Contains(*labels, label); i++ {
			label = fmt.Sprintf("%s#%d", p.Name(), i)
		}
		*labels = append(*labels, label)
		n = newNode(&a.opts, module, label, p)
		r := m.Provider(label)
		n.resolver = r.Consumer(needsOf(p)...)
		return p.Register(r)
	})
	if err != nil {
		err = &HookError{Module: module, Provider: label, Hook: Register, Took: time.Since(began), Err: err}
	}
	return n, err
}

// run calls a hook of every provider.
func (a *App) run(r *runner, h hook, done string) error {
	began := time.Now()
	err := r.run(h, a.waves)
	if err == nil {
		a.phase(r.ctx, string(h.stage), done, began)
	}
	return err
}

// phase notes a phase of the start that ended, logs it if it says done, and
// returns when the next one began.
func (a *App) phase(ctx context.Context, name, done string, began time.Time) time.Time {
	now := time.Now()
	took := now.Sub(began)
	a.phases = append(a.phases, Phase{name, took})
	if done != "" && a.opts.Logger.Enabled(ctx, slog.LevelInfo) {
		a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: "+done, slog.Duration("took", took))
	}
	return now
}

// build builds the singletons that no Boot has built, and collects health checks.
func (a *App) build(r *runner) error {
	began := time.Now()
	var err error
	if !a.box.Built() || a.box.Offers(reflect.TypeFor[health.Check]()) {
		err = r.runOne(own(Build, true, a.opts.BootTimeout, a.buildAll), &node{})
	}
	if err == nil {
		a.phase(r.ctx, string(Build), "built", began)
	}
	return err
}

func (a *App) buildAll(ctx context.Context) error {
	for {
		err := a.box.Build(ctx)
		if err == nil {
			return a.collectChecks(ctx)
		}
		if !a.bear(ctx, err) {
			return err
		}
	}
}

// collectChecks makes the registry of every health check, if there are any.
func (a *App) collectChecks(ctx context.Context) error {
	found, err := a.box.CollectPrivate(ctx, reflect.TypeFor[health.Check]())
	if err != nil || len(found) == 0 {
		return err
	}
	checks := make([]health.Check, len(found))
	for i, c := range found {
		checks[i] = c.(health.Check)
	}
	registry, err := healthcheck.New(checks...)
	if err != nil {
		return err
	}
	a.checks.Store(registry)
	return nil
}

// bootstrap calls the hooks in boot order, one at a time.
func (a *App) bootstrap(r *runner) error {
	began := time.Now()
	err := r.runEach(bootstrapHook(), a.waves)
	if err == nil {
		a.phase(r.ctx, string(Bootstrap), "bootstrapped", began)
	}
	return err
}
