package sqllock

import (
	"embed"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

//go:embed migrations fences
var files embed.FS

// Migrations returns the table of leases, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations { return phrase.Tables(source, files, "migrations") }

// FenceMigrations returns the table of [Guard], which is in the database that the
// guarded transactions write to.
func FenceMigrations() sqldb.Migrations { return phrase.Tables(source+"/fences", files, "fences") }

const source = "lexigram-sql/sqllock"
