package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A pipeline is a statement with what goes before and after it, in one round
// trip. Outside a transaction it is one itself. It is pgconn's and not a
// pgx.Batch, which takes 30 allocations more.
type pipeline struct {
	s     *session
	pipe  *pipe
	batch pgconn.Batch
	sql   string

	begins, set, unset, marks bool
	results                   *pgconn.MultiResultReader
	traced                    context.Context // of the tracer
	tag                       pgconn.CommandTag
}

// pipeline returns what has sql sent with settings. A connection has one at a time.
func (s *session) pipeline(settings []sqldb.Setting, sql string) *pipeline {
	pipe := pipeOf(s.conn.Conn())
	p := &pipe.line
	*p = pipeline{s: s, pipe: pipe, sql: sql, set: len(settings) > 0}
	if s.tx != nil { // otherwise settings end with the pipeline
		p.begins, p.unset, p.marks = !s.tx.open, p.set, s.tx.unmarked(sql)
	}
	return p
}

// send returns when what comes before the statement's results has been read.
func (p *pipeline) send(ctx context.Context, settings []sqldb.Setting, sql string, args []any) error {
	c := p.s.conn.Conn()
	if p.s.tracer != nil {
		ctx = p.s.tracer.TraceQueryStart(ctx, c, pgx.TraceQueryStartData{SQL: sql, Args: args})
		p.traced = ctx
	}
	if err := p.queueAll(ctx, c, settings, sql, args); err != nil {
		return p.fail(err)
	}
	p.results = c.PgConn().ExecBatch(ctx, &p.batch)
	if p.begins {
		if err := p.skip(); err != nil {
			return p.fail(err)
		}
		p.s.tx.open = true
	}
	if p.set {
		if err := p.skip(); err != nil {
			return p.fail(err)
		}
	}
	if err := p.next(); err != nil {
		return p.fail(err)
	}
	return nil
}

func (p *pipeline) queueAll(ctx context.Context, c *pgx.Conn, settings []sqldb.Setting, sql string, args []any) error {
	if p.begins {
		p.batch.ExecParams(p.s.tx.begin, nil, nil, nil, nil)
	}
	if p.set {
		text, values := setStatement(settings, p.unset)
		if err := p.queue(ctx, c, text, values); err != nil {
			return err
		}
	}
	if err := p.queue(ctx, c, sql, args); err != nil {
		return err
	}
	if p.unset {
		text, values := resetStatement(settings)
		if err := p.queue(ctx, c, text, values); err != nil {
			return err
		}
	}
	if p.marks {
		return p.queue(ctx, c, markStatement, nil)
	}
	return nil
}

// queue adds one statement.
func (p *pipeline) queue(ctx context.Context, c *pgx.Conn, sql string, args []any) error {
	sd, err := p.pipe.describe(ctx, c.PgConn(), sql)
	if err != nil {
		return err
	}
	b := &p.pipe.build
	if err := b.Build(c.TypeMap(), sd, args); err != nil {
		return err
	}
	if sd.Name == "" {
		p.batch.ExecParams(sql, b.ParamValues, sd.ParamOIDs, b.ParamFormats, b.ResultFormats)
		return nil
	}
	formats := slices.Clone(b.ResultFormats) // which it keeps
	p.batch.ExecStatement(sd, b.ParamValues, b.ParamFormats, formats)
	return nil
}

// next goes to the next result.
func (p *pipeline) next() error {
	if p.results.NextResult() {
		return nil
	}
	if err := p.results.Close(); err != nil {
		return err
	}
	return errors.New("a statement of a pipeline has no result")
}

// skip reads the next result, which is of no interest.
func (p *pipeline) skip() error {
	if err := p.next(); err != nil {
		return err
	}
	_, err := p.results.ResultReader().Close()
	return err
}

// rows returns those of the statement.
func (p *pipeline) rows() pgx.Rows {
	return pgx.RowsFromResultReader(p.s.conn.Conn().TypeMap(), p.results.ResultReader())
}

// trail reads what comes after the results of the statement.
func (p *pipeline) trail() error {
	var err error
	if p.unset {
		err = p.skip()
	}
	if p.marks && err == nil {
		err = p.readMark()
	}
	if cerr := p.results.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return p.fail(err)
	}
	p.end(nil)
	return nil
}

// readMark reads the answer to markStatement.
func (p *pipeline) readMark() error {
	if err := p.next(); err != nil {
		return err
	}
	rr := p.results.ResultReader()
	if rr.NextRow() {
		if v := rr.Values(); len(v) == 3 && len(v[1]) == 8 && len(v[2]) == 8 {
			at := func(b []byte) time.Time { return time.UnixMicro(int64(binary.BigEndian.Uint64(b)) + epoch) }
			p.s.tx.marked(string(v[0]), at(v[1]), at(v[2]))
		}
	}
	_, err := rr.Close()
	return err
}

// fail ends a pipeline with err, and returns that.
func (p *pipeline) fail(err error) error {
	if p.results != nil {
		_ = p.results.Close() // err is the one to tell
	}
	pg := p.s.conn.Conn().PgConn()
	if p.s.tx != nil && !pg.IsClosed() {
		p.s.tx.open = pg.TxStatus() != 'I'
	}
	p.pipe.forget(p.sql, err)
	p.end(err)
	return err
}

// end tells the tracer.
func (p *pipeline) end(err error) {
	if p.traced != nil {
		p.s.tracer.TraceQueryEnd(p.traced, p.s.conn.Conn(), pgx.TraceQueryEndData{CommandTag: p.tag, Err: err})
	}
	*p = pipeline{} // which lives as long as its connection
}

// A pipe is what a connection keeps for its pipelines. Those statements are
// prepared beside the ones that pgx prepares, which it does not share.
type pipe struct {
	known   map[string]*pgconn.StatementDescription
	named   int  // statements so far
	unnamed bool // a pooler may give the next statement another process of the server
	build   pgx.ExtendedQueryBuilder
	line    pipeline
}

// pipeKey is where a connection keeps its pipe.
const pipeKey = "lexigram.pipe"

func pipeOf(c *pgx.Conn) *pipe {
	data := c.PgConn().CustomData()
	p, ok := data[pipeKey].(*pipe)
	if !ok {
		p = &pipe{known: map[string]*pgconn.StatementDescription{}, unnamed: c.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheDescribe}
		data[pipeKey] = p
	}
	return p
}

// maxKnown is how many statements a connection knows, as pgx's own cache does.
const maxKnown = 512

// describe returns what the server says of sql, which is prepared unless there is a pooler.
func (p *pipe) describe(ctx context.Context, pg *pgconn.PgConn, sql string) (*pgconn.StatementDescription, error) {
	if sd, ok := p.known[sql]; ok {
		return sd, nil
	}
	if len(p.known) >= maxKnown {
		if err := p.evict(ctx, pg); err != nil {
			return nil, err
		}
	}
	name := ""
	if !p.unnamed {
		p.named++
		name = "lexigram_" + strconv.Itoa(p.named)
	}
	sd, err := pg.Prepare(ctx, name, sql, nil)
	if err != nil {
		return nil, err
	}
	p.known[sql] = sd
	return sd, nil
}

// evict gives up one statement, whichever.
func (p *pipe) evict(ctx context.Context, pg *pgconn.PgConn) error {
	for sql, sd := range p.known {
		delete(p.known, sql)
		if sd.Name == "" {
			return nil
		}
		return pg.Deallocate(ctx, sd.Name)
	}
	return nil
}

// forget has sql prepared anew after err, if that may mend it. The name is not used again.
func (p *pipe) forget(sql string, err error) {
	if p.unnamed || stalePlan(err) {
		delete(p.known, sql)
	}
}
