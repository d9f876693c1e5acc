package sqlstate

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of the store, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{Source: "lexigram-sql/sqlstate", FS: func(d sqldb.Dialect) (fs.FS, error) {
		switch d {
		case sqldb.SQLite, sqldb.Postgres:
			return fs.Sub(files, "migrations/"+string(d))
		}
		return nil, state.Err.Wrap(errors.ErrUnsupported, "sqlstate: dialect %q is neither sqlite nor postgres", d)
	}}
}
