package servers

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const noPgBouncer = "PgBouncer: run make servers"

// PgBouncer starts a pooler in transaction mode before the server of database,
// with so many connections to it, stops it when t ends, and returns the URL of
// the database through it.
func PgBouncer(t testing.TB, database string, connections int) string {
	t.Helper()
	bin, err := pgbouncerBin()
	if err != nil {
		Missing(t, noPgBouncer, true)
	}
	u, err := url.Parse(database)
	if err != nil || u.Port() == "" {
		t.Fatal("servers: the URL of the database lacks a port") // err would quote the password
	}
	dir, err := os.MkdirTemp("", "pgbouncer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	port, err := freePort()
	if err == nil {
		err = errors.Join(give(dir), os.WriteFile(filepath.Join(dir, "pgbouncer.ini"), []byte(pgbouncerConfig(u, port, connections)), 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(dir, bin, filepath.Join(dir, "pgbouncer.ini"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
	u.Host = "127.0.0.1:" + strconv.Itoa(port)
	if err := answers(t.Context(), p, u.String()); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

// answers returns when the pooler does.
func answers(ctx context.Context, p *process, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("servers: pgbouncer ended: %w\n%s", p.err, p.tail())
		case <-ctx.Done():
			return fmt.Errorf("servers: pgbouncer does not answer: %w\n%s", err, p.tail())
		case <-tick.C:
		}
	}
}

func pgbouncerConfig(u *url.URL, port, connections int) string {
	password, _ := u.User.Password()
	if password != "" {
		password = " password=" + password
	}
	return fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = %d
max_client_conn = 500
`, u.Hostname(), u.Port(), u.User.Username(), password, port, connections)
}

func pgbouncerBin() (string, error) {
	if name, err := exec.LookPath("pgbouncer"); err == nil {
		return name, nil
	}
	return exec.LookPath("/usr/sbin/pgbouncer") // where Debian puts it, and PATH may not
}
