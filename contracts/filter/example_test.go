package filter_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

func Example() {
	recent := filter.And{
		filter.Cmp{Field: "year", Op: filter.Ge, Value: 2024},
		filter.Not{Filter: filter.Has{Field: "tags", Value: "draft"}},
	}
	holds, err := filter.Compile(recent)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(holds(map[string]any{"year": int64(2025), "tags": []string{"go"}}))
	fmt.Println(holds(map[string]any{"year": int64(2025), "tags": []string{"draft"}}))
	// Output:
	// true
	// false
}
