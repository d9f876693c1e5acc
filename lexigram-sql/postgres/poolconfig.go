package postgres

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// poolConfig turns c, which is valid, into pgx's.
func poolConfig(c Config) (*pgxpool.Config, error) {
	pc, err := pgxpool.ParseConfig(c.URL.Reveal())
	if err != nil {
		return nil, sqldb.Err.Wrap(parseError(c.URL.Reveal(), err), "postgres: open: url")
	}
	pc.MaxConns = int32(c.MaxConns)
	pc.MinConns = int32(c.MinConns)
	pc.MaxConnLifetime = c.MaxConnLifetime
	pc.MaxConnLifetimeJitter = c.MaxConnLifetime / 10
	pc.MaxConnIdleTime = c.MaxConnIdleTime
	pc.AfterConnect = setUp

	cc := pc.ConnConfig
	cc.ConnectTimeout = c.ConnectTimeout
	cc.RuntimeParams["application_name"] = c.ApplicationName
	if c.StatementTimeout > 0 {
		cc.RuntimeParams["statement_timeout"] = strconv.FormatInt(c.StatementTimeout.Milliseconds(), 10)
	}
	if c.PgBouncer {
		cc.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	// The server is asked to cancel a statement whose ctx ended, and the
	// connection lives on; only if it does not answer is it closed.
	cc.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: pg, DeadlineDelay: 2 * time.Second}
	}
	return pc, nil
}

// setUp makes a new connection scan times in UTC.
func setUp(_ context.Context, c *pgx.Conn) error {
	m := c.TypeMap()
	m.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	m.RegisterType(&pgtype.Type{Name: "timestamp", OID: pgtype.TimestampOID, Codec: &pgtype.TimestampCodec{ScanLocation: time.UTC}})
	return nil
}

// parseError says what is wrong with a connection string without showing any
// of it: what pgx and net/url say may quote the password.
func parseError(raw string, err error) error {
	general := errors.New(`not a connection string such as "postgres://user:password@host:5432/database?sslmode=verify-full"`)
	u, uerr := url.Parse(raw)
	if uerr != nil || u.User == nil {
		return general
	}
	_, reason, ok := strings.Cut(oneLine(err.Error()), "`: ")
	password, _ := u.User.Password()
	if !ok || password != "" && strings.Contains(reason, password) {
		return general
	}
	return errors.New(reason)
}

// oneLine turns line ends and tabs into spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
