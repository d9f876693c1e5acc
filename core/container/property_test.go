package container_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// A fault is a problem as far as the model tells it.
type fault struct {
	sentinel error
	module   string
	key      di.Key
}

// faults returns what Freeze has to report, but cycles, and whether there is one.
func (m *model) faults() (all map[fault]bool, cyclic bool) {
	live, duplicates := m.counting()
	all = map[fault]bool{}
	note := func(s error, module int, k di.Key) { all[fault{s, m.modules[module].name, k}] = true }
	for _, d := range duplicates {
		note(di.ErrDuplicate, d.module, d.key)
	}
	global := func(k di.Key) bool {
		return slices.ContainsFunc(live, func(r *regModel) bool { return r.key == k && m.exported(r.module, k) })
	}
	for i, mod := range m.modules {
		for _, k := range mod.exports {
			if !global(k) {
				note(di.ErrMissing, i, k)
			}
		}
	}
	for _, reg := range live {
		for _, need := range reg.needs {
			k := plainKey(need)
			switch {
			case k.Name == "*":
				if len(m.collect(live, reg.module, k.Type)) == 0 && !m.declares(reg.module, k) {
					note(di.ErrUndeclared, reg.module, k)
				}
			case m.find(live, reg.module, k) == nil && (!isOptional(need) || global(k)):
				note(m.why(live, reg.module, k), reg.module, k)
			}
		}
		if reg.lifetime == di.SingletonLifetime && m.captures(live, reg, nil) {
			note(di.ErrScope, reg.module, reg.key)
		}
		cyclic = cyclic || m.reaches(live, reg, reg, map[*regModel]bool{})
	}
	for i, mod := range m.modules {
		for _, k := range mod.needs {
			told := false
			for f := range all {
				told = told || f.module == mod.name && f.key == k
			}
			if !isOptional(k) && k.Name != "*" && m.find(live, i, k) == nil && !told {
				note(m.why(live, i, k), i, k)
			}
		}
	}
	return all, cyclic
}

// captures reports whether reg needs a scoped service, directly or through transients.
func (m *model) captures(live []*regModel, reg *regModel, seen []*regModel) bool {
	return slices.ContainsFunc(m.edges(live, reg), func(to *regModel) bool {
		if to.lifetime != di.TransientLifetime || slices.Contains(seen, to) {
			return to.lifetime == di.ScopedLifetime
		}
		return m.captures(live, to, append(slices.Clip(seen), to))
	})
}

func (m *model) reaches(live []*regModel, from, to *regModel, seen map[*regModel]bool) bool {
	return slices.ContainsFunc(m.edges(live, from), func(next *regModel) bool {
		if next == to {
			return true
		}
		if seen[next] {
			return false
		}
		seen[next] = true
		return m.reaches(live, next, to, seen)
	})
}

// fill registers the model with a container. Builds resolve all their needs.
func (m *model) fill(t *testing.T) *container.Container {
	c := container.New()
	registrars := []di.Registrar{c}
	for _, mod := range m.modules[1:] {
		registrars = append(registrars, c.Module(mod.name, mod.exports, mod.needs))
	}
	for _, reg := range m.regs {
		must(t, registrars[reg.module].Register(reg.registration()))
	}
	return c
}

func (r *regModel) registration() di.Registration {
	return di.Registration{
		Key: r.key, Lifetime: r.lifetime, Needs: r.needs, Replace: r.replace,
		Build: func(ctx context.Context, res di.Resolver) (any, error) {
			deps, err := resolveAll(ctx, res, r.needs)
			return newValue(r.key, made{r, deps}), err
		},
	}
}

func resolveAll(ctx context.Context, r di.Resolver, needs []di.Key) ([]any, error) {
	deps := make([]any, len(needs))
	for i, need := range needs {
		k := plainKey(need)
		if k.Name == "*" {
			all, err := r.(di.Collector).Collect(ctx, k.Type)
			if err != nil {
				return nil, err
			}
			deps[i] = all
			continue
		}
		if isOptional(need) {
			if there, err := r.(di.Finder).Has(k); err != nil || !there {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		v, err := r.Resolve(ctx, k)
		if err != nil {
			return nil, err
		}
		deps[i] = v
	}
	return deps, nil
}

// compare holds a container to the model, and reports whether it froze.
func compare(t *testing.T, seed uint64) bool {
	r := rand.New(rand.NewPCG(seed, seed))
	m := randomModel(r)
	return compareTo(t, m, m.fill(t))
}

// compareTo holds c to the model, and reports whether it froze.
func compareTo(t *testing.T, m *model, c *container.Container) bool {
	want, cyclic := m.faults()
	err := c.Freeze()
	compareFaults(t, err, want, cyclic)
	if t.Failed() || err != nil {
		return false
	}
	live, _ := m.counting()
	w := watcher{t: t, m: m, live: live, singles: map[*regModel]any{}, transients: map[any]bool{}}
	ctx := t.Context()
	s1, s2 := c.NewScope(), c.NewScope()
	values1, values2 := map[*regModel]any{}, map[*regModel]any{}
	for range 2 {
		w.every(ctx, c, nil)
		w.every(ctx, s1, values1)
		w.every(ctx, s2, values2)
	}
	for reg, v := range values1 {
		if values2[reg] == v {
			t.Errorf("two scopes have one value of %v", reg)
		}
	}
	must(t, s1.Close(ctx), s2.Close(ctx), c.Close(ctx))
	return true
}

func compareFaults(t *testing.T, err error, want map[fault]bool, cyclic bool) {
	t.Helper()
	got := map[fault]bool{}
	cycles := 0
	joined, _ := err.(interface{ Unwrap() []error })
	if joined != nil {
		for _, e := range joined.Unwrap() {
			p, ok := errors.AsType[*container.Problem](e)
			if !ok {
				t.Fatalf("no problem: %v", e)
			}
			if p.Sentinel != di.ErrCycle {
				got[fault{p.Sentinel, p.Module, p.Key}] = true
				continue
			}
			cycles++
			if len(p.Path) < 2 || p.Path[0] != p.Path[len(p.Path)-1] {
				t.Errorf("no cycle: %v", p.Path)
			}
		}
	}
	if (cycles > 0) != cyclic {
		t.Errorf("%d cycles were found; is there one: %v", cycles, cyclic)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Freeze reports\n%v\nwant\n%v", got, want)
	}
}

// A watcher checks what resolvers return.
type watcher struct {
	t          *testing.T
	m          *model
	live       []*regModel
	singles    map[*regModel]any
	scoped     map[*regModel]any // of the scope at work; nil outside one
	transients map[any]bool
}

// every resolves every key there is.
func (w *watcher) every(ctx context.Context, r di.Resolver, scoped map[*regModel]any) {
	w.scoped = scoped
	for _, typ := range modelTypes {
		for _, name := range []string{"", "a", "b", "c"} {
			k := di.Key{Type: typ, Name: name}
			reg := w.m.find(w.live, 0, k)
			v, err := r.Resolve(ctx, k)
			there, absent := r.(di.Finder).Has(k)
			if there != (reg != nil) || (absent != nil) != (reg == nil && errors.Is(err, di.ErrHidden)) {
				w.t.Errorf("Has(%v) = %v, %v", k, there, absent)
			}
			switch {
			case reg == nil:
				if why := w.m.why(w.live, 0, k); !errors.Is(err, why) {
					w.t.Errorf("Resolve(%v) = %v, want %v", k, err, why)
				}
			case w.scoped == nil && (reg.lifetime == di.ScopedLifetime || reg.lifetime == di.TransientLifetime && w.m.captures(w.live, reg, nil)):
				if !errors.Is(err, di.ErrScope) {
					w.t.Errorf("Resolve(%v) = %v, want ErrScope", k, err)
				}
			case err != nil:
				w.t.Errorf("Resolve(%v) = %v", k, err)
			default:
				w.check(v, reg)
			}
		}
	}
}

// check makes sure that v is what reg has to yield, down to what it is made of.
func (w *watcher) check(v any, reg *regModel) {
	w.t.Helper()
	m := madeOf(v)
	if m.reg != reg {
		w.t.Errorf("got a value of %v, want one of %v", m.reg, reg)
		return
	}
	var known map[*regModel]any
	switch reg.lifetime {
	case di.SingletonLifetime:
		known = w.singles
	case di.ScopedLifetime:
		known = w.scoped
	default:
		if w.transients[v] {
			w.t.Errorf("%v yields a value again", reg)
		}
		w.transients[v] = true
	}
	if known != nil {
		if old, ok := known[reg]; ok {
			if old != v {
				w.t.Errorf("%v has two values", reg)
			}
			return // it was looked into
		}
		known[reg] = v
	}
	for i, need := range reg.needs {
		k := plainKey(need)
		if k.Name == "*" {
			want, got := w.m.collect(w.live, reg.module, k.Type), m.deps[i].([]any)
			if len(got) != len(want) {
				w.t.Fatalf("%v collected %d, want %v", reg, len(got), want)
			}
			for j := range want {
				w.check(got[j], want[j])
			}
			continue
		}
		switch to := w.m.find(w.live, reg.module, k); {
		case to != nil && m.deps[i] != nil:
			w.check(m.deps[i], to)
		case to != nil || m.deps[i] != nil:
			w.t.Errorf("%v got %v for %v, want one of %v", reg, m.deps[i], need, to)
		}
	}
}

// TestAgainstModel compares Freeze's verdict and what is resolved of random
// graphs (modules, lifetimes, names, optional needs, collections, replacements)
// with a model of them.
func TestAgainstModel(t *testing.T) {
	const seeds = 4000
	froze := 0
	for seed := range uint64(seeds) {
		ok := false
		t.Run(fmt.Sprint(seed), func(t *testing.T) { ok = compare(t, seed) })
		if ok {
			froze++
		}
	}
	if froze < seeds/5 || froze > seeds*4/5 {
		t.Errorf("%d of %d graphs froze: the rest of the model is not tried", froze, seeds)
	}
}

func FuzzAgainstModel(f *testing.F) {
	f.Add(uint64(7))
	f.Fuzz(func(t *testing.T, seed uint64) { compare(t, seed) })
}
