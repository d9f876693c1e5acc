package sqlwatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// explaining is how long Explain may take.
const explaining = 5 * time.Second

// Explain returns the plan that the database has for a statement, a line each,
// and does not run it. It takes a connection of its own, in a read-only
// transaction outside that of ctx, for 5 seconds at most, and is not watched.
// What writes, or is not one SELECT, VALUES or WITH, is [sqldb.ErrArgument], before
// anything is sent; so is a placeholder without an argument.
func (d *DB) Explain(ctx context.Context, sql string, args ...any) ([]string, error) {
	if err := explainable(sql, d.Dialect(), len(args)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(sqldb.Detach(ctx), explaining, errors.New("sqlwatch: explain: no plan within 5s"))
	defer cancel()
	var line string
	verb, dest := "EXPLAIN ", []any{&line}
	if d.Dialect() == sqldb.SQLite {
		var n int64 // what the tree of the plan is made of
		verb, dest = "EXPLAIN QUERY PLAN ", []any{&n, &n, &n, &line}
	}
	var plan []string
	err := d.inner.InTx(ctx, func(ctx context.Context) error {
		plan = nil
		for l, err := range sqldb.Select(ctx, d.inner, func(r sqldb.Rows) (string, error) {
			err := r.Scan(dest...)
			return line, err
		}, verb+sql, args...) {
			if err != nil {
				return err
			}
			plan = append(plan, l)
		}
		return nil
	}, sqldb.ReadOnly(), sqldb.MaxAttempts(1))
	if err != nil {
		return nil, err
	}
	return plan, nil
}

// writing are the words that a statement to explain must not have outside quotes.
var writing = [...]string{"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "REPLACE"}

func explainable(sql string, d sqldb.Dialect, args int) error {
	first, ended := true, false
	for lex := sqllex.New(sql, d); ; {
		t, ok := lex.Next()
		switch {
		case !ok && first:
			return refused("the statement is empty")
		case !ok:
			return nil
		case t.Blank():
			continue
		case ended:
			return refused("there are several statements: explain one")
		case first && !slices.ContainsFunc([]string{"SELECT", "VALUES", "WITH"}, t.Is):
			return refused(fmt.Sprintf("a statement that begins with %q may write: only SELECT, VALUES and WITH are explained", strings.ToUpper(t.Text)))
		case slices.ContainsFunc(writing[:], t.Is):
			return refused("a statement with the word " + strings.ToUpper(t.Text) + " may write: only those that read are explained")
		case t.Number() > args:
			return refused(t.Text + " has no argument: pass those of the statement")
		}
		first, ended = false, t.Kind == sqllex.Symbol && t.Text == ";"
	}
}

func refused(why string) error {
	return sqldb.ErrArgument.Wrap(errors.New(why), "sqlwatch: explain")
}
