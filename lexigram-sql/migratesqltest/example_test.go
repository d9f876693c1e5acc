package migratesqltest_test

import (
	"context"
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

func Example() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	files := fstest.MapFS{"0001_users.sql": {Data: []byte("CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL)")}} // or an embed.FS
	users := sqldb.Migrations{Source: "example/users", FS: func(sqldb.Dialect) (fs.FS, error) { return files, nil }}

	m, err := migrate.New(db, migrate.Options{}, users)
	if err != nil {
		fmt.Println(err)
		return
	}
	applied, err := m.Up(ctx)
	fmt.Println(len(applied), err)
	// Output:
	// 1 <nil>
}
