package stdsql

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Drivers run all of a text, of which sqldriver looks at the first statement: what
// comes after it could end a transaction.
func TestOneStatement(t *testing.T) {
	for d, texts := range map[sqldb.Dialect]map[string]bool{
		sqldb.SQLite: {
			"SELECT 1;": true, "SELECT 1; COMMIT": false, "CREATE TABLE t (trigger INTEGER); COMMIT": false,
			"CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; SELECT NEW.end; END;":      true,
			"CREATE TEMP TRIGGER a AFTER INSERT ON t WHEN CASE 1 WHEN 1 THEN 1 END BEGIN SELECT 1; END; COMMIT": false,
		},
		sqldb.Postgres: {
			"CREATE FUNCTION f(begin int) RETURNS int LANGUAGE sql AS $$ SELECT 1; $$; COMMIT": false,
			"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;": true,
			"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; COMMIT":               false,
			"CREATE TRIGGER a BEFORE UPDATE ON t EXECUTE FUNCTION f(); COMMIT":                 false,
		},
	} {
		for text, one := range texts {
			if _, err := parse(text, d); (err == nil) != one {
				t.Errorf("%s: %q: %v", d, text, err)
			}
		}
	}
}
