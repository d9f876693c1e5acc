package di_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A shelf is a registrar and resolver of what was put on it.
type shelf map[di.Key]di.Registration

func (s shelf) Register(reg di.Registration) error { s[reg.Key] = reg; return nil }

func (s shelf) Resolve(ctx context.Context, key di.Key) (any, error) {
	reg, ok := s[key]
	if !ok {
		return nil, di.ErrMissing.Wrap(nil, "di: resolve %v", key)
	}
	return reg.Build(ctx, s)
}

// A collection can collect too.
type collection struct{ shelf }

func (c collection) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	var all []any
	for k := range c.shelf {
		if v, err := c.Resolve(ctx, k); err != nil {
			return nil, err
		} else if k.Type == typ {
			all = append(all, v)
		}
	}
	return all, nil
}

func TestGet(t *testing.T) {
	s := shelf{}
	if err := errors.Join(di.Value(s, 7), di.Value(s, 8, di.Named("eight"))); err != nil {
		t.Fatal(err)
	}
	a, err := di.Get[int](t.Context(), s)
	b, named := di.Get[int](t.Context(), s, "eight")
	if a != 7 || b != 8 || err != nil || named != nil {
		t.Errorf("got %d, %v and %d, %v", a, err, b, named)
	}
	if _, err := di.Get[string](t.Context(), s); !errors.Is(err, di.ErrMissing) {
		t.Errorf("got %v", err)
	}
	s[di.KeyOf[string]()] = s[di.KeyOf[int]()]
	if _, err := di.Get[string](t.Context(), s); !errors.Is(err, di.ErrType) || err.Error() != "di: string is a int: value is not of the key's type" {
		t.Errorf("got %v", err)
	}
}

func TestAll(t *testing.T) {
	s := shelf{}
	if err := di.Value(s, 7); err != nil {
		t.Fatal(err)
	}
	if got, err := di.All[int](t.Context(), collection{s}); err != nil || !slices.Equal(got, []int{7}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := di.All[int](t.Context(), s); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, di.Err) {
		t.Errorf("of a resolver that collects nothing: %v", err)
	}
}

// A finder knows what is on the shelf, and binds.
type finder struct{ shelf }

func (f finder) Has(k di.Key) (bool, error) { _, ok := f.shelf[k]; return ok, nil }

func (f finder) Bind(k di.Key, v any) error {
	f.shelf[k] = di.Registration{Build: func(context.Context, di.Resolver) (any, error) { return v, nil }}
	return nil
}

func TestMaybe(t *testing.T) {
	s := shelf{}
	broken := di.ErrMissing.Wrap(nil, "a file")
	err := errors.Join(di.Value(s, 7),
		di.Singleton(s, func(context.Context, di.Resolver) (bool, error) { return false, broken }))
	if err != nil {
		t.Fatal(err)
	}
	f := finder{s}
	if v, found, err := di.Maybe[int](t.Context(), f); v != 7 || !found || err != nil {
		t.Errorf("of what is there: %v, %v, %v", v, found, err)
	}
	if _, found, err := di.Maybe[int](t.Context(), f, "other"); found || err != nil {
		t.Errorf("of what is absent: %v, %v", found, err)
	}
	if _, found, err := di.Maybe[bool](t.Context(), f); found || !errors.Is(err, broken) {
		t.Errorf("of what fails: %v, %v", found, err)
	}
	if _, _, err := di.Maybe[int](t.Context(), s); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, di.Err) {
		t.Errorf("of a resolver that finds nothing: %v", err)
	}
}

func TestBind(t *testing.T) {
	s := shelf{}
	if err := di.Bind(finder{s}, 8, "eight"); err != nil {
		t.Fatal(err)
	}
	if v, err := di.Get[int](t.Context(), s, "eight"); v != 8 || err != nil {
		t.Errorf("got %v, %v", v, err)
	}
	if err := di.Bind(s, 8); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, di.Err) {
		t.Errorf("with a resolver that binds nothing: %v", err)
	}
}

// A unit is a scope of a shelf, and opens itself.
type unit struct {
	shelf
	closed error // what Close returns
	ctx    error // what the ctx of Close was
	times  int
}

func (u *unit) NewScope() di.Scope { return u }

func (u *unit) Close(ctx context.Context) error {
	u.times++
	u.ctx = ctx.Err()
	return u.closed
}

func TestInvoke(t *testing.T) {
	failed, leaked := errors.New("failed"), errors.New("leaked")
	for name, c := range map[string]struct {
		fn     func(context.Context, di.Resolver) error
		closed error
		is     []error
	}{
		"success":          {func(context.Context, di.Resolver) error { return nil }, nil, nil},
		"failure":          {func(context.Context, di.Resolver) error { return failed }, nil, []error{failed}},
		"failure of Close": {func(context.Context, di.Resolver) error { return nil }, leaked, []error{leaked}},
		"both":             {func(context.Context, di.Resolver) error { return failed }, leaked, []error{failed, leaked}},
		"panic":            {func(context.Context, di.Resolver) error { panic("x") }, leaked, []error{errs.ErrPanic, leaked}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			u := &unit{closed: c.closed}
			err := di.Invoke(ctx, u, func(ctx context.Context, r di.Resolver) error { cancel(); return c.fn(ctx, r) })
			if (err == nil) != (len(c.is) == 0) || u.times != 1 || u.ctx != nil {
				t.Errorf("got %v, closed %d times with a ctx that is %v", err, u.times, u.ctx)
			}
			for _, is := range c.is {
				if !errors.Is(err, is) {
					t.Errorf("got %v, want %v", err, is)
				}
			}
		})
	}
}

func TestOptions(t *testing.T) {
	s, released := shelf{}, 0
	err := di.Scoped(s, func(context.Context, di.Resolver) (int, error) { return 1, nil },
		di.Named("n"), di.Needs(di.KeyOf[string]()), di.Needs(di.KeyOf[bool]()),
		di.Closed(func(_ context.Context, v int) error { released += v; return nil }))
	reg := s[di.KeyOf[int]("n")]
	if err != nil || reg.Lifetime != di.ScopedLifetime || len(reg.Needs) != 2 {
		t.Fatalf("got %+v, %v", reg, err)
	}
	if err := reg.Close(t.Context(), 3); err != nil || released != 3 {
		t.Errorf("released %d, %v", released, err)
	}
}

func ExampleKey_String() {
	fmt.Println(di.KeyOf[error]())
	fmt.Println(di.KeyOf[error]("last"))
	fmt.Println(di.Optional(di.KeyOf[error]("last")))
	// Output:
	// error
	// error "last"
	// error "last?"
}
