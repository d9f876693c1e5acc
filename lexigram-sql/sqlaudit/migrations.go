package sqlaudit

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of entries, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{Source: "lexigram-sql/sqlaudit", FS: func(d sqldb.Dialect) (fs.FS, error) {
		switch d {
		case sqldb.SQLite, sqldb.Postgres:
			return fs.Sub(files, "migrations/"+string(d))
		}
		return nil, audit.Err.Wrap(errors.ErrUnsupported, "sqlaudit: dialect %q is neither sqlite nor postgres", d)
	}}
}
