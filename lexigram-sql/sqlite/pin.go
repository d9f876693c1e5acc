package sqlite

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// A pin is the writer, lent. Whoever writes meanwhile waits.
type pin struct {
	router *router
	conn   *conn
}

var (
	_ sqldriver.Pinner = (*router)(nil)
	_ sqldriver.Pin    = (*pin)(nil)
)

func (d *router) Pin(ctx context.Context) (sqldriver.Pin, error) {
	c, err := d.writer.get(ctx)
	if err != nil {
		return nil, err
	}
	return &pin{router: d, conn: c}, nil
}

func (p *pin) Query(ctx context.Context, sql string, args []any) (rows sqldb.Rows, err error) {
	st, err := p.router.parsed.parse(sql)
	if err != nil {
		return nil, err
	}
	err = retryBusy(ctx, p.router.busy, func() error {
		rows, err = p.conn.query(ctx, st, args, func() {})
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func (p *pin) Exec(ctx context.Context, sql string, args []any) (n int64, err error) {
	st, err := p.router.parsed.parse(sql)
	if err != nil {
		return 0, err
	}
	err = retryBusy(ctx, p.router.busy, func() error {
		n, err = p.conn.exec(ctx, st, args)
		return err
	})
	return n, err
}

func (p *pin) Begin(ctx context.Context, o sqldriver.BeginOptions) (sqldriver.Tx, error) {
	begin := "BEGIN IMMEDIATE"
	if o.ReadOnly {
		begin = "BEGIN"
	}
	err := retryBusy(ctx, p.router.busy, func() error { return p.conn.command(ctx, begin) })
	if err != nil {
		return nil, err
	}
	if o.ReadOnly {
		err = p.conn.command(ctx, "PRAGMA query_only = ON")
	}
	t := &tx{conn: p.conn, parsed: p.router.parsed, readOnly: o.ReadOnly}
	if err != nil {
		return nil, abandon(err, t.Rollback(context.WithoutCancel(ctx)))
	}
	return t, nil
}

// Release closes the connection, and with it whatever was left on it.
func (p *pin) Release() {
	p.conn.broken = true
	p.router.writer.put(p.conn)
}
