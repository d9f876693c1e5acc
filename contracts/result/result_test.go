package result_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/result"
)

var errFailed = errors.New("failed")

func TestResult(t *testing.T) {
	for name, c := range map[string]struct {
		r     result.Result[int]
		value int
		err   error
		or    int
	}{
		"ok":            {result.Ok(1), 1, nil, 1},
		"zero":          {result.Result[int]{}, 0, nil, 0},
		"error":         {result.Err[int](errFailed), 0, errFailed, 7},
		"nil error":     {result.Err[int](nil), 0, result.ErrNil, 7},
		"of a value":    {result.Of(2, nil), 2, nil, 2},
		"of an error":   {result.Of(2, errFailed), 0, errFailed, 7},
		"mapped":        {result.Map(result.Ok(1), func(n int) int { return n + 1 }), 2, nil, 2},
		"not mapped":    {result.Map(result.Err[string](errFailed), func(string) int { panic("called") }), 0, errFailed, 7},
		"then":          {result.Then(result.Ok("3"), strconv.Atoi), 3, nil, 3},
		"then fails":    {result.Then(result.Ok(1), func(int) (int, error) { return 9, errFailed }), 0, errFailed, 7},
		"then not done": {result.Then(result.Err[int](errFailed), func(int) (int, error) { panic("called") }), 0, errFailed, 7},
	} {
		if v, err := c.r.Get(); v != c.value || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: Get = %v, %v", name, v, err)
		}
		if err := c.r.Err(); !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: Err = %v", name, err)
		}
		if got := c.r.Or(7); got != c.or {
			t.Errorf("%s: Or = %v", name, got)
		}
	}
	if result.Ok(1) != result.Of(1, nil) || result.Ok(1) == result.Ok(2) || result.Err[int](errFailed) == result.Ok(0) {
		t.Error("== does not compare variant and value")
	}
}

func Example() {
	outcomes := make(chan result.Result[int])
	go func() {
		defer close(outcomes)
		for _, text := range []string{"1", "two"} {
			outcomes <- result.Of(strconv.Atoi(text))
		}
	}()
	for r := range outcomes {
		n, err := r.Get()
		fmt.Println(n, err, r.Or(-1))
	}
	// Output:
	// 1 <nil> 1
	// 0 strconv.Atoi: parsing "two": invalid syntax -1
}
