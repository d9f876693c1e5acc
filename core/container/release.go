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

// release says how v, a value of e, is released, and whether it is at all.
func (e *entry) release(v any) (Release, bool) {
	r := Release{Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Value: v, call: e.reg.Close}
	if r.call != nil {
		return r, true
	}
	if e.reg.Borrowed || e.reg.Lifetime != di.SingletonLifetime {
		return r, false
	}
	if _, ok := v.(lifecycle.Stopper); !ok {
		return r, false
	}
	r.ByItself, r.call = true, shutdown
	return r, true
}

func shutdown(ctx context.Context, value any) error {
	return value.(lifecycle.Stopper).Shutdown(ctx)
}

// again reports whether the value of all[i], which would shut down by itself, is
// released through another key too: by a Close, or by an older one, which made it.
func (r Release) again(all []Release, i int) bool {
	if !r.ByItself || !reflect.ValueOf(r.Value).Comparable() {
		return false
	}
	for j, other := range all {
		if j != i && (j < i || !other.ByItself) && reflect.ValueOf(other.Value).Comparable() && other.Value == r.Value {
			return true
		}
	}
	return false
}
