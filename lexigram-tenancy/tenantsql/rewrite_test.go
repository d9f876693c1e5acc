package tenantsql

import (
	"strconv"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

func TestRewrite(t *testing.T) {
	both := []sqldb.Dialect{sqldb.Postgres, sqldb.SQLite}
	pg, lite := both[:1], both[1:]
	for _, c := range []struct {
		sql      string
		n        int
		want     string // "" if it is refused
		dialects []sqldb.Dialect
	}{
		{"SELECT 1 WHERE tenant = $tenant", 0, "SELECT 1 WHERE tenant = $1", both},
		{"SELECT $1 WHERE tenant=$tenant AND x=$2 OR $tenant=$1", 2, "SELECT $1 WHERE tenant=$3 AND x=$2 OR $3=$1", both},
		{"SELECT $tenant;", 0, "SELECT $1;", both},
		{"SELECT $tenant ; -- done\n /* $tenant */ ", 0, "SELECT $1 ; -- done\n /* $tenant */ ", both},
		{"SELECT CAST($tenant AS text)", 0, "SELECT CAST($1 AS text)", both},
		{"SELECT '$tenant', $tenant, \"$tenant\"", 0, "SELECT '$tenant', $1, \"$tenant\"", both},
		{"SELECT 'it''s $tenant', $tenant", 0, "SELECT 'it''s $tenant', $1", both},
		{"SELECT $$ $tenant $$, $tenant", 0, "SELECT $$ $tenant $$, $1", pg},
		{"SELECT $tenant$ ' $tenant$, $tenant", 0, "SELECT $tenant$ ' $tenant$, $1", pg},
		{`SELECT E'\'$tenant', $tenant`, 0, `SELECT E'\'$tenant', $1`, pg},
		{`SELECT '\', $tenant, '$tenant'`, 0, `SELECT '\', $1, '$tenant'`, both},
		{"SELECT /* /* */ $tenant */ $tenant", 0, "SELECT /* /* */ $tenant */ $1", pg},
		{"SELECT /* /* */ $tenant", 0, "SELECT /* /* */ $1", lite},
		{"SELECT [$tenant], `'$tenant`, $tenant", 0, "SELECT [$tenant], `'$tenant`, $1", lite},
		{"SELECT a[$tenant]", 0, "SELECT a[$1]", pg},
		{"SELECT -- $tenant\r$tenant", 0, "SELECT -- $tenant\r$1", pg},

		{"SELECT 1", 0, "", both},
		{"", 0, "", both},
		{"SELECT '$tenant'", 0, "", both},
		{"SELECT \"$tenant\"", 0, "", both},
		{"SELECT 1 -- $tenant", 0, "", both},
		{"SELECT 1 -- \r$tenant", 0, "", lite},
		{"SELECT 1 /* $tenant */", 0, "", both},
		{"SELECT a$tenant", 0, "", both},
		{"SELECT 1$tenant", 0, "", both},
		{"SELECT é$tenant", 0, "", both},
		{"SELECT $tenants", 0, "", both},
		{"SELECT $Tenant", 0, "", both},
		{"SELECT $tenant$", 0, "", both},
		{"SELECT $tenant$x, $tenant", 0, "", both},
		{"SELECT $tenant::text", 0, "", lite},
		{"SELECT $tenant(x)", 0, "", lite},
		{"SELECT $1$tenant, $tenant", 1, "", both},
		{"SELECT $$ $tenant", 0, "", both},
		{"SELECT $$ $tenant $$", 0, "", pg},
		{"SELECT E'\\' $tenant'", 0, "", pg},
		{"SELECT E'a'\n'\\' || $tenant --'", 0, "", pg},
		{"SELECT '$tenant", 0, "", both},
		{"SELECT $tenant '", 0, "", both},
		{"SELECT $tenant /*", 0, "", both},
		{"DELETE FROM a WHERE t = $tenant; DELETE FROM a", 0, "", both},
		{"DELETE FROM a; SELECT $tenant", 0, "", both},
		{";;SELECT $tenant", 0, "", both},
		{"SELECT $tenant, $1", 0, "", both},
		{"SELECT $tenant, $2", 1, "", both},
		{"SELECT $tenant, $0", 1, "", both},
		{"SELECT $tenant, $x", 1, "", both},
		{"SELECT $tenant, $ 1", 1, "", both},
		{"SELECT 1 -- \x00\n, $tenant", 0, "", both},
		{"SELECT $tenant", sqldb.MaxParams, "", both},
		{"SELECT [$tenant]", 0, "", lite},
		{"SELECT `$tenant`", 0, "", lite},
	} {
		for _, d := range c.dialects {
			got, err := rewrite(c.sql, d, c.n)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("%s: %q with %d\n got %q, %v\nwant %q", d, c.sql, c.n, got, err, c.want)
			}
		}
	}
}

// FuzzRewrite checks that a statement that passes is the one that was given
// but for $tenant, and that it has the same tokens when it is read again.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{
		"SELECT $1 FROM t WHERE tenant = $tenant", "'$tenant' \"x\" $$a$$ $q$b$q$ -- c\n/* d /* e */ */ [f] `g` E'\\'' $tenant;", "$tenant$x$tenant$",
		"'''' E'''\\\\' $tenant", "é$tenant 1$tenant $tenant", "--\r$tenant\n",
	} {
		f.Add(s, true, 2)
		f.Add(s, false, 0)
	}
	f.Fuzz(func(t *testing.T, sql string, postgres bool, n int) {
		n = max(0, n) % 10
		d := sqldb.SQLite
		if postgres {
			d = sqldb.Postgres
		}
		out, err := rewrite(sql, d, n)
		if err != nil {
			return
		}
		before, after := tokens(sql, d), tokens(out, d)
		if len(before) != len(after) {
			t.Fatalf("%q has %d tokens, %q has %d", sql, len(before), out, len(after))
		}
		changed := 0
		for i, tok := range before {
			if tok == "$tenant" {
				changed++
				tok = "$" + strconv.Itoa(n+1)
			}
			if after[i] != tok {
				t.Fatalf("token %d of %q is %q, was %q", i, out, after[i], before[i])
			}
		}
		if changed == 0 {
			t.Fatalf("%q passed without $tenant", sql)
		}
	})
}

func tokens(sql string, d sqldb.Dialect) (all []string) {
	for lex := sqllex.New(sql, d); ; {
		tok, ok := lex.Next()
		if !ok {
			return all
		}
		// $tenant is two tokens, what it becomes is one
		if k := len(all) - 1; tok.Kind == sqllex.Word && k >= 0 && all[k] == "$" {
			all[k] += tok.Text
			continue
		}
		all = append(all, tok.Text)
	}
}

func BenchmarkRewrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rewrite("SELECT id, title, created FROM documents WHERE tenant = $tenant AND folder = $1 AND title <> '' ORDER BY created LIMIT $2", sqldb.Postgres, 2); err != nil {
			b.Fatal(err)
		}
	}
}
