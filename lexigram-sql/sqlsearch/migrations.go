package sqlsearch

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the tables of the engine, for [sqldb.SQLite], which needs
// FTS5, and [sqldb.Postgres], which needs no extension.
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{
		Source: "lexigram-sql/sqlsearch",
		FS: func(d sqldb.Dialect) (fs.FS, error) {
			switch d {
			case sqldb.SQLite, sqldb.Postgres:
				return fs.Sub(files, "migrations/"+string(d))
			}
			return nil, search.Err.Wrap(errors.ErrUnsupported, "sqlsearch: dialect %q is neither sqlite nor postgres", d)
		},
	}
}
