package mapper_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/mapping"
	"github.com/lexigram/lexigram-go/contracts/mapping/mappingtest"
	"github.com/lexigram/lexigram-go/contracts/stream"
	"github.com/lexigram/lexigram-go/core/mapper"
)

func TestConformance(t *testing.T) {
	mappingtest.Run(t, func(*testing.T) mapping.Mapper { return new(mapper.Registry) })
}

type user struct{ first, last string }

type answer struct{ Name string }

var errNoName = errs.New("TEST_NO_NAME", errs.Invalid, "no name")

func toAnswer(u *user) (answer, error) {
	switch u.first {
	case "":
		return answer{"half done"}, errNoName
	case "panic":
		panic("a defect")
	}
	return answer{u.first + " " + u.last}, nil
}

func registry(t testing.TB) *mapper.Registry {
	t.Helper()
	m := new(mapper.Registry)
	if err := mapping.Register(m, toAnswer); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMap(t *testing.T) {
	m := registry(t)
	if a, err := mapping.Map[answer](m, &user{"Ada", "Lovelace"}); err != nil || a.Name != "Ada Lovelace" {
		t.Errorf("%v, %v", a, err)
	}
	for name, c := range map[string]struct {
		src  any
		is   error
		kind errs.Kind
		text string
	}{
		"fails":         {&user{}, errNoName, errs.Invalid, "mapping: *mapper_test.user → mapper_test.answer: no name"},
		"panics":        {&user{first: "panic"}, errs.ErrPanic, errs.Internal, "mapping: *mapper_test.user → mapper_test.answer: panic: a defect"},
		"a value":       {user{}, mapping.ErrNotFound, errs.Internal, "mapper: mapper_test.user → mapper_test.answer: no function is registered for the pair"},
		"nil":           {nil, mapping.ErrNotFound, errs.Internal, "mapper: <nil> → mapper_test.answer: no function is registered for the pair"},
		"a nil pointer": {(*user)(nil), errs.ErrPanic, errs.Internal, "nil pointer"},
	} {
		a, err := mapping.Map[answer](m, c.src)
		if a != (answer{}) || !errors.Is(err, c.is) || !errors.Is(err, mapping.Err) || errs.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, %v of kind %v", name, a, err, errs.KindOf(err))
		}
		if (c.is == mapping.ErrNotFound) == errors.Is(err, mapping.ErrFailed) {
			t.Errorf("%s: %v, ErrFailed: %v", name, err, errors.Is(err, mapping.ErrFailed))
		}
	}
	if s, err := mapping.Map[string](m, &user{}); s != "" || !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("another destination: %q, %v", s, err)
	}
}

func TestRegisterRefuses(t *testing.T) {
	m := registry(t)
	if err := mapping.Register(m, toAnswer); !errors.Is(err, mapping.ErrDuplicate) || !strings.Contains(err.Error(), "*mapper_test.user → mapper_test.answer") {
		t.Errorf("a duplicate: %v", err)
	}
	if err := mapping.Register[int, string](m, nil); !errors.Is(err, mapping.Err) {
		t.Errorf("nil: %v", err)
	}
	if err := mapping.Register(m, func(error) (string, error) { return "", nil }); !errors.Is(err, mapping.Err) || !strings.Contains(err.Error(), "is an interface") {
		t.Errorf("an interface: %v", err)
	}
}

func TestMapAll(t *testing.T) {
	m := registry(t)
	ada, grace := &user{"Ada", "Lovelace"}, &user{"Grace", "Hopper"}
	want := []answer{{"Ada Lovelace"}, {"Grace Hopper"}}
	if got, err := mapping.MapAll[answer](m, []*user{ada, grace}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := mapping.MapAll[answer](m, []*user{}); err != nil || got == nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
	if got, err := mapping.MapAll[answer](m, []*user{ada, {}}); got != nil || !errors.Is(err, mapping.ErrFailed) || !errors.Is(err, errNoName) || !strings.Contains(err.Error(), "index 1") {
		t.Errorf("a failure: %v, %v", got, err)
	}
	if got, err := mapping.MapAll[answer](m, []user{{}}); got != nil || !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("not registered: %v, %v", got, err)
	}
}

func TestMapStream(t *testing.T) {
	m := registry(t)
	ada := &user{"Ada", "Lovelace"}
	if got, err := stream.Collect(mapping.MapStream[answer](m, stream.Values(slices.Values([]*user{ada, ada})))); err != nil || len(got) != 2 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := stream.Collect(mapping.MapStream[answer](m, stream.Values(slices.Values([]*user{ada, {}, ada})))); len(got) != 1 || !errors.Is(err, errNoName) {
		t.Errorf("a failure: %v, %v", got, err)
	}
	if got, err := stream.Collect(mapping.MapStream[answer](m, stream.Fail[*user](errNoName))); len(got) != 0 || err != error(errNoName) {
		t.Errorf("a source that fails: %v, %v", got, err)
	}
	if got, err := stream.Collect(mapping.MapStream[answer](m, stream.Values(slices.Values([]int{1})))); len(got) != 0 || !errors.Is(err, mapping.ErrNotFound) {
		t.Errorf("not registered: %v, %v", got, err)
	}
	if got, err := stream.First(mapping.MapStream[answer](m, stream.Values(slices.Values([]*user{ada, {first: "panic"}})))); err != nil || got.Name != "Ada Lovelace" {
		t.Errorf("the first: %v, %v", got, err)
	}
}

// A foreign function was added without Register.
func TestForeign(t *testing.T) {
	m := new(mapper.Registry)
	pair := mapping.Pair{From: reflect.TypeFor[int](), To: reflect.TypeFor[answer]()}
	if err := m.Add(pair, func(int) answer { return answer{} }); err != nil {
		t.Fatal(err)
	}
	if _, err := mapping.Map[answer](m, 1); !errors.Is(err, mapping.Err) || !strings.Contains(err.Error(), "mapping.Register") {
		t.Errorf("Map: %v", err)
	}
	if _, err := mapping.MapAll[answer](m, []int{1}); !errors.Is(err, mapping.Err) || !strings.Contains(err.Error(), "mapping.Register") {
		t.Errorf("MapAll: %v", err)
	}
}

func TestMapAllocations(t *testing.T) {
	m := new(mapper.Registry)
	if err := mapping.Register(m, func(u *user) (answer, error) { return answer{u.first}, nil }); err != nil {
		t.Fatal(err)
	}
	ada := &user{first: "Ada"}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := mapping.Map[answer](m, ada); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("Map of a pointer: %v allocations", n)
	}
}

func BenchmarkMap(b *testing.B) {
	m := registry(b)
	ada := &user{first: "Ada"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := mapping.Map[answer](m, ada); err != nil {
			b.Fatal(err)
		}
	}
}

func Example() {
	var m mapper.Registry
	if err := mapping.Register(&m, func(u user) (answer, error) { return answer{u.first + " " + u.last}, nil }); err != nil {
		fmt.Println(err)
		return
	}
	a, err := mapping.Map[answer](&m, user{"Ada", "Lovelace"})
	fmt.Println(a.Name, err)
	_, err = mapping.Map[string](&m, user{})
	fmt.Println(err)
	// Output:
	// Ada Lovelace <nil>
	// mapper: mapper_test.user → string: no function is registered for the pair
}
