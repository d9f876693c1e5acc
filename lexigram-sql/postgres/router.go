package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// router runs statements on any connection of the pool, or of a replica.
type router struct {
	pool     *pgxpool.Pool
	pooled   bool // by a pooler that may give each statement or transaction another connection
	marks    bool // the server tells the numbers of transactions
	judge    judge
	loads    loads
	tracer   pgx.QueryTracer // or nil
	replicas *replicas       // nil without any
}

var (
	_ sqldriver.Driver = (*router)(nil)
	_ sqldriver.Setter = (*router)(nil)
)

func (r *router) Dialect() sqldb.Dialect { return sqldb.Postgres }

func (r *router) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	if err := single(sql); err != nil {
		return nil, err
	}
	if rows, asked, err := r.fromReplica(ctx, nil, sql, args); asked {
		return rows, err
	}
	return again(ctx, "query", func() (sqldb.Rows, error) {
		raw, err := r.pool.Query(ctx, sql, args...)
		rows, err := begin(ctx, raw, err)
		if err != nil {
			return nil, err
		}
		return rows, nil
	})
}

func (r *router) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	if err := single(sql); err != nil {
		return 0, err
	}
	return again(ctx, "exec", func() (int64, error) {
		tag, err := r.pool.Exec(ctx, sql, args...)
		return affected(tag), err
	})
}

func (r *router) QuerySet(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (sqldb.Rows, error) {
	if err := single(sql); err != nil {
		return nil, err
	}
	if rows, asked, err := r.fromReplica(ctx, settings, sql, args); asked {
		return rows, err
	}
	return again(ctx, "query", func() (sqldb.Rows, error) { return r.querySet(ctx, r.pool, settings, sql, args) })
}

// querySet runs a statement on a connection that the rows give back.
func (r *router) querySet(ctx context.Context, pool *pgxpool.Pool, settings []sqldb.Setting, sql string, args []any) (sqldb.Rows, error) {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := (&session{conn: c, tracer: r.tracer}).query(ctx, settings, sql, args)
	if err != nil {
		c.Release()
		return nil, err
	}
	rows.done = c.Release
	return rows, nil
}

func (r *router) ExecSet(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (int64, error) {
	if err := single(sql); err != nil {
		return 0, err
	}
	return again(ctx, "exec", func() (int64, error) {
		c, err := r.pool.Acquire(ctx)
		if err != nil {
			return 0, err
		}
		defer c.Release()
		return (&session{conn: c, tracer: r.tracer}).exec(ctx, settings, sql, args)
	})
}

// again sends a statement once more if its prepared form was refused.
func again[T any](ctx context.Context, op string, send func() (T, error)) (T, error) {
	for n := 1; ; n++ {
		v, err := send()
		if err == nil {
			return v, nil
		}
		if n == maxTries || !stalePlan(err) {
			var zero T
			return zero, wrap(ctx, err, op)
		}
	}
}

// maxTries is how often a statement is sent that was refused because the
// tables changed under its prepared form, and with BEGIN if the connection was dead.
// Other statements are sent once: pgconn.SafeToRetry is no proof that the
// server did not run one, because a connection that dies while a simple query
// is answered looks like one that was dead before.
const maxTries = 3

// Begin takes a connection. The transaction begins with its first statement,
// which is sent to another connection if that one is dead.
func (r *router) Begin(ctx context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	c, err := r.pool.Acquire(ctx)
	if err != nil {
		return nil, wrap(ctx, err, "begin")
	}
	return newTx(r, c, o, false), nil
}

func beginStatement(o sqldriver.BeginOptions) string {
	sql := "BEGIN"
	switch o.Isolation {
	case sqldb.ReadCommitted:
		sql += " ISOLATION LEVEL READ COMMITTED"
	case sqldb.RepeatableRead:
		sql += " ISOLATION LEVEL REPEATABLE READ"
	case sqldb.Serializable:
		sql += " ISOLATION LEVEL SERIALIZABLE"
	}
	if o.ReadOnly {
		sql += " READ ONLY"
	}
	return sql
}

// single refuses several statements in one text, which pgx would run if they
// have no arguments, and other databases would not; and a NUL, where the
// protocol has the text end.
func single(sql string) error {
	if strings.IndexByte(sql, 0) >= 0 {
		return sqldb.Err.Wrap(errors.New("a NUL byte"), "postgres: statement")
	}
	if !strings.Contains(sql, ";") {
		return nil
	}
	var b body
	ended := false
	for lex := sqllex.New(sql, sqldb.Postgres); ; {
		t, ok := lex.Next()
		switch {
		case !ok:
			return nil
		case t.Blank():
		case t.Text == ";" && b.depth == 0:
			ended = true
		case ended:
			return sqldb.Err.Wrap(errors.New("several statements in one call"), "postgres: statement")
		default:
			b.token(t)
		}
	}
}

// A body finds the BEGIN ATOMIC … END of a routine, whose semicolons are its own.
type body struct {
	any, create, begin bool // a token came; the first was CREATE; the one before was BEGIN
	depth              int
}

func (b *body) token(t sqllex.Token) {
	if !b.any {
		b.any, b.create = true, t.Is("CREATE")
	}
	switch {
	case !b.create:
	case t.Is("ATOMIC") && b.begin, t.Is("CASE") && b.depth > 0:
		b.depth++
	case t.Is("END") && b.depth > 0:
		b.depth--
	}
	b.begin = t.Is("BEGIN")
}

// affected leaves out the rows of a SELECT.
func affected(tag pgconn.CommandTag) int64 {
	if tag.Insert() || tag.Update() || tag.Delete() || strings.HasPrefix(tag.String(), "MERGE") {
		return tag.RowsAffected()
	}
	return 0
}
