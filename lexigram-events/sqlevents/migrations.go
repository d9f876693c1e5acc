package sqlevents

import (
	"embed"
	"errors"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

//go:embed migrations
var files embed.FS

// Migrations returns the tables of the bus, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return sqldb.Migrations{
		Source: "lexigram-events/sqlevents",
		FS: func(d sqldb.Dialect) (fs.FS, error) {
			switch d {
			case sqldb.SQLite, sqldb.Postgres:
				return fs.Sub(files, "migrations/"+string(d))
			}
			return nil, events.Err.Wrap(errors.ErrUnsupported, "sqlevents: dialect %q is neither sqlite nor postgres", d)
		},
	}
}
