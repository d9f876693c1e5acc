package mapper_test

import (
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/mapping"
	"github.com/lexigram/lexigram-go/contracts/mapping/mappingtest"
	"github.com/lexigram/lexigram-go/core/mapper"
)

func TestConformance(t *testing.T) {
	mappingtest.Run(t, func(*testing.T) mapping.Mapper { return new(mapper.Registry) })
}

type user struct{ first, last string }

type answer struct{ Name string }

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
	m := new(mapper.Registry)
	if err := mapping.Register(m, func(u *user) (answer, error) { return answer{u.first}, nil }); err != nil {
		b.Fatal(err)
	}
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
