package migrate_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dialect is a database that is not asked for more than its dialect.
type dialect struct {
	sqldb.DB
	d sqldb.Dialect
}

func (d dialect) Dialect() sqldb.Dialect { return d.d }

func set(source string, files ...string) sqldb.Migrations {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return sqldb.Migrations{Source: source, FS: func(sqldb.Dialect) (fs.FS, error) { return fsys, nil }}
}

func TestNewRefuses(t *testing.T) {
	noDialect := sqldb.Migrations{Source: "s", FS: func(sqldb.Dialect) (fs.FS, error) { return nil, errors.ErrUnsupported }}
	for name, c := range map[string]struct {
		sets []sqldb.Migrations
		is   error
		text string
	}{
		"name":           {[]sqldb.Migrations{set("s", "1_a.sql", "x")}, migrate.ErrFile, `s: file "1_a.sql"`},
		"gap":            {[]sqldb.Migrations{set("s", "0001_a.sql", "x", "0003_b.sql", "x")}, migrate.ErrFile, "0003_b.sql stands where version 0002"},
		"start":          {[]sqldb.Migrations{set("s", "0002_a.sql", "x")}, migrate.ErrFile, "version 0001"},
		"twice":          {[]sqldb.Migrations{set("s", "0001_a.sql", "x", "0001_b.sql", "x")}, migrate.ErrFile, "0001_a.sql and 0001_b.sql are one version"},
		"open literal":   {[]sqldb.Migrations{set("s", "0001_a.sql", "x;\n'y")}, migrate.ErrFile, "s 0001_a.sql: line 2"},
		"no source":      {[]sqldb.Migrations{set("", "0001_a.sql", "x")}, migrate.ErrFile, "without Source"},
		"no files":       {[]sqldb.Migrations{{Source: "s"}}, migrate.ErrFile, "without Source or FS"},
		"source twice":   {[]sqldb.Migrations{set("s"), set("s")}, migrate.ErrFile, "s: two sets have this Source"},
		"other dialects": {[]sqldb.Migrations{noDialect}, errors.ErrUnsupported, "s: dialect"},
	} {
		_, err := migrate.New(dialect{d: sqldb.SQLite}, migrate.Options{}, c.sets...)
		if !errors.Is(err, c.is) || !errors.Is(err, migrate.Err) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, table := range []string{"a b", "a;b", `"a"`, "a.b", strings.Repeat("a", 64)} {
		if _, err := migrate.New(dialect{d: sqldb.SQLite}, migrate.Options{Table: table}); !errors.Is(err, migrate.Err) {
			t.Errorf("table %q: %v", table, err)
		}
	}
	if _, err := migrate.New(dialect{d: "mysql"}, migrate.Options{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a dialect without a lock: %v", err)
	}
}

// Without files the database is not touched: dialect would panic.
func TestNothing(t *testing.T) {
	m, err := migrate.New(dialect{d: sqldb.Postgres}, migrate.Options{}, set("empty"))
	if err != nil {
		t.Fatal(err)
	}
	if applied, err := m.Up(t.Context()); err != nil || len(applied) != 0 {
		t.Error(applied, err)
	}
}

func ExampleNew() {
	_, err := migrate.New(dialect{d: sqldb.SQLite}, migrate.Options{},
		set("example/users", "0001_users.sql", "CREATE TABLE users (id bigint)", "0003_index.sql", "CREATE INDEX users_id ON users (id)"))
	fmt.Println(err)
	// Output:
	// migrate: example/users: file 0003_index.sql stands where version 0002 must be
}

func TestNoDatabase(t *testing.T) {
	if _, err := migrate.New(nil, migrate.Options{}); !errors.Is(err, migrate.Err) {
		t.Errorf("%v", err)
	}
}
