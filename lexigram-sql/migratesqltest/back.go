package migratesqltest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

const dropA = "DROP TABLE TABLE_a;"

// three files, two of them with a way back in the file, one with a file of its own.
func (e *env) three() sqldb.Migrations {
	return e.set("s", "0001_create.sql", createA, "0001_create.down.sql", dropA,
		"0002_insert.sql", "-- +goose Up\n"+insertA+";\n-- +goose Down\nDELETE FROM TABLE_a;",
		"0003_more.sql", "-- +goose Up\nINSERT INTO TABLE_a (n) VALUES (3);\n-- +goose Down\nDELETE FROM TABLE_a\nWHERE n = 3;")
}

func down(t *testing.T, m *migrate.Migrator, source string, to int64) string {
	t.Helper()
	undone, err := m.Down(t.Context(), source, to)
	if err != nil {
		t.Error(err)
	}
	return names(undone)
}

func wayBack(t *testing.T, e *env) {
	m := e.migrator(t, e.three(), e.set("other", "0001_b.sql", "CREATE TABLE TABLE_b (n bigint)"))
	up(t, m)
	if got := down(t, m, "s", 2); got != "s/0003_more.sql" || e.count(t, "a") != 2 {
		t.Errorf("undone %s, %d rows", got, e.count(t, "a"))
	}
	if v, err := m.Version(t.Context(), "s"); v != 2 || err != nil {
		t.Errorf("version %d, %v", v, err)
	}
	if got := down(t, m, "s", 2); got != "" {
		t.Errorf("undone again: %s", got)
	}
	if got := up(t, m); got != "s/0003_more.sql" || e.count(t, "a") != 3 {
		t.Errorf("forth again: %s, %d rows", got, e.count(t, "a"))
	}
	plan, err := m.PlanDown(t.Context(), "s", 0)
	if err != nil || names(plan) != "s/0003_more.sql s/0002_insert.sql s/0001_create.sql" || !strings.HasPrefix(plan[2].DownStatements()[0], "DROP TABLE") {
		t.Errorf("plan %s, %v", names(plan), err)
	}
	if got := down(t, m, "s", 0); got != names(plan) {
		t.Errorf("undone %s", got)
	}
	records, err := m.Applied(t.Context())
	if err != nil || len(records) != 1 || records[0].Source != "other" {
		t.Errorf("left are %+v, %v", records, err)
	}
	if got := up(t, m); strings.Count(got, "s/") != 3 {
		t.Errorf("all forth again: %s", got)
	}
}

// wayBackRefuses: nothing is undone if not all can be.
func wayBackRefuses(t *testing.T, e *env) {
	m := e.migrator(t, e.three())
	up(t, m)
	for _, c := range []struct {
		m      *migrate.Migrator
		source string
		to     int64
		want   error
	}{
		{m, "x", 0, migrate.ErrTarget},
		{m, "s", 4, migrate.ErrTarget},
		{m, "s", -1, migrate.ErrTarget},
		{e.migrator(t, e.set("s", "0001_create.sql", createA, "0001_create.down.sql", dropA)), "s", 0, migrate.ErrMissing},
		{e.migrator(t, e.set("s", "0001_create.sql", createA+"\n", "0001_create.down.sql", dropA)), "s", 0, migrate.ErrMissing},
	} {
		if undone, err := c.m.Down(t.Context(), c.source, c.to); !errors.Is(err, c.want) || len(undone) != 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("down %s to %d: %s, %v, want %v", c.source, c.to, names(undone), err, c.want)
		}
	}
	one := e.migrator(t, e.set("one", "0001_b.sql", "CREATE TABLE TABLE_b (n bigint)"))
	up(t, one)
	if _, err := one.Down(t.Context(), "one", 0); !errors.Is(err, migrate.ErrNoDown) {
		t.Errorf("without a way back: %v", err)
	}
	changed := e.migrator(t, e.set("one", "0001_b.sql", "CREATE TABLE TABLE_b (n int)", "0001_b.down.sql", "DROP TABLE TABLE_b"))
	if _, err := changed.Down(t.Context(), "one", 0); !errors.Is(err, migrate.ErrChanged) {
		t.Errorf("a changed file: %v", err)
	}
	if e.count(t, "a") != 3 || e.count(t, "b") != 0 {
		t.Error("something was undone")
	}
}

// wayBackFails: what fails keeps its record, and nothing of it is done.
func wayBackFails(t *testing.T, e *env) {
	files := []string{"0001_create.sql", createA, "0001_create.down.sql", "DELETE FROM TABLE_a; DROP TABLE nothing_of_this_name", "0002_insert.sql", insertA, "0002_insert.down.sql", "-- nothing"}
	m := e.migrator(t, e.set("s", files...))
	up(t, m)
	undone, err := m.Down(t.Context(), "s", 0)
	if !errors.Is(err, migrate.Err) || !strings.HasPrefix(err.Error(), "migrate: s 0001_create.down.sql: statement 2: ") || names(undone) != "s/0002_insert.sql" {
		t.Errorf("%s, %v", names(undone), err)
	}
	if v, err := m.Version(t.Context(), "s"); v != 1 || err != nil || e.count(t, "a") != 2 {
		t.Errorf("version %d, %v, %d rows", v, err, e.count(t, "a"))
	}
	files[3] = dropA
	if got := down(t, e.migrator(t, e.set("s", files...)), "s", 0); got != "s/0001_create.sql" {
		t.Errorf("after it was mended: %s", got)
	}
}

// functions in Go stand between files, in their transaction.
func functions(t *testing.T, e *env) {
	own := errors.New("own")
	var fails error
	fill := sqldb.MigrationFunc{
		Name: "0002_fill",
		Up: func(ctx context.Context, db sqldb.DB) error {
			for n := range 5 {
				if _, err := db.Exec(ctx, "INSERT INTO "+e.name+"_a (n) VALUES ($1)", n+10); err != nil {
					return err
				}
			}
			if fails == own {
				panic("own")
			}
			return fails
		},
		Down: func(ctx context.Context, db sqldb.DB) error {
			_, err := db.Exec(ctx, "DELETE FROM "+e.name+"_a WHERE n >= 10")
			return err
		},
	}
	set := e.set("s", "0001_create.sql", createA, "0003_more.sql", "INSERT INTO TABLE_a (n) SELECT max(n) + 1 FROM TABLE_a", "0003_more.down.sql", "DELETE FROM TABLE_a WHERE n = 15")
	set.Funcs = []sqldb.MigrationFunc{fill}
	m := e.migrator(t, set)
	fails = errors.New("not yet")
	if applied, err := m.Up(t.Context()); !errors.Is(err, fails) || !strings.HasPrefix(err.Error(), "migrate: s 0002_fill: ") || names(applied) != "s/0001_create.sql" || e.count(t, "a") != 0 {
		t.Errorf("%s, %v, %d rows", names(applied), err, e.count(t, "a"))
	}
	fails = own
	if _, err := m.Up(t.Context()); err == nil || e.count(t, "a") != 0 {
		t.Errorf("a panic: %v, %d rows", err, e.count(t, "a"))
	} else if _, ok := errors.AsType[*errs.PanicError](err); !ok {
		t.Errorf("a panic: %v", err)
	}
	fails = nil
	if got := up(t, m); got != "s/0002_fill s/0003_more.sql" || e.count(t, "a") != 6 {
		t.Errorf("applied %s, %d rows", got, e.count(t, "a"))
	}
	if got := down(t, m, "s", 1); got != "s/0003_more.sql s/0002_fill" || e.count(t, "a") != 0 {
		t.Errorf("undone %s, %d rows", got, e.count(t, "a"))
	}
}

// dependencies come before what refers to them, whatever their names.
func dependencies(t *testing.T, e *env) {
	a, b := e.set("z", "0001_create.sql", createA), e.set("a", "0001_create.sql", "CREATE TABLE TABLE_b (n bigint REFERENCES TABLE_a (n))")
	b.After = []string{"z"}
	if got := up(t, e.migrator(t, b, a)); got != "z/0001_create.sql a/0001_create.sql" {
		t.Errorf("applied %s", got)
	}
	if e.count(t, "b") != 0 {
		t.Error("rows")
	}
}

// meanwhile: others undo and apply between two files; nothing is done twice or out of order.
func meanwhile(t *testing.T, e *env) {
	other := e.migrator(t, e.three())
	with := func(fn func()) *migrate.Migrator {
		of := *e
		of.db = &between{DB: e.db, fn: fn}
		return of.migrator(t, e.three())
	}
	applied, err := with(func() { down(t, other, "s", 0) }).Up(t.Context())
	if !errors.Is(err, migrate.ErrOrder) || names(applied) != "s/0001_create.sql" {
		t.Errorf("undone meanwhile: %s, %v", names(applied), err)
	}
	up(t, other)
	undone, err := with(func() { up(t, other) }).Down(t.Context(), "s", 0)
	if !errors.Is(err, migrate.ErrOrder) || names(undone) != "s/0003_more.sql" || e.count(t, "a") != 3 {
		t.Errorf("applied meanwhile: %s, %v", names(undone), err)
	}
	undone, err = with(func() { down(t, other, "s", 0) }).Down(t.Context(), "s", 0)
	if err != nil || names(undone) != "s/0003_more.sql" {
		t.Errorf("undone meanwhile: %s, %v", names(undone), err)
	}
	up(t, other)
	changed := e.migrator(t, e.set("s", "0001_create.sql", createA+" ", "0001_create.down.sql", dropA,
		"0002_insert.sql", "-- +goose Up\n"+insertA+";\n-- +goose Down\nDELETE FROM TABLE_a;",
		"0003_more.sql", "-- +goose Up\nINSERT INTO TABLE_a (n) VALUES (3);\n-- +goose Down\nDELETE FROM TABLE_a\nWHERE n = 3;"))
	if undone, err := changed.Down(t.Context(), "s", 0); !errors.Is(err, migrate.ErrChanged) || len(undone) > 0 {
		t.Errorf("an older file changed: %s, %v", names(undone), err)
	}
}
