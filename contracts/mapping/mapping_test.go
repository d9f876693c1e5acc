package mapping_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/mapping"
	"github.com/lexigram/lexigram-go/contracts/stream"
)

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

func registered(t *testing.T) list {
	t.Helper()
	m := list{}
	if err := mapping.Register(m, toAnswer); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMap(t *testing.T) {
	m := registered(t)
	if a, err := mapping.Map[answer](m, &user{"Ada", "Lovelace"}); err != nil || a.Name != "Ada Lovelace" {
		t.Errorf("%v, %v", a, err)
	}
	for name, c := range map[string]struct {
		src  any
		is   error
		kind errs.Kind
		text string
	}{
		"fails":         {&user{}, errNoName, errs.Invalid, "mapping: *mapping_test.user → mapping_test.answer: no name"},
		"panics":        {&user{first: "panic"}, errs.ErrPanic, errs.Internal, "mapping: *mapping_test.user → mapping_test.answer: panic: a defect"},
		"a value":       {user{}, mapping.ErrNotFound, errs.Internal, "list: mapping_test.user → mapping_test.answer: no function is registered for the pair"},
		"nil":           {nil, mapping.ErrNotFound, errs.Internal, "list: <nil> → mapping_test.answer: no function is registered for the pair"},
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
	m := registered(t)
	if err := mapping.Register(m, toAnswer); !errors.Is(err, mapping.ErrDuplicate) || !strings.Contains(err.Error(), "*mapping_test.user → mapping_test.answer") {
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
	m := registered(t)
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
	m := registered(t)
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
	m := list{}
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
