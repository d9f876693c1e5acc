package datasqltest_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

func Example_rows() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if _, err := db.Exec(ctx, "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL)"); err != nil {
		fmt.Println(err)
		return
	}

	type user struct {
		ID   int64
		Name string
	}
	ada, err := rowscan.One[user](ctx, db, "INSERT INTO users (id, name) VALUES (:id, :name) RETURNING id, name",
		rowscan.Params{"id": 1, "name": "Ada"})
	fmt.Println(ada, err)
	names, err := rowscan.Collect[string](ctx, db, "SELECT name FROM users WHERE id < $1", 10)
	fmt.Println(names, err)
	// Output:
	// {1 Ada} <nil>
	// [Ada] <nil>
}
