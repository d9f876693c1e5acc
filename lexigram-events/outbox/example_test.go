package outbox_test

import (
	"fmt"
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// The tables are applied by whatever applies migrations in an application.
func ExampleMigrations() {
	m := outbox.Migrations()
	files, err := m.FS(sqldb.Postgres)
	if err != nil {
		fmt.Println(err)
	}
	names, err := fs.Glob(files, "*.sql")
	fmt.Println(m.Source, names, err)
	// Output: lexigram-events/outbox [0001_outbox.down.sql 0001_outbox.sql] <nil>
}
