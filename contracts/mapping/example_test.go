package mapping_test

import (
	"fmt"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/mapping"
)

// A list is a mapper for a test; core/mapper has one for programs.
type list map[mapping.Pair]any

func (l list) Add(p mapping.Pair, f any) error {
	if _, ok := l[p]; ok {
		return mapping.ErrDuplicate.Wrap(nil, "list: %v", p)
	}
	l[p] = f
	return nil
}

func (l list) Find(p mapping.Pair) (any, error) {
	if f, ok := l[p]; ok {
		return f, nil
	}
	return nil, mapping.ErrNotFound.Wrap(nil, "list: %v", p)
}

func Example() {
	m := list{}
	if err := mapping.Register(m, strconv.Atoi); err != nil {
		fmt.Println(err)
		return
	}
	n, err := mapping.Map[int](m, "42")
	fmt.Println(n, err)
	_, err = mapping.MapAll[int](m, []string{"1", "two"})
	fmt.Println(err)
	// Output:
	// 42 <nil>
	// mapping: string → int: index 1: strconv.Atoi: parsing "two": invalid syntax
}
