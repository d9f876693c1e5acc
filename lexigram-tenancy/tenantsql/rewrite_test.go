package tenantsql

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
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
