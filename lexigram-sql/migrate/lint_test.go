package migrate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// rulesOf returns line:rule of every warning.
func rulesOf(t *testing.T, d sqldb.Dialect, text string) string {
	t.Helper()
	all, err := migrate.Lint(d, set("s", "0001_a.sql", text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var got []string
	for _, w := range all {
		if w.Source != "s" || w.Name != "0001_a.sql" || w.Problem == "" || w.Fix == "" || strings.Contains(w.String(), "\n") {
			t.Errorf("%+v", w)
		}
		got = append(got, fmt.Sprintf("%d:%s", w.Line, w.Rule))
	}
	return strings.Join(got, " ")
}

func TestLint(t *testing.T) {
	const pg, lite = sqldb.Postgres, sqldb.SQLite
	const bounded, outside = "SET LOCAL lock_timeout = '5s';\n", "-- +lexigram no-transaction\n"
	for _, c := range []struct {
		d          sqldb.Dialect
		text, want string
	}{
		{pg, "CREATE TABLE t (a int NOT NULL); CREATE INDEX i ON t (a); ALTER TABLE t ALTER a TYPE bigint; ALTER TABLE t DROP COLUMN a; DROP TABLE t", ""},
		{pg, `CREATE TABLE "T" (a int); CREATE UNIQUE INDEX ON "T" (a)`, ""},
		{pg, "INSERT INTO t VALUES ('ALTER TABLE t DROP COLUMN a'); UPDATE t SET a = 1", ""},
		{pg, bounded + "ALTER TABLE t ADD COLUMN a int; ALTER TABLE t ADD a int DEFAULT 7, ADD b timestamptz NOT NULL DEFAULT now()", ""},
		{pg, bounded + "CREATE INDEX i ON t (a)", "2:blocking-index"},
		{pg, bounded + "CREATE UNIQUE INDEX IF NOT EXISTS i ON ONLY s.t (a)", "2:blocking-index"},
		{pg, bounded + "DROP INDEX i", "2:blocking-index"},
		{pg, "LOCK TABLE t", "1:no-lock-timeout"},
		{pg, "CREATE TRIGGER x BEFORE UPDATE ON t EXECUTE FUNCTION f()", "1:no-lock-timeout"},
		{pg, "CREATE OR REPLACE CONSTRAINT TRIGGER x AFTER UPDATE ON t EXECUTE FUNCTION f()", "1:no-lock-timeout"},
		{pg, "CREATE FUNCTION f() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE OR REPLACE FUNCTION index(trigger int) RETURNS TABLE (a int) BEGIN ATOMIC SELECT 1; END", ""},
		{pg, "CREATE FUNCTION f() RETURNS TABLE (a int) AS 'x' LANGUAGE sql; DROP TABLE a", "1:drop-table 1:no-lock-timeout"},
		{pg, "CREATE EVENT TRIGGER x ON ddl_command_start EXECUTE FUNCTION f()", ""},
		{pg, "CREATE UNLOGGED TABLE t (a int); CREATE UNIQUE INDEX i ON t (a)", ""},
		{pg, "CREATE TABLE t (a int); CREATE INDEX i ON t (a); DROP INDEX i", ""},
		{pg, "CREATE INDEX CONCURRENTLY i ON t (a)", "1:index-in-transaction 1:invalid-index"},
		{pg, outside + "CREATE INDEX CONCURRENTLY i ON t (a)", "2:invalid-index"},
		{pg, outside + "DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON t (a)", ""},
		{pg, "VACUUM t", "1:index-in-transaction"},
		{pg, outside + "VACUUM FULL t", "2:rewrite"},
		{pg, "ALTER TABLE t ADD COLUMN a int", "1:no-lock-timeout"},
		{pg, "SELECT set_config('lock_timeout', '5s', true);\nALTER TABLE t ADD COLUMN a int", ""},
		{pg, "TRUNCATE t;\nLOCK TABLE t;\nCREATE TRIGGER x BEFORE UPDATE ON t EXECUTE FUNCTION f()", "1:no-lock-timeout"}, // once for a file
		{pg, bounded + "ALTER TABLE t ALTER COLUMN a SET DATA TYPE bigint", "2:rewrite"},
		{pg, bounded + "ALTER TABLE t ALTER type TYPE bigint USING (a, b)", "2:rewrite"},
		{pg, bounded + "ALTER TABLE t ADD COLUMN a uuid NOT NULL DEFAULT gen_random_uuid()", "2:rewrite"},
		{pg, bounded + "ALTER TABLE t ADD COLUMN a bigserial", "2:rewrite"},
		{pg, bounded + "ALTER TABLE t ADD a int GENERATED ALWAYS AS (b + 1) STORED", "2:rewrite"},
		{pg, bounded + "ALTER TABLE t SET TABLESPACE x; CLUSTER t", "2:rewrite 2:rewrite"},
		{pg, bounded + "ALTER TABLE t ALTER a SET NOT NULL", "2:scan"},
		{pg, bounded + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0), ADD FOREIGN KEY (a) REFERENCES u (a)", "2:scan 2:scan"},
		{pg, bounded + "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c", ""},
		{pg, bounded + "ALTER TABLE t ADD PRIMARY KEY USING INDEX i; ALTER TABLE t ADD UNIQUE (a)", "2:scan"},
		{pg, bounded + "ALTER TABLE t ADD COLUMN a int NOT NULL", "2:not-null"},
		{pg, bounded + "ALTER TABLE IF EXISTS ONLY s.t DROP COLUMN IF EXISTS a, DROP b, DROP CONSTRAINT c", "2:drop-column 2:drop-column"},
		{pg, bounded + "DROP TABLE IF EXISTS t", "2:drop-table"},
		{pg, bounded + "ALTER TABLE t RENAME a TO b; ALTER TABLE t RENAME TO u", "2:rename 2:rename"},
		{lite, "ALTER TABLE t ADD a int NOT NULL; ALTER TABLE t DROP COLUMN a; DROP TABLE t; ALTER TABLE t RENAME TO u", "1:not-null 1:drop-column 1:drop-table 1:rename"},
		{lite, "CREATE INDEX i ON t (a); ALTER TABLE [t] ADD `a` int DEFAULT (random())", ""},
		{pg, bounded + "-- +lexigram allow drop-column, rename\nALTER TABLE t DROP a;\nALTER TABLE t DROP b", "4:drop-column"},
		{pg, bounded + "ALTER TABLE t\n-- +lexigram allow drop-column\nDROP a", ""},
		{pg, "-- +goose Up\nCREATE TABLE t (a int);\n-- +goose Down\nDROP TABLE t", ""},
	} {
		if got := rulesOf(t, c.d, c.text); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.d, c.text, got, c.want)
		}
	}
}

// Pieces of statements are no reason to panic.
func TestLintPieces(t *testing.T) {
	for _, text := range []string{
		"ALTER TABLE", "ALTER TABLE t", "ALTER TABLE t ADD", "ALTER TABLE t ALTER", "ALTER TABLE t ALTER COLUMN", "ALTER TABLE t ,", "ALTER TABLE s.", "DROP TABLE", "DROP INDEX",
		"CREATE INDEX", "CREATE INDEX CONCURRENTLY", "CREATE TABLE", "TRUNCATE", "LOCK", "LOCK TABLE", "VACUUM", "CREATE TRIGGER", "DROP INDEX IF EXISTS", "SET lock_timeout",
	} {
		for _, d := range []sqldb.Dialect{sqldb.Postgres, sqldb.SQLite} {
			if _, err := migrate.Lint(d, set("s", "0001_a.sql", text)); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

func ExampleLint() {
	warnings, err := migrate.Lint(sqldb.Postgres, set("example/users", "0001_age.sql", "ALTER TABLE users ADD COLUMN age int NOT NULL;"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range warnings {
		fmt.Printf("%s:%d: %s\n", w.Name, w.Line, w.Rule)
	}
	// Output:
	// 0001_age.sql:1: not-null
	// 0001_age.sql:1: no-lock-timeout
}
