package di_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
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
	// Output:
	// error
	// error "last"
}
