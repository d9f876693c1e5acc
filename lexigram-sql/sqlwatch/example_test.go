package sqlwatch_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

func Example() {
	var db sqldb.DB = &fake{rows: 1} // in production: sqlite.Open, postgres.Open …
	log, err := sqlwatch.NewLog(sqlwatch.LogOptions{Slow: 200 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	db, err = sqlwatch.New(db, sqlwatch.Options{Logger: log})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = db.Exec(context.Background(), "UPDATE users SET email = 'ada@example.com' WHERE id = $1", 7)
	fmt.Println(err)
	for _, e := range log.Recent(1) {
		fmt.Println(e.SQL, e.Rows, len(e.Args))
	}
	// Output:
	// <nil>
	// update users set email = ? where id = ? 1 0
}
