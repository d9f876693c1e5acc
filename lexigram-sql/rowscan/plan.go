package rowscan

import (
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Plan is what is known of the columns of a type. It is immutable and safe
// for concurrent use.
type Plan struct {
	typ    reflect.Type
	fields []field
	byName map[string]int // nil if the type is that of one column
}

// A field is one column of a type.
type field struct {
	column   string
	name     string // of the Go field, with those that it is embedded in
	index    []int
	optional bool
	typ      reflect.Type
}

// plans holds the Plan or the error of each type that was asked for: as many as
// the program has types of rows.
var plans sync.Map

// PlanOf returns the plan of T, or an error wrapping [ErrType]: for a field that
// nothing can be scanned into, for two fields of one column, for an embedded
// pointer, and for a struct without columns.
func PlanOf[T any]() (*Plan, error) {
	t := reflect.TypeFor[T]()
	known, ok := plans.Load(t)
	if !ok {
		known, _ = plans.LoadOrStore(t, planned(t))
	}
	if err, failed := known.(error); failed {
		return nil, err
	}
	return known.(*Plan), nil
}

// A Column is one column of a type of rows.
type Column struct {
	Name     string
	Type     reflect.Type // of the field
	Optional bool         // a statement need not have it
}

// Columns returns the columns in the order of the fields; none if the type is
// that of one column. The caller owns the slice.
func (p *Plan) Columns() []Column {
	columns := make([]Column, len(p.fields))
	for i, f := range p.fields {
		columns[i] = Column{Name: f.column, Type: f.typ, Optional: f.optional}
	}
	return columns
}

// Field returns the field of the i-th column in row, an addressable value of the type.
func (p *Plan) Field(row reflect.Value, i int) reflect.Value {
	return row.FieldByIndex(p.fields[i].index)
}

// planned returns a *Plan or an error.
func planned(t reflect.Type) any {
	p := &Plan{typ: t}
	if !isRow(t) {
		if err := scannable(t); err != nil {
			return ErrType.Wrap(err, "rowscan: %v", t)
		}
		return p
	}
	p.byName = map[string]int{}
	if err := p.walk(t, nil, ""); err != nil {
		return ErrType.Wrap(err, "rowscan: %v", t)
	}
	if len(p.fields) == 0 {
		return ErrType.Wrap(fmt.Errorf("it has no exported field"), "rowscan: %v", t)
	}
	return p
}

var (
	scannerType = reflect.TypeFor[sql.Scanner]()
	timeType    = reflect.TypeFor[time.Time]()
)

// isRow reports whether t has columns rather than being one.
func isRow(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != timeType && !reflect.PointerTo(t).Implements(scannerType)
}

// scannable returns an error if no database can scan into a t.
func scannable(t reflect.Type) error {
	if t == timeType || reflect.PointerTo(t).Implements(scannerType) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		return scannable(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return nil
		}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return nil
		}
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	}
	return fmt.Errorf("nothing can be scanned into a %v: implement sql.Scanner, or tag the field `db:\"-\"`", t)
}

func (p *Plan) walk(t reflect.Type, index []int, path string) error {
	for f := range t.Fields() {
		at := append(slices.Clone(index), f.Index...)
		tag, tagged := f.Tag.Lookup("db")
		name, option, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
			continue
		case option != "" && option != "optional":
			return fmt.Errorf("field %s: unknown option %q: there is optional alone", path+f.Name, option)
		case f.Anonymous && !tagged && isRow(f.Type):
			if err := p.walk(f.Type, at, path+f.Name+"."); err != nil {
				return err
			}
			continue
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Pointer && isRow(f.Type.Elem()):
			return fmt.Errorf("field %s: an embedded pointer: embed the struct, or tag the field `db:\"-\"`", path+f.Name)
		case !f.IsExported():
			if tagged {
				return fmt.Errorf("field %s: a tag, and not exported", path+f.Name)
			}
			continue
		}
		if name == "" {
			name = snake(f.Name)
		}
		if err := scannable(f.Type); err != nil {
			return fmt.Errorf("field %s: %w", path+f.Name, err)
		}
		if other, taken := p.byName[name]; taken {
			return fmt.Errorf("fields %s and %s are both column %q", p.fields[other].name, path+f.Name, name)
		}
		p.byName[name] = len(p.fields)
		p.fields = append(p.fields, field{
			column: name, name: path + f.Name, index: at, optional: option == "optional", typ: f.Type,
		})
	}
	return nil
}

// snake returns the name of the column of a field: UserID is user_id, HTTPCode http_code.
func snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c < 'A' || c > 'Z' {
			b.WriteByte(c)
			continue
		}
		afterLower := i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z') && name[i-1] != '_'
		endsRun := i > 0 && i+1 < len(name) && name[i-1] >= 'A' && name[i-1] <= 'Z' && name[i+1] >= 'a' && name[i+1] <= 'z'
		if afterLower || endsRun {
			b.WriteByte('_')
		}
		b.WriteByte(c | 0x20)
	}
	return b.String()
}

// destinations appends to dest where the columns of a statement go in v, an addressable value.
func (p *Plan) destinations(v reflect.Value, columns []string, dest []any) ([]any, error) {
	if p.byName == nil {
		if len(columns) != 1 {
			return nil, ErrColumn.Wrap(fmt.Errorf("%d columns, want one for a %v", len(columns), p.typ), "rowscan")
		}
		return append(dest, v.Addr().Interface()), nil
	}
	for i, c := range columns {
		at, ok := p.byName[c]
		if !ok {
			return nil, ErrColumn.Wrap(fmt.Errorf("column %q has no field in %v: name one with the tag `db:%q`, or do not select it", c, p.typ, c), "rowscan")
		}
		dest = append(dest, v.FieldByIndex(p.fields[at].index).Addr().Interface())
		for _, d := range columns[:i] {
			if d == c {
				return nil, ErrColumn.Wrap(fmt.Errorf("two columns are %q: rename one with AS", c), "rowscan")
			}
		}
	}
	if len(columns) == len(p.fields) {
		return dest, nil
	}
	for i := range p.fields {
		if f := &p.fields[i]; !f.optional && !slices.Contains(columns, f.column) {
			return nil, ErrColumn.Wrap(fmt.Errorf("field %v.%s has no column: select %q, or tag the field `db:\"%s,optional\"`", p.typ, f.name, f.column, f.column), "rowscan")
		}
	}
	return dest, nil
}

// field returns what a message calls the destination of a column.
func (p *Plan) field(column string) string {
	if at, ok := p.byName[column]; ok {
		return p.typ.String() + "." + p.fields[at].name
	}
	return p.typ.String()
}
