package sqlite_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

func Example() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory}) // or "app.db"
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	err = db.InTx(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "CREATE TABLE users (id bigint PRIMARY KEY, name text)"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "INSERT INTO users (id, name) VALUES ($1, $2)", 1, "Ada")
		return err
	})
	var name string
	if err == nil {
		err = sqldb.QueryRow(ctx, db, "SELECT name FROM users WHERE id = $1", 1).Scan(&name)
	}
	fmt.Println(name, err)
	// Output:
	// Ada <nil>
}
