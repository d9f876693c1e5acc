package sqllock

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations fences
var files embed.FS

// Migrations returns the table of leases, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations { return tables("lexigram-sql/sqllock", "migrations/") }

// FenceMigrations returns the table of [Guard], which is in the database that the
// guarded transactions write to.
func FenceMigrations() sqldb.Migrations { return tables("lexigram-sql/sqllock/fences", "fences/") }

func tables(source, dir string) sqldb.Migrations {
	return sqldb.Migrations{Source: source, FS: func(d sqldb.Dialect) (fs.FS, error) {
		switch d {
		case sqldb.SQLite, sqldb.Postgres:
			return fs.Sub(files, dir+string(d))
		}
		return nil, lock.Err.Wrap(errors.ErrUnsupported, "sqllock: dialect %q is neither sqlite nor postgres", d)
	}}
}
