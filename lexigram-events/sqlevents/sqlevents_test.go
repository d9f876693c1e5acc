package sqlevents

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// The bus itself is tested in eventssqltest, on a database.

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return Module(Config{}) })
}

// dialect is a database that speaks it and does nothing else.
type dialect sqldb.Dialect

var errNothing = errors.New("there is nothing")

func (d dialect) Dialect() sqldb.Dialect { return sqldb.Dialect(d) }

func (d dialect) Query(context.Context, string, ...any) (sqldb.Rows, error) { return nil, errNothing }

func (d dialect) Exec(context.Context, string, ...any) (int64, error) { return 0, errNothing }

func (d dialect) InTx(ctx context.Context, fn func(context.Context) error, _ ...sqldb.TxOption) error {
	return fn(ctx)
}

func TestNewRefuses(t *testing.T) {
	db := dialect(sqldb.SQLite)
	for name, c := range map[string]struct {
		db    sqldb.DB
		opts  Options
		wants string
	}{
		"no database":       {nil, Options{}, "nil"},
		"poll":              {db, Options{Poll: 1}, "Poll is 1ns"},
		"lease":             {db, Options{Lease: time.Millisecond}, "Lease"},
		"retention":         {db, Options{Retention: time.Minute}, "Retention is 1m0s: it must be at least 2m0s"},
		"lag":               {db, Options{Lag: -1}, "Lag"},
		"batch":             {db, Options{Batch: 901}, "Batch is 901"},
		"a foreign dialect": {dialect("oracle"), Options{}, "oracle"},
	} {
		if _, err := New(c.db, c.opts); !errors.Is(err, events.Err) || !strings.Contains(err.Error(), c.wants) {
			t.Errorf("%s: %v, want an error of the family events with %q", name, err, c.wants)
		}
	}
}

func TestValidate(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	var v *errs.ValidationError
	if err := (Config{Poll: 1, Batch: -1}).Validate(); !errors.As(err, &v) || len(v.Fields) != 2 || v.Fields[0].Field != "poll" || v.Fields[1].Field != "batch" {
		t.Errorf("%v, want an errs.ValidationError of poll and batch", err)
	}
}

// What the database says is told, and nothing counts as done.
func TestDatabaseFails(t *testing.T) {
	b, err := New(dialect(sqldb.SQLite), Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := func(context.Context, events.Event) error { return nil }
	_, sub := b.Subscribe(t.Context(), events.Subscription{Types: []string{">"}}, h)
	_, forgot := b.Forget(t.Context(), "g")
	var dead error
	for _, dead = range b.Dead(t.Context()) {
	}
	for name, err := range map[string]error{
		"Publish": b.Publish(t.Context(), events.New("/", "a", nil)), "Subscribe": sub, "Forget": forgot, "Dead": dead,
		"Purge": b.Purge(t.Context()), "Replay": b.Replay(t.Context(), 1), "Discard": b.Discard(t.Context(), 1),
	} {
		if !errors.Is(err, errNothing) || !errors.Is(err, events.Err) || !strings.Contains(err.Error(), "sqlevents: ") {
			t.Errorf("%s = %v", name, err)
		}
	}
	if err := b.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMigrations(t *testing.T) {
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres} {
		files, err := Migrations().FS(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"0001_events.sql", "0001_events.down.sql"} {
			if text, err := fs.ReadFile(files, name); err != nil || len(text) == 0 {
				t.Errorf("%s/%s: %d bytes, %v", d, name, len(text), err)
			}
		}
	}
	if _, err := Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a foreign dialect: %v, want ErrUnsupported", err)
	}
}

// An insertion has as many placeholders as it is given arguments, whatever groups there are.
func TestInsertion(t *testing.T) {
	set := &groupSet{version: 7, groups: []group{
		{id: 3, sub: events.Subscription{Types: []string{"a"}}}, {id: 5, sub: events.Subscription{Types: []string{">"}}},
	}}
	evs := []events.Event{{Type: "a"}, {Type: "b"}}
	sql := insertion(sqldb.Postgres, set, evs)
	if !strings.Contains(sql, "$23") || strings.Contains(sql, "$24") {
		t.Errorf("placeholders of two events in %s", sql)
	}
	for _, row := range []string{"(0,CAST($2", "(3,$2", "(5,$2", "(0,$13", "(5,$13"} {
		if strings.Count(sql, row) != 1 {
			t.Errorf("no row %q in %s", row, sql)
		}
	}
	if strings.Contains(sql, "(3,$13") {
		t.Errorf("group 3 does not want b: %s", sql)
	}
}
