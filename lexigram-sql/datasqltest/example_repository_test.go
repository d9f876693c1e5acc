package datasqltest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
)

type User struct {
	ID      int64
	Name    string
	Age     int
	Version int64
}

var age = repo.NewField("age", func(u User) int { return u.Age })

func Example_repository() {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: sqlite.Memory})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if _, err := db.Exec(ctx, "CREATE TABLE users (id INTEGER PRIMARY KEY, name text NOT NULL, age bigint NOT NULL, version bigint NOT NULL)"); err != nil {
		fmt.Println(err)
		return
	}

	users, err := sqlrepo.New[User, int64](db, sqlrepo.Options{Table: "users", Generated: true, Version: "version", Sort: []string{"name"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ada := User{Name: "Ada", Age: 36}
	fmt.Println(users.Save(ctx, &ada), ada.ID, ada.Version)

	stale := ada
	ada.Age++
	fmt.Println(users.Save(ctx, &ada), ada.Version)
	fmt.Println(errors.Is(users.Save(ctx, &stale), repo.ErrConflict))

	adults := age.Ge(18)
	for u, err := range users.Find(ctx, repo.Query{Where: adults.Filter(), Sort: []repo.Sort{{Field: "name"}}}) {
		fmt.Println(u.Name, err)
	}
	// Output:
	// <nil> 1 1
	// <nil> 2
	// true
	// Ada <nil>
}
