package sqlsearch

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/search"
)

// A kind is what values compare within.
type kind uint8

const (
	number kind = iota
	text
	boolean
	instant
)

func kindOf(v any) kind {
	switch v.(type) {
	case string:
		return text
	case bool:
		return boolean
	case time.Time:
		return instant
	}
	return number
}

// encoded returns a value of filter.Value as JSON is to have it: a number that
// is whole is written out, so that integers and floats compare exactly; a time
// is an object of microseconds, so that it is no number and no string.
func encoded(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && v >= -(1<<63) && v < 1<<63 {
			return int64(v)
		}
	case time.Time:
		return map[string]int64{"t": v.UnixMicro()}
	}
	return v
}

// arguments are what a statement is given. Everything that came from a caller
// is one of them: values of filters all in one, a JSON array, so that their
// number is not bounded by that of placeholders.
type arguments struct {
	list   []any
	values []any
	places map[string]string // of names in values
	array  string            // the placeholder of values
}

// bind returns the placeholder of v.
func (a *arguments) bind(v any) string {
	a.list = append(a.list, v)
	return "$" + strconv.Itoa(len(a.list))
}

// value adds v to the array and returns the array's placeholder and v's place in it.
func (a *arguments) value(v any) (array, place string) {
	if a.array == "" {
		a.array = a.bind(nil)
	}
	a.values = append(a.values, v)
	return a.array, strconv.Itoa(len(a.values) - 1)
}

// name is value, which adds a name once.
func (a *arguments) name(s string) (array, place string) {
	if place, ok := a.places[s]; ok {
		return a.array, place
	}
	if a.places == nil {
		a.places = map[string]string{}
	}
	array, place = a.value(s)
	a.places[s] = place
	return array, place
}

// all returns the arguments of the finished statement.
func (a *arguments) all() ([]any, error) {
	if a.array == "" {
		return a.list, nil
	}
	array, err := json.Marshal(a.values)
	if err != nil {
		return nil, search.ErrQuery.Wrap(err, "sqlsearch: values of the filter")
	}
	n, err := strconv.Atoi(a.array[1:])
	if err != nil {
		return nil, search.Err.Wrap(err, "sqlsearch: placeholder %q", a.array)
	}
	a.list[n-1] = string(array)
	return a.list, nil
}
