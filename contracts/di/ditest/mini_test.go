package ditest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A mini is the smallest container that keeps every rule, except the one that
// it is told to break.
type mini struct {
	breaks string

	mu     sync.Mutex
	regs   []*miniReg
	frozen bool
	root   *miniScope
}

type miniReg struct{ di.Registration }

func newMini(breaks string) *mini {
	m := &mini{breaks: breaks}
	m.root = &miniScope{m: m, values: map[*miniReg]*miniValue{}}
	return m
}

func (m *mini) Register(reg di.Registration) error {
	if m.breaks != "invalid registration" && (reg.Key.Type == nil || reg.Key.Name == "*" || strings.HasSuffix(reg.Key.Name, "?") || reg.Build == nil) {
		return di.Err.Wrap(nil, "di: register %v", reg.Key)
	}
	if m.frozen && m.breaks != "register after freeze" {
		return di.ErrFrozen.Wrap(nil, "di: register")
	}
	m.regs = append(m.regs, &miniReg{reg})
	return nil
}

func (m *mini) find(k di.Key) *miniReg {
	var found *miniReg
	for _, r := range m.regs {
		if r.Key == k && (found == nil || r.Replace && m.breaks != "replace") {
			found = r
		}
	}
	if found == nil && m.breaks == "missing" && k.Name != "" {
		return m.find(di.Key{Type: k.Type})
	}
	return found
}

func (m *mini) Freeze() error {
	if m.frozen && m.breaks == "freeze twice" {
		return di.ErrFrozen
	}
	var all []error
	note := func(name string, err error) {
		if m.breaks != name && (m.breaks != "every problem at once" || len(all) == 0) {
			all = append(all, err)
		}
	}
	for i, r := range m.regs {
		if slices.ContainsFunc(m.regs[:i], func(o *miniReg) bool { return o.Key == r.Key }) && !r.Replace {
			note("duplicate", di.ErrDuplicate.Wrap(nil, "%v", r.Key))
		}
		m.walk(r, []*miniReg{r}, note)
	}
	err := errors.Join(all...)
	m.frozen = err == nil || m.breaks == "failed freeze"
	if m.breaks == "freeze builds nothing" {
		for _, r := range m.regs {
			_, _ = r.Build(context.Background(), m)
		}
	}
	return err
}

// walk follows needs from the last of path.
func (m *mini) walk(r *miniReg, path []*miniReg, note func(string, error)) {
	for _, k := range r.Needs {
		if k.Name == "*" || m.breaks == "optional at freeze" && strings.HasSuffix(k.Name, "?") {
			continue
		}
		to := m.find(plain(k))
		switch {
		case to == nil && plain(k) != k && m.breaks != "optional":
		case to == nil:
			note("missing at freeze", di.ErrMissing.Wrap(nil, "%v needs %v", r.Key, k))
		case to == path[0]:
			note("cycle", di.ErrCycle.Wrap(nil, "%v", keysOf(append(path, to))))
		case slices.Contains(path, to):
		case path[0].Lifetime == di.SingletonLifetime && to.Lifetime == di.ScopedLifetime:
			note("captive", di.ErrScope.Wrap(nil, "%v", keysOf(append(path, to))))
		default:
			m.walk(to, append(slices.Clip(path), to), note)
		}
	}
}

func keysOf(path []*miniReg) (s []string) {
	for _, r := range path {
		s = append(s, r.Key.String())
	}
	return s
}

func (m *mini) Resolve(ctx context.Context, k di.Key) (any, error) { return m.root.Resolve(ctx, k) }

func (m *mini) Collect(ctx context.Context, t reflect.Type) ([]any, error) {
	return m.root.Collect(ctx, t)
}

func (m *mini) NewScope() di.Scope { return &miniScope{m: m, values: map[*miniReg]*miniValue{}} }

func (m *mini) Close(ctx context.Context) error { return m.root.Close(ctx) }

// A miniScope owns values; the root's are the singletons.
type miniScope struct {
	m      *mini
	mu     sync.Mutex
	values map[*miniReg]*miniValue
	built  []*miniReg
	closed bool

	replaced map[*miniReg]any // what was built before another value was bound
}

type miniValue struct {
	lock  chan struct{} // holds a token while nobody builds
	value any
}

func (s *miniScope) Resolve(ctx context.Context, k di.Key) (any, error) {
	closedRule := "resolve after close"
	if s != s.m.root {
		closedRule = "resolve after close of scope"
	}
	switch r := s.m.find(k); {
	case !s.m.frozen && s.m.breaks != "resolve before freeze":
		return nil, di.ErrNotFrozen
	case s.closed && s.m.breaks != closedRule:
		return nil, di.ErrClosed
	case r == nil:
		return nil, di.ErrMissing.Wrap(nil, "%v", k)
	default:
		return s.value(ctx, r)
	}
}

func (s *miniScope) value(ctx context.Context, r *miniReg) (any, error) {
	switch {
	case r.Lifetime == di.TransientLifetime && s.m.breaks != "transient":
		return s.build(ctx, r)
	case r.Lifetime == di.ScopedLifetime && s == s.m.root && s.m.breaks != "scoped outside a scope":
		return nil, di.ErrScope.Wrap(nil, "%v", r.Key)
	case r.Lifetime == di.SingletonLifetime && s != s.m.root && s.m.breaks != "singleton" && s.m.breaks != "close scope leaves singletons":
		return s.m.root.value(ctx, r)
	case r.Lifetime == di.ScopedLifetime && s.m.breaks == "scoped":
		s = s.m.root
	}
	s.mu.Lock()
	v := s.values[r]
	if v == nil {
		v = &miniValue{lock: make(chan struct{}, 1)}
		v.lock <- struct{}{}
		s.values[r] = v
	}
	s.mu.Unlock()
	unlocked := r.Lifetime == di.SingletonLifetime && s.m.breaks == "build once" || r.Lifetime == di.ScopedLifetime && s.m.breaks == "scoped at once"
	if unlocked {
		return s.build(ctx, r)
	}
	return s.once(ctx, r, v)
}

// once builds the value in a goroutine that does not end with ctx.
func (s *miniScope) once(ctx context.Context, r *miniReg, v *miniValue) (any, error) {
	type outcome struct {
		value any
		err   error
	}
	done := make(chan outcome, 1)
	build := context.WithoutCancel(ctx)
	if s.m.breaks == "patient build" || r.Lifetime == di.ScopedLifetime && s.m.breaks != "scoped ctx" {
		build = ctx
	}
	go func() {
		<-v.lock
		defer func() { v.lock <- struct{}{} }()
		if v.value == nil || s.m.breaks == "named" {
			got, err := s.build(build, r)
			if err != nil {
				if s.m.breaks == "failed build" {
					r.Build = func(context.Context, di.Resolver) (any, error) { return nil, err }
				}
				done <- outcome{nil, err}
				return
			}
			v.value = got
			s.mu.Lock()
			s.built = append(s.built, r)
			s.mu.Unlock()
		}
		done <- outcome{v.value, nil}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *miniScope) build(ctx context.Context, r *miniReg) (v any, err error) {
	build := func() error {
		v, err = r.Build(ctx, &miniNeeds{s, r})
		if s.m.breaks == "named" && r.Key.Name != "" {
			v = "of another name"
		}
		return err
	}
	if s.m.breaks == "panic in build" {
		return v, swallow(build)
	}
	err = errs.Catch(build)
	if err == nil && s.m.breaks != "build of another type" && (v == nil || !reflect.TypeOf(v).AssignableTo(r.Key.Type)) {
		err = di.ErrType.Wrap(nil, "%v", r.Key)
	}
	return v, err
}

// swallow calls fn as if a panic were success.
func swallow(fn func() error) error {
	err := errs.Catch(fn)
	if errors.Is(err, errs.ErrPanic) {
		return nil
	}
	return err
}

func (s *miniScope) Collect(ctx context.Context, t reflect.Type) ([]any, error) {
	var found []*miniReg
	for _, r := range s.m.regs {
		if r.Key.Type == t {
			found = append(found, r)
		}
	}
	if s.m.breaks != "collect" {
		slices.SortFunc(found, func(a, b *miniReg) int { return cmp.Compare(a.Key.Name, b.Key.Name) })
	}
	vs := make([]any, len(found))
	for i, r := range found {
		v, err := s.value(ctx, r)
		if err != nil {
			return nil, err
		}
		vs[i] = v
	}
	return vs, nil
}

func (s *miniScope) Close(ctx context.Context) error {
	if s.closed && s.m.breaks != "close twice" {
		return nil
	}
	s.closed = true
	built := s.built
	if s == s.m.root && s.m.breaks == "close what was built" {
		built = s.m.regs
	}
	var all []error
	for i := range built {
		r := built[len(built)-1-i]
		if s == s.m.root && s.m.breaks == "close" || s != s.m.root && s.m.breaks == "close scope" {
			r = built[i]
		}
		value := s.of(r)
		release := func() error { return r.Registration.Close(ctx, value) }
		if r.Registration.Close == nil {
			st, ok := value.(interface{ Shutdown(context.Context) error })
			older := slices.ContainsFunc(built[:len(built)-1-i], func(o *miniReg) bool { return s.of(o) == value })
			if !ok || r.Borrowed && s.m.breaks != "close of what is borrowed" || older && s.m.breaks != "close by shutdown" {
				continue
			}
			release = func() error { return st.Shutdown(ctx) }
		}
		if s.m.breaks == "close with panic" {
			all = append(all, release())
		} else {
			all = append(all, errs.Catch(release))
		}
	}
	return errors.Join(all...)
}

// of returns the value that was built of r, or a zero one if none was.
func (s *miniScope) of(r *miniReg) any {
	if old := s.replaced[r]; old != nil {
		return old
	}
	if v := s.values[r]; v != nil {
		return v.value
	}
	return reflect.Zero(r.Key.Type).Interface()
}

// miniNeeds resolves what a registration needs.
type miniNeeds struct {
	*miniScope
	r *miniReg
}

func (n *miniNeeds) allowed(k di.Key) error {
	if n.m.breaks == "undeclared" || slices.Contains(n.r.Needs, k) || slices.Contains(n.r.Needs, di.Optional(k)) {
		return nil
	}
	return di.ErrUndeclared.Wrap(nil, "%v", k)
}

func (n *miniNeeds) Resolve(ctx context.Context, k di.Key) (any, error) {
	if err := n.allowed(k); err != nil {
		return nil, err
	}
	r := n.m.find(k)
	if r == nil {
		return nil, fmt.Errorf("%v: %w", k, di.ErrMissing)
	}
	return n.value(ctx, r)
}

func (n *miniNeeds) Collect(ctx context.Context, t reflect.Type) ([]any, error) {
	if err := n.allowed(di.Key{Type: t, Name: "*"}); err != nil {
		return nil, err
	}
	return n.miniScope.Collect(ctx, t)
}
