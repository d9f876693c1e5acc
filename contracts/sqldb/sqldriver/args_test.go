package sqldriver_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

type (
	name  string
	count uint8
	money int64
	bad   struct{}
	again struct{}
)

func (m money) Value() (driver.Value, error) { return int64(m) * 100, nil }
func (bad) Value() (driver.Value, error)     { return nil, errOwn }
func (again) Value() (driver.Value, error)   { return money(1), nil }

func TestArguments(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	i, s := 7, "s"
	ps := &s
	zone := time.Date(2026, 10, 25, 2, 30, 0, 1999, time.FixedZone("", 7200))
	for _, c := range []struct{ in, want any }{
		{nil, nil},
		{true, true},
		{int64(1), int64(1)},
		{1.5, 1.5},
		{"s", "s"},
		{1, int64(1)},
		{int8(-1), int64(-1)},
		{uint32(1), int64(1)},
		{float32(0.5), 0.5},
		{name("n"), "n"},
		{count(3), int64(3)},
		{json.RawMessage("{}"), []byte("{}")},
		{[]byte(nil), nil},
		{[]byte{}, []byte{}},
		{&i, int64(7)},
		{&ps, "s"},
		{(*int)(nil), nil},
		{(**string)(nil), nil},
		{(*name)(nil), nil},
		{zone, time.Date(2026, 10, 25, 0, 30, 0, 1000, time.UTC)},
		{(*time.Time)(nil), nil},
		{money(2), int64(200)},
		{(*money)(nil), nil},
		{sql.Null[string]{}, nil},
		{sql.NullInt64{Int64: 5, Valid: true}, int64(5)},
	} {
		if _, err := db.Exec(t.Context(), "a", c.in); err != nil || !reflect.DeepEqual(f.args, []any{c.want}) {
			t.Errorf("%#v arrived as %#v, %v, want %#v", c.in, f.args, err, c.want)
		}
	}
	for _, in := range []any{
		[]int{1},
		map[string]int{},
		struct{}{},
		make(chan int), uint64(math.MaxUint64),
		bad{},
		again{},
		"a\x00b", "\xff",
		sql.NullString{String: "caf\xc3", Valid: true},
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC),
	} {
		f.took()
		if _, err := db.Exec(t.Context(), "a", "x", in); !errors.Is(err, sqldb.ErrArgument) {
			t.Errorf("%#v: %v", in, err)
		}
		wantLog(t, f, "")
	}
	if _, err := db.Exec(t.Context(), "a", bad{}); !errors.Is(err, errOwn) {
		t.Errorf("the error of a Valuer: %v", err)
	}
}

// The slice that the caller spreads is not written to.
func TestArgumentsAreNotChanged(t *testing.T) {
	db := sqldriver.New(&fake{}, sqldriver.Options{})
	args := []any{"a", 1, int8(2)}
	if _, err := db.Exec(t.Context(), "a", args...); err != nil || args[1] != 1 || args[2] != int8(2) {
		t.Error(args, err)
	}
}
