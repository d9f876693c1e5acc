package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// env is what a check works with.
type env struct {
	db     sqldb.DB
	tick   time.Duration
	tables []string
}

// table makes a table and returns its name.
func (e *env) table(ctx context.Context, columns string) (string, error) {
	name := fmt.Sprintf("lexigram_test_%016x", rand.Uint64())
	if _, err := e.db.Exec(ctx, "CREATE TABLE "+name+" ("+columns+")"); err != nil {
		return "", fmt.Errorf("CREATE TABLE: %w", err)
	}
	e.tables = append(e.tables, name)
	return name, nil
}

// drop removes the tables, the newest first.
func (e *env) drop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 200*e.tick)
	defer cancel()
	var err error
	for _, name := range slices.Backward(e.tables) {
		_, derr := e.db.Exec(ctx, "DROP TABLE "+name)
		err = errors.Join(err, derr)
	}
	return err
}

// numbers makes a table of numbers: n, which is a key.
func (e *env) numbers(ctx context.Context, ns ...int) (string, error) {
	name, err := e.table(ctx, "n bigint NOT NULL PRIMARY KEY")
	for _, n := range ns {
		if err == nil {
			err = e.insert(ctx, name, n)
		}
	}
	return name, err
}

func (e *env) insert(ctx context.Context, table string, n int) error {
	affected, err := e.db.Exec(ctx, "INSERT INTO "+table+" (n) VALUES ($1)", n)
	if err == nil && affected != 1 {
		err = fmt.Errorf("INSERT of one row affected %d", affected)
	}
	return err
}

// want returns an error unless the table of numbers holds ns, which are sorted.
func (e *env) want(ctx context.Context, table string, ns ...int64) error {
	got, err := e.all(ctx, table)
	if err == nil && !slices.Equal(got, ns) {
		err = fmt.Errorf("the table holds %v, want %v", got, ns)
	}
	return err
}

func (e *env) all(ctx context.Context, table string) ([]int64, error) {
	var got []int64
	for n, err := range sqldb.Select(ctx, e.db, scanNumber, "SELECT n FROM "+table+" ORDER BY n") {
		if err != nil {
			return nil, err
		}
		got = append(got, n)
	}
	return got, nil
}

func scanNumber(r sqldb.Rows) (n int64, err error) { err = r.Scan(&n); return n, err }

// wantIs returns an error unless err is target.
func wantIs(what string, err, target error) error {
	if !errors.Is(err, target) {
		return fmt.Errorf("%s = %v, want %v", what, err, target)
	}
	return nil
}

// long is a statement that takes much longer than a tick.
const long = "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM s WHERE i < 3000000) SELECT count(*) FROM s"

// errOwn is what a fn of a check returns; a database knows nothing of it.
var errOwn = errors.New("the function's own error")
