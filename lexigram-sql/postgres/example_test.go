package postgres_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

// It needs a server, and is compiled only.
func Example() {
	ctx := context.Background()
	db, err := postgres.Open(ctx, postgres.Config{
		URL: config.NewSecret("postgres://app:secret@127.0.0.1:5432/app"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	var name string
	err = db.InTx(ctx, func(ctx context.Context) error {
		return sqldb.QueryRow(ctx, db, "SELECT name FROM users WHERE id = $1", 1).Scan(&name)
	}, sqldb.ReadOnly())
	fmt.Println(name, err)
}

func ExampleOpen() {
	_, err := postgres.Open(context.Background(), postgres.Config{URL: config.NewSecret("postgres://app:secret@db/app?sslmode=loud")})
	fmt.Println(err)
	// Output:
	// postgres: open: url: failed to configure TLS (sslmode is invalid)
}
