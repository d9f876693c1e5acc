package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func TestSplit(t *testing.T) {
	const lite, pg = sqldb.SQLite, sqldb.Postgres
	for _, c := range []struct {
		d    sqldb.Dialect
		text string
		want []string
	}{
		{lite, "", nil},
		{lite, " ;; -- only a comment;\n /* ; */ ;", nil},
		{lite, "a;b ; c", []string{"a", "b", "c"}},
		{lite, "-- first\na -- second;\n;b", []string{"a -- second;", "b"}},
		{lite, "INSERT INTO t VALUES (';', \"a;b\", [;], `;`);x", []string{"INSERT INTO t VALUES (';', \"a;b\", [;], `;`)", "x"}},
		{pg, "SELECT $$;$$; SELECT $a$;$b$;$a$", []string{"SELECT $$;$$", "SELECT $a$;$b$;$a$"}},
		{pg, `SELECT E'\';'; x`, []string{`SELECT E'\';'`, "x"}},
		{lite, "CREATE TRIGGER a BEGIN SELECT CASE WHEN 1 THEN 2 END; b; END; c", []string{"CREATE TRIGGER a BEGIN SELECT CASE WHEN 1 THEN 2 END; b; END", "c"}},
		{lite, `CREATE TEMP TRIGGER a WHEN CASE 1 WHEN 1 THEN 1 END BEGIN UPDATE t SET x = NEW.end; END; c`, []string{`CREATE TEMP TRIGGER a WHEN CASE 1 WHEN 1 THEN 1 END BEGIN UPDATE t SET x = NEW.end; END`, "c"}},
		{pg, "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; x", []string{"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "x"}},
		{pg, "CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION f(); x", []string{"CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION f()", "x"}},
		{pg, "CREATE TABLE t (trigger text, begin int); x", []string{"CREATE TABLE t (trigger text, begin int)", "x"}},
		{pg, "CREATE FUNCTION f(begin int) RETURNS int AS $$ $$; x", []string{"CREATE FUNCTION f(begin int) RETURNS int AS $$ $$", "x"}},
		{pg, "CREATE RULE r AS ON INSERT TO a DO (b; c); d", []string{"CREATE RULE r AS ON INSERT TO a DO (b; c)", "d"}},
		{pg, "CREATE TABLE t (a int); SELECT CASE WHEN 1=1 THEN 2 END; x", []string{"CREATE TABLE t (a int)", "SELECT CASE WHEN 1=1 THEN 2 END", "x"}},
	} {
		all, err := split(c.text, c.d)
		got := action{statements: all}.texts()
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %q:\n got %q, %v\nwant %q", c.d, c.text, got, err, c.want)
		}
	}
}

func TestSplitOpen(t *testing.T) {
	for _, text := range []string{"BEGIN; a; COMMIT", "a;\n'b", `"a`, "/* a", "[a"} {
		if got, err := split(text, sqldb.SQLite); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	if _, err := split("a;\nb;\nSELECT $x$ ;", sqldb.Postgres); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Error(err)
	}
}
