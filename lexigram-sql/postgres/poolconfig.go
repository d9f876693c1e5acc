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

// poolConfig turns c, which is valid, into pgx's, for the server at url.
func poolConfig(c Config, url string) (*pgxpool.Config, error) {
	pc, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, sqldb.Err.Wrap(parseError(url, err), "postgres: open: url")
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
	cc.Tracer = c.Tracer
	if c.Pooler == transactionPooler {
		cc.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	cc.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler { return &canceller{conn: pg} }
	return pc, nil
}

// setUp makes a new connection scan times in UTC, and notes the timeline of
// its server, without which it stays unknown that a crash undid a commit.
func setUp(ctx context.Context, c *pgx.Conn) error {
	m := c.TypeMap()
	m.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	m.RegisterType(&pgtype.Type{Name: "timestamp", OID: pgtype.TimestampOID, Codec: &pgtype.TimestampCodec{ScanLocation: time.UTC}})
	if c.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheDescribe {
		return nil // behind a pooler it would be another server's soon
	}
	var timeline string
	err := c.QueryRow(ctx, timelineStatement, pgx.QueryExecModeSimpleProtocol).Scan(&timeline)
	if _, refused := errors.AsType[*pgconn.PgError](err); refused {
		return nil // not everything that speaks the protocol has timelines
	}
	c.PgConn().CustomData()[timelineKey] = timeline
	return err
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
