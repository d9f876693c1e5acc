package sqlaudit

import (
	"embed"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

//go:embed migrations
var files embed.FS

// Migrations returns the table of entries, for [sqldb.SQLite] and [sqldb.Postgres].
func Migrations() sqldb.Migrations {
	return phrase.Tables("lexigram-sql/sqlaudit", files, "migrations")
}
