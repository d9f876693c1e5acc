package sqlsecrets

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of secrets, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{Source: "lexigram-sql/sqlsecrets", FS: func(d sqldb.Dialect) (fs.FS, error) {
		switch d {
		case sqldb.SQLite, sqldb.Postgres:
			return fs.Sub(files, "migrations/"+string(d))
		}
		return nil, security.Err.Wrap(errors.ErrUnsupported, "sqlsecrets: dialect %q is neither sqlite nor postgres", d)
	}}
}
