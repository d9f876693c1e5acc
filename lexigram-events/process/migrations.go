package process

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of sagas, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{
		Source: "lexigram-events/process",
		FS: func(d sqldb.Dialect) (fs.FS, error) {
			switch d {
			case sqldb.SQLite, sqldb.Postgres:
				return fs.Sub(files, "migrations/"+string(d))
			}
			return nil, saga.Err.Wrap(errors.ErrUnsupported, "process: dialect %q is neither sqlite nor postgres", d)
		},
	}
}
