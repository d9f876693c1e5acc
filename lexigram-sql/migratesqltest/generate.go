package migratesqltest

import (
	"context"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// A registrar keeps the contributor that the module registers.
type registrar struct{ contributor cli.Contributor }

func (r *registrar) Register(reg di.Registration) error {
	if reg.Key.Type != reflect.TypeFor[cli.Contributor]() {
		return nil
	}
	v, err := reg.Build(context.Background(), nil)
	if c, ok := v.(cli.Contributor); ok {
		r.contributor = c
	}
	return err
}

// contributor returns what the module adds to a command line.
func contributor(t *testing.T) cli.Contributor {
	t.Helper()
	var r registrar
	if err := migrate.Module(migrate.Config{}).Providers[0].Register(&r); err != nil || r.contributor == nil {
		t.Fatalf("the module registers no contributor: %v", err)
	}
	return r.contributor
}

// addGenerated adds the files of a generated migration to dir.
func addGenerated(t *testing.T, dir fstest.MapFS, name string, fields ...cli.Field) {
	t.Helper()
	g := contributor(t).(cli.GeneratorContributor).Generators()[0]
	files, err := g.Generate(t.Context(), cli.Request{Name: name, Fields: fields, Options: map[string]string{"table": ""}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		dir[f.Path] = &fstest.MapFile{Data: f.Data}
	}
}

// generated applies generated migrations, uses the tables, and goes back.
func generated(t *testing.T, e *env) {
	dir, a, b := fstest.MapFS{}, e.name+"_a", e.name+"_b"
	addGenerated(t, dir, "create_"+a,
		cli.Field{Name: "email", Type: "string", Unique: true}, cli.Field{Name: "note", Type: "text", Optional: true},
		field("title", "string", "it's; -- $1"), field("n", "int", "-7"), field("f", "float", "1.5e3"), field("price", "decimal", "9.90"),
		field("paid", "bool", "false"), field("made", "time", "now"), field("since", "time", "2026-01-02T03:04:05Z"), field("day", "date", "2026-01-02"),
		field("ref", "uuid", "00000000-0000-4000-8000-000000000000"), field("doc", "json", `{"a": "it's"}`), cli.Field{Name: "raw", Type: "bytes", Optional: true})
	addGenerated(t, dir, "create_"+b, cli.Field{Name: "id", Type: "string"}, cli.Field{Name: "owner", Type: "int", References: a})
	addGenerated(t, dir, "add_codes_to_"+b, cli.Field{Name: "code", Type: "string", Optional: true, Unique: true}, field("order", "int", "3"),
		cli.Field{Name: "other", Type: "int", Optional: true, References: a})
	addGenerated(t, dir, "later")
	set := sqldb.Migrations{Source: "generated", FS: func(d sqldb.Dialect) (fs.FS, error) { return fs.Sub(dir, string(d)) }}
	if got := up(t, e.migrator(t, set)); strings.Count(got, "generated/") != 4 {
		t.Fatalf("applied %s", got)
	}
	run := func(statement string, works bool) {
		t.Helper()
		if _, err := e.db.Exec(t.Context(), statement); (err == nil) != works {
			t.Errorf("%s: %v", statement, err)
		}
	}
	run("INSERT INTO "+a+" (email) VALUES ('a@example.org')", true)
	run("INSERT INTO "+a+" (email) VALUES ('a@example.org')", false) // unique
	run("INSERT INTO "+a+" (note) VALUES ('x')", false)              // not null
	run("INSERT INTO "+b+" (id, owner, code) SELECT 'k', id, 'c' FROM "+a, true)
	run("INSERT INTO "+b+" (id, owner, code) SELECT 'l', id, 'c' FROM "+a, false) // unique index
	run("INSERT INTO "+b+" (id, owner) VALUES ('m', 4711)", false)                // reference
	const right = ` WHERE title = 'it''s; -- $1' AND n = -7 AND f = 1500 AND price = '9.90' AND NOT paid AND made IS NOT NULL
		AND day = '2026-01-02' AND ref = '00000000-0000-4000-8000-000000000000' AND note IS NULL`
	var n int64
	if err := sqldb.QueryRow(t.Context(), e.db, "SELECT count(*) FROM "+a+right).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows with the defaults, %v", n, err)
	}
	goBack(t, e, dir)
	run("SELECT count(*) FROM "+a, false)
}

// goBack runs the way back, the newest first.
func goBack(t *testing.T, e *env, dir fstest.MapFS) {
	t.Helper()
	names, err := fs.Glob(dir, string(e.db.Dialect())+"/*.down.sql")
	if err != nil || len(names) != 4 {
		t.Fatal(names, err)
	}
	for _, name := range slices.Backward(names) {
		for s := range strings.SplitSeq(string(dir[name].Data), ";\n") {
			if s = strings.TrimSpace(s); s == "" || strings.HasPrefix(s, "--") {
				continue
			}
			if _, err := e.db.Exec(t.Context(), s); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func field(name, typ, value string) cli.Field {
	return cli.Field{Name: name, Type: typ, Default: value, HasDefault: true}
}
