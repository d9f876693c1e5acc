package postgres

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A session runs statements on one connection.
type session struct {
	conn   *pgxpool.Conn
	tx     *tx             // if it is that of a transaction
	tracer pgx.QueryTracer // or nil
}

var (
	_ sqldriver.Conn   = (*session)(nil)
	_ sqldriver.Setter = (*session)(nil)
)

func (s *session) Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
	return s.QuerySet(ctx, nil, sql, args)
}

func (s *session) Exec(ctx context.Context, sql string, args []any) (int64, error) {
	return s.ExecSet(ctx, nil, sql, args)
}

func (s *session) QuerySet(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (sqldb.Rows, error) {
	if err := single(sql); err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, settings, sql, args)
	if err != nil {
		return nil, wrap(ctx, s.stale(err), "query")
	}
	return rows, nil
}

func (s *session) ExecSet(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (int64, error) {
	if err := single(sql); err != nil {
		return 0, err
	}
	n, err := s.exec(ctx, settings, sql, args)
	return n, wrap(ctx, s.stale(err), "exec")
}

// stale has a transaction repeated that met a stale plan.
func (s *session) stale(err error) error {
	if s.tx == nil {
		return err
	}
	return stale(err)
}

// query returns errors as pgx does.
func (s *session) query(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (*rows, error) {
	if s.alone(settings, sql) {
		raw, err := s.conn.Query(ctx, sql, args...)
		return begin(ctx, raw, err)
	}
	for n := 1; ; n++ {
		r, err := s.queryPiped(ctx, settings, sql, args)
		if err == nil || !s.restart(ctx, n, err) {
			return r, err
		}
	}
}

func (s *session) queryPiped(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (*rows, error) {
	p := s.pipeline(settings, sql)
	if err := p.send(ctx, settings, sql, args); err != nil {
		return nil, err
	}
	r, err := begin(ctx, p.rows(), nil)
	if err != nil {
		return nil, p.fail(err)
	}
	r.trail = p.trail
	return r, nil
}

func (s *session) exec(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (int64, error) {
	if s.alone(settings, sql) {
		tag, err := s.conn.Exec(ctx, sql, args...)
		return affected(tag), err
	}
	for n := 1; ; n++ {
		count, err := s.execPiped(ctx, settings, sql, args)
		if err == nil || !s.restart(ctx, n, err) {
			return count, err
		}
	}
}

func (s *session) execPiped(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (int64, error) {
	p := s.pipeline(settings, sql)
	if err := p.send(ctx, settings, sql, args); err != nil {
		return 0, err
	}
	tag, err := p.results.ResultReader().Close()
	if err != nil {
		return 0, p.fail(err)
	}
	p.tag = tag
	return affected(tag), p.trail()
}

// alone reports whether nothing goes with a statement.
func (s *session) alone(settings []sqldb.Setting, sql string) bool {
	return len(settings) == 0 && (s.tx == nil || s.tx.open && !s.tx.unmarked(sql))
}

// restart has a transaction begin on another connection, if it met one that was
// dead, and reports whether it does. Whatever its first statement did there is
// rolled back: BEGIN came before it.
func (s *session) restart(ctx context.Context, n int, err error) bool {
	return s.tx != nil && n < maxTries && ctx.Err() == nil && (isConnection(err) || s.conn.Conn().IsClosed()) && s.tx.restart(ctx)
}

// foreign begins the transaction for what follows, which is not seen by the session.
func (s *session) foreign(ctx context.Context) error {
	if s.tx == nil {
		return nil
	}
	s.tx.blind = true
	for n := 1; !s.tx.open; n++ {
		_, err := s.conn.Exec(ctx, s.tx.begin)
		if s.tx.open = err == nil; !s.tx.open && !s.restart(ctx, n, err) {
			return wrap(ctx, err, "begin")
		}
	}
	return nil
}

// setStatement sets settings until the transaction ends. Where that is not the
// end of the pipeline, it keeps what they were before, in settings of its own.
func setStatement(settings []sqldb.Setting, keep bool) (string, []any) {
	var kept, set strings.Builder
	values := make([]any, 0, 2*len(settings))
	for i, s := range settings {
		if i > 0 {
			kept.WriteByte(',')
			set.WriteByte(',')
		}
		name, value := "$"+strconv.Itoa(2*i+1), "$"+strconv.Itoa(2*i+2)
		kept.WriteString("set_config('" + keptName + strconv.Itoa(i) + "',COALESCE('=' || current_setting(" + name + ",true),''),true)")
		set.WriteString("set_config(" + name + "," + value + ",true)")
		values = append(values, s.Name, s.Value)
	}
	if !keep {
		return "SELECT " + set.String(), values
	}
	return "WITH kept AS MATERIALIZED (SELECT " + kept.String() + ") SELECT " + set.String() + " FROM kept", values
}

// keptName begins the name of the setting that keeps another one: "=" and its
// value, or "" if it had none.
const keptName = "lexigram.kept"

// resetStatement gives settings the value that the transaction had.
func resetStatement(settings []sqldb.Setting) (string, []any) {
	var b strings.Builder
	values := make([]any, 0, len(settings))
	for i, s := range settings {
		if i > 0 {
			b.WriteByte(',')
		}
		kept := "current_setting('" + keptName + strconv.Itoa(i) + "')"
		b.WriteString("set_config($" + strconv.Itoa(i+1) + ",CASE WHEN " + kept + "='' THEN NULL ELSE substr(" + kept + ",2) END,true)")
		values = append(values, s.Name)
	}
	return "SELECT " + b.String(), values
}
