// Package mappingtest checks that a [mapping.Mapper] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		mappingtest.Run(t, func(t *testing.T) mapping.Mapper { return open(t) })
//	}
package mappingtest

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/mapping"
)

// Run checks every rule of [mapping.Mapper], each on a mapper of its own, without
// functions. newMapper registers its own cleanup on t.
func Run(t *testing.T, newMapper func(t *testing.T) mapping.Mapper) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(newMapper(t)); err != nil {
				t.Errorf("%v\nmapping.Mapper: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(mapping.Mapper) error
}

var rules = []rule{
	{"find", "Find returns what was added for this very pair", checkFind},
	{"not found", "or an error wrapping ErrNotFound", checkNotFound},
	{"the very pair", "Types are the same or they are not: a pointer is not what it points to, and nothing is inherited", checkVeryPair},
	{"duplicate", "Add … returns an error wrapping ErrDuplicate and keeps the one it has", checkDuplicate},
	{"concurrent use", "It is safe for concurrent use", checkConcurrent},
}

type (
	kelvin  float64
	celsius float64
	base    struct{ n int }
	derived struct{ base }
)

func pair[S, D any]() mapping.Pair {
	return mapping.Pair{From: reflect.TypeFor[S](), To: reflect.TypeFor[D]()}
}

func checkFind(m mapping.Mapper) error {
	added := map[mapping.Pair]any{pair[int, string](): 1, pair[*base, base](): "two", pair[kelvin, celsius](): 3.0}
	for p, f := range added {
		if err := m.Add(p, f); err != nil {
			return fmt.Errorf("Add(%v): %w", p, err)
		}
	}
	for p, want := range added {
		if f, err := m.Find(p); err != nil || f != want {
			return fmt.Errorf("Find(%v) = %v, %v, want %v", p, f, err, want)
		}
	}
	for range 2 { // with the functions
		if err := mapping.Register(m, strconv.ParseBool); err != nil && !errors.Is(err, mapping.ErrDuplicate) {
			return err
		}
		if b, err := mapping.Map[bool](m, "true"); err != nil || !b {
			return fmt.Errorf("mapping.Map = %v, %v", b, err)
		}
	}
	return nil
}

func checkNotFound(m mapping.Mapper) error {
	for _, p := range []mapping.Pair{pair[int, string](), {From: nil, To: reflect.TypeFor[int]()}, {}} {
		if f, err := m.Find(p); !errors.Is(err, mapping.ErrNotFound) || f != nil {
			return fmt.Errorf("Find(%v) = %v, %v, want ErrNotFound", p, f, err)
		}
	}
	return nil
}

func checkVeryPair(m mapping.Mapper) error {
	for _, p := range []mapping.Pair{pair[kelvin, celsius](), pair[base, string]()} {
		if err := m.Add(p, 1); err != nil {
			return err
		}
	}
	for _, p := range []mapping.Pair{
		pair[celsius, kelvin](), pair[float64, celsius](), pair[kelvin, float64](),
		pair[*base, string](), pair[derived, string](), pair[base, *string](), pair[base, any](),
	} {
		if f, err := m.Find(p); !errors.Is(err, mapping.ErrNotFound) {
			return fmt.Errorf("Find(%v) = %v, %v, and that was not added", p, f, err)
		}
	}
	return nil
}

func checkDuplicate(m mapping.Mapper) error {
	p := pair[int, string]()
	if err := m.Add(p, 1); err != nil {
		return err
	}
	if err := m.Add(p, 2); !errors.Is(err, mapping.ErrDuplicate) {
		return fmt.Errorf("Add again = %v, want ErrDuplicate", err)
	}
	if f, err := m.Find(p); err != nil || f != 1 {
		return fmt.Errorf("Find after that = %v, %v, want the first", f, err)
	}
	return nil
}

func checkConcurrent(m mapping.Mapper) error {
	const callers = 8
	won := make([]int, callers)
	failures := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for n := range 50 { // everybody adds the same
				p := mapping.Pair{From: reflect.ArrayOf(n, reflect.TypeFor[int]()), To: reflect.TypeFor[int]()}
				if err := m.Add(p, n); err == nil {
					won[i]++
				} else if !errors.Is(err, mapping.ErrDuplicate) {
					failures[i] = err
				}
				if f, err := m.Find(p); err != nil || f != n {
					failures[i] = fmt.Errorf("Find(%v) = %v, %w", p, f, err)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range won {
		total += n
	}
	if total != 50 {
		failures = append(failures, fmt.Errorf("50 pairs were added %d times", total))
	}
	return errors.Join(failures...)
}
