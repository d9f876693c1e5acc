package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func openRules() []Rule {
	return []Rule{
		{"open a database", "Open returns the database of p, with connections of its own. It is no part of this one", openApart(func(name string) sqldb.Place { return sqldb.Place{Database: name, Create: true} })},
		{"open a schema", "Open returns the database of p, with connections of its own. It is no part of this one", openApart(func(name string) sqldb.Place { return sqldb.Place{Schema: name, Create: true} })},
		{"open what is not there", "Create: make it if it is not there", openMissing},
		{"open no name", "Names are 1 to 63 letters, digits, underscores and hyphens; any other is ErrArgument", openNoName},
	}
}

func (e *env) open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	o, ok := e.db.(sqldb.Opener)
	if !ok {
		return nil, errSkip
	}
	db, err := o.Open(ctx, p)
	return db, able(err)
}

func placeName() string { return fmt.Sprintf("Lexigram-test_%016x", rand.Uint64()) }

// openApart returns a check that two places hold tables of one name apart.
func openApart(place func(name string) sqldb.Place) func(context.Context, *env) error {
	return func(ctx context.Context, e *env) (err error) {
		name, err := e.numbers(ctx)
		if err != nil {
			return err
		}
		for n := range 2 {
			p := place(placeName())
			for again := range 2 {
				if err := e.fill(ctx, p, name, n, again); err != nil {
					return err
				}
			}
			defer func() { err = errors.Join(err, e.dropPlace(ctx, p)) }()
		}
		return e.want(ctx, name)
	}
}

// fill opens p, makes the table if it is opened the first time, and looks at it if again.
func (e *env) fill(ctx context.Context, p sqldb.Place, table string, n, again int) (err error) {
	db, err := e.open(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(), db.Close()) }()
	there := &env{db: db, tick: e.tick}
	if again > 0 {
		return there.want(ctx, table, int64(n))
	}
	return e.db.InTx(ctx, func(ctx context.Context) error { // which the other one is no part of
		_, err := db.Exec(ctx, "CREATE TABLE "+table+" (n bigint NOT NULL PRIMARY KEY)")
		if err != nil {
			return err
		}
		return there.insert(ctx, table, n)
	})
}

// dropPlace removes what a server would keep.
func (e *env) dropPlace(ctx context.Context, p sqldb.Place) error {
	if e.db.Dialect() != sqldb.Postgres {
		return nil
	}
	sql := "DROP DATABASE " + sqldb.QuoteName(p.Database) + " WITH (FORCE)"
	if p.Schema != "" {
		sql = "DROP SCHEMA " + sqldb.QuoteName(p.Schema) + " CASCADE"
	}
	_, err := e.db.Exec(ctx, sql)
	return err
}

func openMissing(ctx context.Context, e *env) error {
	for _, p := range []sqldb.Place{{Database: placeName()}, {Schema: placeName()}} {
		db, err := e.open(ctx, p)
		if err == nil {
			return errors.Join(fmt.Errorf("Open(%+v), which is not there, = nil", p), db.Close())
		}
		if errors.Is(err, errSkip) {
			if p.Schema != "" {
				return nil
			}
			return err
		}
		if err := wantIs("Open of what is not there", err, sqldb.Err); err != nil {
			return err
		}
	}
	return nil
}

func openNoName(ctx context.Context, e *env) error {
	if _, ok := e.db.(sqldb.Opener); !ok {
		return errSkip
	}
	for _, name := range []string{"", "a/b", "..", `a"b`, "a b", "é"} {
		db, err := e.open(ctx, sqldb.Place{Database: name, Create: true})
		if err == nil {
			err = db.Close()
		}
		if errors.Is(err, errSkip) {
			return err
		}
		if err := wantIs(fmt.Sprintf("Open of the database %q", name), err, sqldb.ErrArgument); err != nil {
			return err
		}
	}
	return nil
}
