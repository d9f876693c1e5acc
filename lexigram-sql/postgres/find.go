package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// findings are what Open learns of a server.
type findings struct {
	pooled bool // something else than the server answers the first message
	marks  bool // transactions have numbers that can be asked for
}

// find asks on a connection of its own, which does not need what a pooler refuses.
func find(ctx context.Context, cc *pgx.ConnConfig) (f findings, err error) {
	delete(cc.RuntimeParams, "statement_timeout")
	cc.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, cc)
	if err != nil {
		return f, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx) // it has told what it had to
	}()
	// A pooler cannot know which process will run a statement, so the number
	// that it gave for cancelling is not that of one.
	var pid int64
	if err := conn.QueryRow(ctx, "SELECT CAST(pg_backend_pid() AS bigint)").Scan(&pid); err != nil {
		return f, err
	}
	f.pooled = uint32(pid) != conn.PgConn().PID()
	_, err = conn.Exec(ctx, markStatement)
	f.marks = err == nil // PostgreSQL 13 and later; without it an unknown commit stays unknown
	return f, ctx.Err()
}
