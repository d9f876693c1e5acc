package sqleventstore_test

import (
	"fmt"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/sqleventstore"
)

// The tables are applied by whatever applies migrations in an application.
func ExampleMigrations() {
	m := sqleventstore.Migrations()
	files, err := m.FS(sqldb.SQLite)
	if err != nil {
		fmt.Println(err)
	}
	names, err := fs.Glob(files, "*.sql")
	fmt.Println(m.Source, names, err)
	// Output: lexigram-events/sqleventstore [0001_events.down.sql 0001_events.sql] <nil>
}
