package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// hears are the goroutines that listen. They end with the DB.
type hears struct {
	ctx    context.Context // ends with the DB; no other carries it
	cancel context.CancelFunc
	mu     sync.Mutex
	closed bool
	all    sync.WaitGroup
}

func newHears() *hears {
	h := &hears{}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	return h
}

func (h *hears) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.cancel()
	h.all.Wait()
}

// start runs f, or returns false because the DB is closed.
func (h *hears) start(f func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		h.all.Go(f)
	}
	return !h.closed
}

// Listen implements [sqldb.Listener], each time on a connection of its own
// that is not one of the pool. Through a pooler it is errors.ErrUnsupported. A
// server that cannot be reached is an error at first, and waited for later.
func (db *DB) Listen(ctx context.Context, channel string) (<-chan struct{}, error) {
	if err := checkChannel(channel); err != nil {
		return nil, err
	}
	if db.router.pooled {
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "postgres: listen through a pooler in transaction mode")
	}
	e := &ear{config: db.config, statement: "LISTEN " + pgx.Identifier{channel}.Sanitize(), wake: make(chan struct{}, 1)}
	conn, err := e.connect(ctx)
	if err != nil {
		return nil, wrap(ctx, err, "listen")
	}
	ctx, cancel := context.WithCancel(sqldb.Detach(ctx))
	stop := context.AfterFunc(db.hears.ctx, cancel)
	started := db.hears.start(func() {
		defer cancel()
		defer stop()
		defer close(e.wake)
		e.run(ctx, conn)
	})
	if !started {
		stop()
		cancel()
		hangUp(conn)
		return nil, sqldb.ErrUnavailable.Wrap(errors.New("the database is closed"), "postgres: listen")
	}
	return e.wake, nil
}

// Notify implements [sqldb.Listener].
func (db *DB) Notify(ctx context.Context, channel string) error {
	if err := checkChannel(channel); err != nil {
		return err
	}
	_, err := db.Exec(ctx, "SELECT pg_notify($1, '')", channel)
	return err
}

func checkChannel(name string) error {
	if name == "" || len(name) > 63 || strings.IndexByte(name, 0) >= 0 {
		return sqldb.ErrArgument.Wrap(nil, "postgres: channel %.70q: a name has 1 to 63 bytes, none of them NUL", name)
	}
	return nil
}

// An ear listens to one channel.
type ear struct {
	config    Config
	statement string
	wake      chan struct{}
}

// connect returns a connection that listens.
func (e *ear) connect(ctx context.Context) (*pgx.Conn, error) {
	e.config.StatementTimeout = 0
	pc, err := poolConfig(e.config, e.config.URL.Reveal())
	if err != nil {
		return nil, err
	}
	cc := pc.ConnConfig
	cc.Tracer = nil
	cc.BuildContextWatcherHandler = func(pg *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: pg.Conn()} // waiting is no statement to cancel
	}
	ctx, cancel := context.WithTimeout(ctx, e.config.ConnectTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cc)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, e.statement); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

// run listens until ctx ends, on conn first.
func (e *ear) run(ctx context.Context, conn *pgx.Conn) {
	for {
		e.hear(ctx, conn)
		hangUp(conn)
		if conn = e.reconnect(ctx); conn == nil {
			return
		}
		e.notify() // of what came meanwhile
	}
}

// silence is how long nothing may be heard before the server is asked whether it is there.
const silence = 30 * time.Second

// hear returns when the connection is lost or ctx ends.
func (e *ear) hear(ctx context.Context, conn *pgx.Conn) {
	for ctx.Err() == nil {
		waiting, cancel := context.WithTimeout(ctx, silence)
		_, err := conn.WaitForNotification(waiting)
		cancel()
		switch {
		case err == nil:
			e.notify()
		case conn.IsClosed():
			return
		case ctx.Err() == nil:
			asking, cancel := context.WithTimeout(ctx, e.config.ConnectTimeout)
			err := conn.Ping(asking)
			cancel()
			if err != nil {
				return
			}
		}
	}
}

// reconnect tries until it has a connection, or returns nil when ctx has ended.
func (e *ear) reconnect(ctx context.Context) *pgx.Conn {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		if ctx.Err() != nil {
			return nil
		}
		conn, err := e.connect(ctx)
		if err == nil {
			return conn
		}
		t := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}

func (e *ear) notify() {
	select {
	case e.wake <- struct{}{}:
	default: // one is on its way
	}
}

// hangUp closes a connection that nobody needs any more.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // there is nothing left to lose
}
