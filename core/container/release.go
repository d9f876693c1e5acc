package container

import (
	"context"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// A Release is one value that a container has to release when it closes.
type Release struct {
	Key      di.Key
	Module   string // "" for the application itself
	Provider string // "" if unknown
	Value    any
	// ByItself says that the value's own Shutdown is called ([lifecycle.Stopper]),
	// because its registration has no Close.
	ByItself bool

	call func(ctx context.Context, value any) error
}

// Do releases the value; the caller calls it once. What goes wrong, a panic
// included, is a [*CloseError].
func (r Release) Do(ctx context.Context) error {
	if err := errs.Catch(func() error { return r.call(ctx, r.Value) }); err != nil {
		return &CloseError{Key: r.Key, Module: r.Module, Err: err}
	}
	return nil
}

// A holding is a value that an owner has to release.
type holding struct {
	entry *entry
	value any
}

// releases reports whether v, a value of e, is released at all.
func (e *entry) releases(v any) bool {
	if e.reg.Close != nil {
		return true
	}
	if e.reg.Borrowed || e.reg.Lifetime != di.SingletonLifetime {
		return false
	}
	_, ok := v.(lifecycle.Stopper)
	return ok
}

// release says how the value is released.
func (h holding) release() Release {
	e := h.entry
	r := Release{Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Value: h.value, call: e.reg.Close}
	if r.call == nil {
		r.ByItself, r.call = true, shutdown
	}
	return r
}

func shutdown(ctx context.Context, value any) error {
	return value.(lifecycle.Stopper).Shutdown(ctx)
}

// again reports whether the value of all[i], which would shut down by itself, is
// released through another key too: by a Close, or by an older one, which made it.
func again(all []holding, i int) bool {
	h := all[i]
	if h.entry.reg.Close != nil || !reflect.ValueOf(h.value).Comparable() {
		return false
	}
	for j, other := range all {
		if j != i && (j < i || other.entry.reg.Close != nil) && reflect.ValueOf(other.value).Comparable() && other.value == h.value {
			return true
		}
	}
	return false
}
