package migratesqltest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// services is as much of a container as the module needs.
type services struct {
	db   sqldb.DB
	sets []any
}

func (s services) Resolve(context.Context, di.Key) (any, error) { return s.db, nil }

func (s services) Collect(context.Context, reflect.Type) ([]any, error) { return s.sets, nil }

func TestModule(t *testing.T) {
	e := &env{db: open(t, filepath.Join(t.TempDir(), "a.db")), name: "t"}
	s := services{e.db, []any{e.set("a", "0001_create.sql", createA), e.set("b", "0001_create.sql", "CREATE TABLE TABLE_b (n int)")}}
	m := migrate.Module(migrate.Config{})
	p := m.Providers[0]
	if p.(lifecycle.Prioritizer).Priority() != lifecycle.Infrastructure || len(m.Needs) != 2 || m.Needs[1].Name != "*" {
		t.Errorf("%+v", m)
	}
	for range 2 {
		if err := p.(lifecycle.Booter).Boot(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if e.count(t, "a")+e.count(t, "b") != 0 {
		t.Error("rows in new tables")
	}
	s.sets = append(s.sets, e.set("a"))
	if err := p.(lifecycle.Booter).Boot(t.Context(), s); err == nil {
		t.Error("two sets of one source booted")
	}
}

// What the module adds to a command line works on what an application has.
func TestCommands(t *testing.T) {
	clitest.Run(t, func() cli.Contributor { return contributor(t) }, clitest.Needs(func(t *testing.T) di.Resolver {
		e := &env{db: open(t, filepath.Join(t.TempDir(), "a.db")), name: "t"}
		return services{e.db, []any{e.set("a", "0001_create.sql", createA)}}
	}))
}

// call runs a command line and returns what it printed.
func call(t *testing.T, s services, line string, asJSON bool) (string, error) {
	t.Helper()
	for _, c := range contributor(t).(cli.CommandContributor).Commands() {
		rest, ok := strings.CutPrefix(line+" ", c.Path+" ")
		if !ok {
			continue
		}
		var out bytes.Buffer
		call := &cli.Call{Stdout: &out, JSON: asJSON, Needs: s}
		fs := flag.NewFlagSet(c.Path, flag.ContinueOnError)
		if c.Flags != nil {
			c.Flags(fs)
		}
		var flags []string
		for _, word := range strings.Fields(rest) {
			if strings.HasPrefix(word, "--") {
				flags = append(flags, word)
			} else {
				call.Args = append(call.Args, word)
			}
		}
		if err := errors.Join(fs.Parse(flags), c.CheckArgs(call.Args)); err != nil {
			t.Fatal(err)
		}
		err := c.Run(t.Context(), call)
		return out.String(), err
	}
	t.Fatalf("no command %q", line)
	return "", nil
}

func TestCommandsTell(t *testing.T) {
	e := &env{db: open(t, filepath.Join(t.TempDir(), "a.db")), name: "t"}
	both := services{e.db, []any{e.set("a", "0001_create.sql", createA, "0002_insert.sql", insertA), e.set("b", "0001_create.sql", "CREATE TABLE TABLE_b (n int)")}}
	one := services{e.db, []any{e.set("a", "0001_create.sql", createA)}}
	changed := services{e.db, []any{e.set("a", "0001_create.sql", createA+" ", "0002_insert.sql", insertA), e.set("b")}}
	broken := services{e.db, []any{e.set("c", "0001_ok.sql", "CREATE TABLE TABLE_log (n int)", "0002_bad.sql", "CREATE nothing")}}
	withWayBack := func(text string) services {
		do := func(context.Context, sqldb.DB) error { return nil }
		set := e.set("d", "0001_b.sql", "-- +lexigram no-transaction\n"+text, "0001_b.down.sql", "SELECT 1")
		set.Funcs = []sqldb.MigrationFunc{{Name: "0002_c", Up: do, Down: do}}
		return services{e.db, []any{set}}
	}
	drops, harmless := withWayBack("DROP TABLE other"), withWayBack("SELECT 2")
	for _, step := range []struct {
		on    services
		path  string
		says  []string
		fails error
	}{
		{both, "migrate status", []string{"a       0001_create.sql  pending", "b       0001_create.sql  pending"}, nil},
		{both, "migrate plan", []string{"-- a 0001_create.sql\nCREATE TABLE t_a", "-- b 0001_create.sql\nCREATE TABLE t_b (n int);"}, nil},
		{both, "migrate up", []string{"applied a 0001_create.sql\napplied a 0002_insert.sql\napplied b 0001_create.sql\n"}, nil},
		{both, "migrate up", []string{"nothing is pending"}, nil},
		{both, "migrate plan", []string{"nothing is pending"}, nil},
		{one, "migrate status", []string{"0001_create.sql  applied  20", "0002_insert.sql  newer    20"}, nil},
		{changed, "migrate status", []string{"0001_create.sql  changed", "0002_insert.sql  applied"}, migrate.ErrChanged},
		{changed, "migrate plan", nil, migrate.ErrChanged},
		{changed, "migrate up", nil, migrate.ErrChanged},
		{broken, "migrate up", []string{"applied c 0001_ok.sql\n"}, migrate.Err},
		{broken, "migrate status", []string{"0001_ok.sql      applied", "0002_bad.sql     pending"}, nil},
		{drops, "migrate up --dry-run", []string{"-- d 0001_b.sql\n-- outside a transaction\nDROP TABLE other;\n", "-- d 0002_c\n-- no statements"}, nil},
		{drops, "migrate lint", []string{"d 0001_b.sql:2: drop-table: DROP TABLE other"}, migrate.Err},
		{harmless, "migrate up", []string{"applied d 0001_b.sql\napplied d 0002_c\n"}, nil},
		{harmless, "migrate lint", []string{"nothing to warn of"}, nil},
		{drops, "migrate lint --all", []string{"d 0001_b.sql:2: drop-table"}, migrate.Err},
		{drops, "migrate lint", nil, migrate.ErrChanged},
		{harmless, "migrate down d 0 --dry-run", []string{"-- d 0002_c\n-- no statements", "-- d 0001_b.down.sql\nSELECT 1;\n"}, nil},
		{harmless, "migrate down d", []string{"undone d 0002_c\n"}, nil},
		{harmless, "migrate down d 1", []string{"nothing is to be undone"}, nil},
		{harmless, "migrate down d", []string{"undone d 0001_b.sql\n"}, nil},
		{harmless, "migrate down d", []string{"nothing is to be undone"}, nil},
		{harmless, "migrate down d x", nil, cli.ErrUsage},
		{harmless, "migrate down x", nil, migrate.ErrTarget},
		{harmless, "migrate down d 7", nil, migrate.ErrTarget},
	} {
		out, err := call(t, step.on, step.path, false)
		if !errors.Is(err, step.fails) || step.says == nil && out != "" {
			t.Errorf("%s: %v\n%s", step.path, err, out)
		}
		for _, want := range step.says {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", step.path, want, out)
			}
		}
	}
	out, err := call(t, both, "migrate status", true)
	if err != nil || !strings.Contains(out, `"state": "applied"`) || !strings.Contains(out, `"applied_at": "20`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// What a generator cannot make it refuses, and says what to change.
func TestGenerateRefuses(t *testing.T) {
	g := contributor(t).(cli.GeneratorContributor).Generators()[0]
	there := fstest.MapFS{"sqlite/0001_create_a.sql": {}, "postgres/0002_later.sql": {}, "sqlite/notes.txt": {}}
	for _, c := range []struct {
		name   string
		table  string
		fields []cli.Field
		want   string
	}{
		{"create_b", "", []cli.Field{{Name: "a", Type: "strng"}}, `(did you mean "string"?)`},
		{"create_b", "", []cli.Field{field("a", "int", "x")}, `default "x" of type int`},
		{"create_b", "", []cli.Field{field("a", "bool", "1")}, `default "1" of type bool`},
		{"create_b", "", []cli.Field{field("a", "json", "{")}, "is not JSON"},
		{"create_b", "", []cli.Field{field("a", "time", "today")}, "of type time"},
		{"create_b", "", []cli.Field{field("a", "bytes", "x")}, "type bytes has no default"},
		{"create_b", "", []cli.Field{field("a", "decimal", "1'); DROP TABLE x")}, "of type decimal"},
		{"create_b", "", []cli.Field{{Name: "id", Type: "int", Optional: true}}, "the key of a table"},
		{"create_b", "", []cli.Field{{Name: strings.Repeat("a", 64), Type: "int"}}, "longer than 63"},
		{"fill", "", []cli.Field{{Name: "a", Type: "int"}}, "fields of which table?"},
		{"fill", "x;y", nil, "is not the name of a table"},
		{"fill", "b", nil, "adds nothing to b"},
		{"fill", "b", []cli.Field{{Name: "a", Type: "int"}}, "give a default, or make it optional"},
		{"fill", "b", []cli.Field{field("a", "time", "now")}, "is a constant"},
		{"add_a_to_b", "", []cli.Field{{Name: "a", Type: "int", References: "c", Default: "1", HasDefault: true}}, "a reference that is added"},
		{"create_a", "", nil, "0001_create_a is there, and others after it"},
	} {
		_, err := g.Generate(t.Context(), cli.Request{Name: c.name, Fields: c.fields, Options: map[string]string{"table": c.table}, Dir: there})
		if !errors.Is(err, cli.ErrUsage) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	for name, want := range map[string]string{"later": "sqlite/0002_later.sql", "more": "sqlite/0003_more.sql", "MoreOfIt": "sqlite/0003_more_of_it.sql"} {
		files, err := g.Generate(t.Context(), cli.Request{Name: name, Options: map[string]string{}, Dir: there})
		if err != nil || files[0].Path != want {
			t.Errorf("%s: %+v, %v", name, files, err)
		}
	}
	files, err := g.Generate(t.Context(), cli.Request{
		Name: "create_x", Options: map[string]string{}, Dir: fstest.MapFS{},
		Fields: []cli.Field{{Name: "a", Type: "int", References: "Category"}, {Name: "b", Type: "int", References: "OrderBox"}, {Name: "c", Type: "int", References: "Key"}},
	})
	if err != nil || !strings.Contains(string(files[0].Data), `"categories"`) || !strings.Contains(string(files[0].Data), `"order_boxes"`) || !strings.Contains(string(files[0].Data), `"keys"`) {
		t.Errorf("%s, %v", files[0].Data, err)
	}
}

// What happens at the start is configured.
func TestOnStart(t *testing.T) {
	e := &env{db: open(t, filepath.Join(t.TempDir(), "a.db")), name: "t"}
	s := services{e.db, []any{e.set("a", "0001_create.sql", createA)}}
	boot := func(mode string) error {
		return migrate.Module(migrate.Config{OnStart: mode}).Providers[0].(lifecycle.Booter).Boot(t.Context(), s)
	}
	if err := boot("later"); !errors.Is(err, migrate.Err) || !strings.Contains(err.Error(), "not one of apply, check and wait") {
		t.Error(err)
	}
	if err := boot("check"); !errors.Is(err, migrate.Err) || !strings.Contains(err.Error(), "a 0001_create.sql: run migrate up") {
		t.Error(err)
	}
	if err := boot("wait"); err != nil {
		t.Error(err)
	}
	if out, err := call(t, s, "migrate status", false); err != nil || !strings.Contains(out, "pending") {
		t.Errorf("%s, %v", out, err)
	}
	if err := errors.Join(boot("apply"), boot("check"), boot("")); err != nil {
		t.Error(err)
	}
}
