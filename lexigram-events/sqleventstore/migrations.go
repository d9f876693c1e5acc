package sqleventstore

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the tables of the store, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{
		Source: "lexigram-events/sqleventstore",
		FS: func(d sqldb.Dialect) (fs.FS, error) {
			switch d {
			case sqldb.SQLite, sqldb.Postgres:
				return fs.Sub(files, "migrations/"+string(d))
			}
			return nil, eventstore.Err.Wrap(errors.ErrUnsupported, "sqleventstore: dialect %q is neither sqlite nor postgres", d)
		},
	}
}
