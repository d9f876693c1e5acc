package errs_test

import (
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

func Example() {
	// A contract declares its family once.
	errCache := errs.New("LEX_ERR_CACHE_001", errs.Unknown, "cache")
	errMiss := errCache.Sub("LEX_ERR_CACHE_002", errs.NotFound, "cache: miss")

	// A backend wraps once, at its boundary.
	err := errMiss.Wrap(nil, "cache: get %q", "user:7")
	fmt.Println(err)

	// A caller asks for the sentinel, for its family, or for what to do.
	fmt.Println(errors.Is(err, errMiss), errors.Is(err, errCache), errs.KindOf(err))
	// Output:
	// cache: get "user:7": miss
	// true true not found
}

func ExampleValidationError() {
	var invalid errs.ValidationError
	invalid.Add("items[2].price", "is negative", "RANGE")
	fmt.Println(invalid.Err())
	fmt.Println(errs.KindOf(invalid.Err()))
	// Output:
	// validation failed: items[2].price is negative
	// invalid
}
