package sqldriver

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// normalize returns args as a [Conn] wants them. It copies the slice only if
// something changes.
func normalize(args []any) ([]any, error) {
	out := args
	for i, a := range args {
		switch a := a.(type) {
		case nil, bool, int64, float64:
			continue
		case string:
			if isText(a) {
				continue
			}
		}
		v, err := value(a)
		if err != nil {
			return nil, sqldb.ErrArgument.Wrap(err, "sql: argument $%d", i+1)
		}
		if &out[0] == &args[0] {
			out = append([]any(nil), args...)
		}
		out[i] = v
	}
	return out, nil
}

// value converts one argument.
func value(a any) (any, error) {
	switch a := a.(type) {
	case nil, bool, int64, float64:
		return a, nil
	case string:
		if !isText(a) {
			return nil, errors.New("a string that is not UTF-8 without NUL: pass []byte")
		}
		return a, nil
	case []byte:
		if a == nil {
			return nil, nil
		}
		return a, nil
	case int:
		return int64(a), nil
	case time.Time:
		return instant(a)
	case *time.Time:
		if a == nil {
			return nil, nil
		}
		return instant(*a)
	case driver.Valuer:
		return valuer(a)
	}
	return reflected(reflect.ValueOf(a))
}

// isText reports whether every database can hold s as text.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// instant cuts t to what the contract stores.
func instant(t time.Time) (any, error) {
	t = t.UTC().Truncate(time.Microsecond)
	if y := t.Year(); y < 1 || y > 9999 {
		return nil, fmt.Errorf("time in the year %d, want one of 1 to 9999", y)
	}
	return t, nil
}

// valuer asks v. A nil pointer to a type that is itself a Valuer is NULL, as in database/sql.
func valuer(v driver.Valuer) (any, error) {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && rv.IsNil() && rv.Type().Elem().Implements(reflect.TypeFor[driver.Valuer]()) {
		return nil, nil
	}
	x, err := v.Value()
	if err != nil {
		return nil, fmt.Errorf("%T: %w", v, err)
	}
	if _, again := x.(driver.Valuer); again {
		return nil, fmt.Errorf("%T returned a %T, which is no driver.Value", v, x)
	}
	return value(x)
}

// reflected converts pointers, sized numbers and named types.
func reflected(v reflect.Value) (any, error) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return value(v.Elem().Interface())
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if v.Uint() > math.MaxInt64 {
			return nil, errors.New("unsigned integer over 9223372036854775807")
		}
		return int64(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.String:
		return value(v.String())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return value(v.Bytes())
		}
		return nil, fmt.Errorf("a %v: slices are no arguments, pass JSON", v.Type())
	}
	return nil, fmt.Errorf("a %v is no argument: pass JSON or implement driver.Valuer", v.Type())
}
