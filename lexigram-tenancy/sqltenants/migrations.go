package sqltenants

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of tenants, for SQLite and Postgres; another
// dialect is errors.ErrUnsupported.
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{Source: "lexigram-tenancy/sqltenants", FS: func(d sqldb.Dialect) (fs.FS, error) {
		switch d {
		case sqldb.SQLite, sqldb.Postgres:
			return fs.Sub(files, "migrations/"+string(d))
		}
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "sqltenants: dialect %q", d)
	}}
}
