package sqldriver

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// ScanRow copies one row of a database/sql driver, whose values are nil, bool,
// int64, float64, string, []byte or time.Time, into dest, as [sqldb.Rows] says.
func ScanRow(columns []string, row []driver.Value, dest []any) error {
	if len(dest) != len(row) {
		return sqldb.Err.Wrap(fmt.Errorf("%d columns into %d destinations", len(row), len(dest)), "sql: scan")
	}
	for i, d := range dest {
		if err := assign(d, row[i]); err != nil {
			return sqldb.Err.Wrap(&sqldb.ScanError{Column: columns[i], Index: i, Cause: err}, "sql")
		}
	}
	return nil
}

// assign stores src.
func assign(dest any, src driver.Value) error {
	switch d := dest.(type) {
	case *string:
		return store(d, src, text)
	case *int64:
		return store(d, src, integer)
	case *int:
		return store(d, src, native)
	case *float64:
		return store(d, src, float)
	case *bool:
		return store(d, src, boolean)
	case *[]byte:
		return store(d, src, blob)
	case *time.Time:
		return store(d, src, moment)
	case *any:
		return store(d, src, func(src driver.Value) (any, error) { return src, nil })
	case sql.Scanner:
		return handOver(d, src)
	}
	return assignTo(reflect.ValueOf(dest), src)
}

// store leaves *d as it was if there is an error.
func store[T any](d *T, src driver.Value, convert func(driver.Value) (T, error)) error {
	if d == nil {
		return fmt.Errorf("the destination is a nil %T", d)
	}
	v, err := convert(src)
	if err == nil {
		*d = v
	}
	return err
}

// handOver hands src over as it is stored; a time is stored as text, which a
// Scanner of times refuses, and then gets the time.
func handOver(d sql.Scanner, src driver.Value) error {
	err := d.Scan(src)
	if s, ok := src.(string); err != nil && ok {
		if t, perr := ParseTime(s); perr == nil && d.Scan(t) == nil {
			return nil
		}
	}
	return err
}

// assignTo stores into pointers to pointers, sized numbers and named types.
func assignTo(d reflect.Value, src driver.Value) error {
	if d.Kind() != reflect.Pointer || d.IsNil() {
		return errors.New("the destination is not a pointer, or nil")
	}
	v := d.Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if src == nil {
			v.SetZero()
			return nil
		}
		p := reflect.New(v.Type().Elem())
		if err := assign(p.Interface(), src); err != nil {
			return err
		}
		v.Set(p)
		return nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b, err := blob(src)
			v.SetBytes(b)
			return err
		}
	case reflect.String:
		s, err := text(src)
		v.SetString(s)
		return err
	case reflect.Bool:
		b, err := boolean(src)
		v.SetBool(b)
		return err
	}
	return number(v, src)
}

// number stores into a number of any size.
func number(v reflect.Value, src driver.Value) error {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		f, err := float(src)
		v.SetFloat(f)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := integer(src)
		if err == nil && v.OverflowInt(n) {
			err = fmt.Errorf("%d overflows %v", n, v.Type())
		}
		if err == nil {
			v.SetInt(n)
		}
		return err
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, err := integer(src)
		if err == nil && (n < 0 || v.OverflowUint(uint64(n))) {
			err = fmt.Errorf("%d overflows %v", n, v.Type())
		}
		if err == nil {
			v.SetUint(uint64(n))
		}
		return err
	}
	return fmt.Errorf("no way to store into a %v: implement sql.Scanner", v.Type())
}

// ErrNoRow is the cause of a Scan that no row was fetched for.
var ErrNoRow = errors.New("there is no row: call Next first")

var errNull = errors.New("is NULL: scan into a pointer to a pointer, or into sql.Null")

func mismatch(src driver.Value, want string) error {
	if src == nil {
		return errNull
	}
	return fmt.Errorf("holds a %T, not %s", src, want)
}

func text(src driver.Value) (string, error) {
	switch s := src.(type) {
	case string:
		return s, nil
	case []byte:
		return string(s), nil
	case time.Time:
		return FormatTime(s), nil
	}
	return "", mismatch(src, "text")
}

func blob(src driver.Value) ([]byte, error) {
	switch s := src.(type) {
	case nil:
		return nil, nil
	case []byte:
		return append([]byte{}, s...), nil
	case string:
		return []byte(s), nil
	}
	return nil, mismatch(src, "bytes")
}

func integer(src driver.Value) (int64, error) {
	switch s := src.(type) {
	case int64:
		return s, nil
	case float64:
		if s == math.Trunc(s) && s >= -1<<63 && s < 1<<63 {
			return int64(s), nil
		}
		return 0, fmt.Errorf("%v is not an integer of 64 bits", s)
	}
	return 0, mismatch(src, "an integer")
}

func native(src driver.Value) (int, error) {
	n, err := integer(src)
	if err == nil && int64(int(n)) != n {
		err = fmt.Errorf("%d overflows int", n)
	}
	return int(n), err
}

func float(src driver.Value) (float64, error) {
	switch s := src.(type) {
	case float64:
		return s, nil
	case int64:
		return float64(s), nil
	}
	return 0, mismatch(src, "a number")
}

func boolean(src driver.Value) (bool, error) {
	if b, ok := src.(bool); ok {
		return b, nil
	}
	if n, ok := src.(int64); ok && (n == 0 || n == 1) {
		return n == 1, nil
	}
	return false, mismatch(src, "a bool, which is 0 or 1")
}

func moment(src driver.Value) (time.Time, error) {
	switch s := src.(type) {
	case time.Time:
		return s.UTC().Truncate(time.Microsecond), nil
	case string:
		return ParseTime(s)
	case []byte:
		if !bytes.Contains(s, []byte{0}) {
			return ParseTime(string(s))
		}
	}
	return time.Time{}, mismatch(src, "a time")
}
