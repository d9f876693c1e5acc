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
	conn *pgxpool.Conn
	tx   *tx // if a transaction is open
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
	mark := s.tx != nil && s.tx.unmarked(sql)
	if len(settings) == 0 && !mark {
		raw, err := s.conn.Query(ctx, sql, args...)
		return begin(ctx, raw, err)
	}
	p := s.send(ctx, settings, sql, args, mark)
	err := p.lead()
	if err != nil {
		return nil, err
	}
	raw, err := p.results.Query()
	r, err := begin(ctx, raw, err)
	if err != nil {
		_ = p.results.Close() // the statement's error is the one to tell
		return nil, err
	}
	r.trail = p.trail
	return r, nil
}

func (s *session) exec(ctx context.Context, settings []sqldb.Setting, sql string, args []any) (int64, error) {
	mark := s.tx != nil && s.tx.unmarked(sql)
	if len(settings) == 0 && !mark {
		tag, err := s.conn.Exec(ctx, sql, args...)
		return affected(tag), err
	}
	p := s.send(ctx, settings, sql, args, mark)
	if err := p.lead(); err != nil {
		return 0, err
	}
	tag, err := p.results.Exec()
	if err != nil {
		_ = p.results.Close() // the statement's error is the one to tell
		return 0, err
	}
	return affected(tag), p.trail()
}

// foreign says that what follows is not seen by the session.
func (s *session) foreign() {
	if s.tx != nil {
		s.tx.blind = true
	}
}

// A pipeline is a statement with what goes before and after it, in one round
// trip. Outside a transaction it is one itself.
type pipeline struct {
	tx                *tx
	results           pgx.BatchResults
	set, unset, marks bool
}

func (s *session) send(ctx context.Context, settings []sqldb.Setting, sql string, args []any, mark bool) *pipeline {
	p := &pipeline{tx: s.tx, set: len(settings) > 0, marks: mark}
	var b pgx.Batch
	inside := s.tx != nil // otherwise they end with the pipeline
	if p.set {
		text, values := setStatement(settings, inside)
		b.Queue(text, values...)
	}
	b.Queue(sql, args...)
	if p.set && inside {
		p.unset = true
		text, values := resetStatement(settings)
		b.Queue(text, values...)
	}
	if mark {
		b.Queue(markStatement)
	}
	p.results = s.conn.SendBatch(ctx, &b)
	return p
}

// lead reads what comes before the statement's results.
func (p *pipeline) lead() error {
	if !p.set {
		return nil
	}
	if _, err := p.results.Exec(); err != nil {
		_ = p.results.Close() // it has the same error
		return err
	}
	return nil
}

// trail reads what comes after them.
func (p *pipeline) trail() error {
	var err error
	if p.unset {
		_, err = p.results.Exec()
	}
	if p.marks && err == nil {
		err = p.tx.marked(p.results.QueryRow())
	}
	if cerr := p.results.Close(); err == nil {
		err = cerr
	}
	return err
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
