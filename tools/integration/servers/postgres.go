package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const noPostgres = "PostgreSQL: run make servers, or name a server with LEXIGRAM_TEST_POSTGRES=postgres://user:password@host/database, whose user may create databases"

// Postgres returns the URL of a new, empty database, which is dropped when the
// test ends. All tests of the binary share a server: the one that
// LEXIGRAM_TEST_POSTGRES names, or one that the first caller starts. It loses
// data when the machine crashes (fsync=off) and asks nobody for a password.
func Postgres(t testing.TB) string {
	t.Helper()
	if existing := os.Getenv("LEXIGRAM_TEST_POSTGRES"); existing != "" {
		return database(t, existing)
	}
	if _, err := postgresBin(); err != nil {
		Missing(t, noPostgres, true)
	}
	binary.mustMain(t)
	s, err := binary.sharedPostgres()
	if err != nil {
		t.Fatal(err)
	}
	return s.Database(t)
}

// sharedPostgres starts the server once; later callers get the same one, or
// the same error.
func (s *state) sharedPostgres() (*PostgresServer, error) {
	s.postgres.Lock()
	defer s.postgres.Unlock()
	if s.shared == nil && s.sharedEr == nil {
		s.shared, s.sharedEr = startPostgres("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
		if s.sharedEr == nil {
			s.onStop(s.shared.remove)
		}
	}
	return s.shared, s.sharedEr
}

// A PostgresServer is a server of one test, which may crash and restart it. It
// keeps what it has confirmed. Its methods are for one goroutine at a time.
type PostgresServer struct {
	bin, dir string
	port     int
	args     []string
	proc     *process
}

// NewPostgres starts a server for t alone, with postgres's own args, and stops
// it when t ends. LEXIGRAM_TEST_POSTGRES does not replace it.
func NewPostgres(t testing.TB, args ...string) *PostgresServer {
	t.Helper()
	if _, err := postgresBin(); err != nil {
		Missing(t, noPostgres, true)
	}
	s, err := startPostgres(args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Database creates an empty database, which is dropped when t ends, and returns its URL.
func (s *PostgresServer) Database(t testing.TB) string {
	t.Helper()
	return database(t, s.url())
}

// Crash ends the server at once, without a checkpoint and without a word to
// its clients, so that Start has to recover, and returns when it is gone.
func (s *PostgresServer) Crash() error { return s.proc.stop(syscall.SIGQUIT) }

// Stop closes all connections, rolls back what was not committed and ends the server.
func (s *PostgresServer) Stop() error { return s.proc.stop(syscall.SIGINT) }

// Start starts the server anew after Crash or Stop, on its port and its data.
func (s *PostgresServer) Start() error { return s.run() }

func (s *PostgresServer) url() string {
	return "postgres://postgres@127.0.0.1:" + strconv.Itoa(s.port) + "/postgres?sslmode=disable"
}

// startPostgres makes a database cluster in a temporary directory and serves it.
func startPostgres(args ...string) (*PostgresServer, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		return nil, err
	}
	s := &PostgresServer{bin: bin, dir: dir, args: args}
	if err := errors.Join(give(dir), s.init()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for range 5 { // somebody else may take the port between freePort and bind
		if s.port, err = freePort(); err != nil {
			break
		}
		if err = s.run(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

func (s *PostgresServer) init() error {
	p, err := start(s.dir, filepath.Join(s.bin, "initdb"), "-D", filepath.Join(s.dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	<-p.done
	if p.err != nil {
		return fmt.Errorf("servers: initdb: %w\n%s", p.err, p.tail())
	}
	return nil
}

// run starts postgres and returns when it answers.
func (s *PostgresServer) run() error {
	args := []string{"-D", filepath.Join(s.dir, "data"), "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-k", s.dir, "-c", "max_connections=200"}
	p, err := start(s.dir, filepath.Join(s.bin, "postgres"), append(args, s.args...)...)
	if err != nil {
		return err
	}
	s.proc = p
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.url())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("servers: postgres ended: %w\n%s", p.err, p.tail())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("servers: postgres does not answer: %w\n%s", err, p.tail()), p.stop(syscall.SIGQUIT))
		case <-tick.C:
		}
	}
}

// remove stops the server and deletes its files.
func (s *PostgresServer) remove() error {
	return errors.Join(s.Stop(), os.RemoveAll(s.dir))
}

// postgresBin returns the directory of initdb and postgres, of the newest
// version if there are several.
func postgresBin() (string, error) {
	if name, err := exec.LookPath("initdb"); err == nil {
		if name, err = filepath.EvalSymlinks(name); err != nil {
			return "", err
		}
		return filepath.Dir(name), nil
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		for _, dir := range dirs {
			if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err == nil {
				found = append(found, dir)
			}
		}
	}
	if len(found) == 0 {
		return "", errors.New("servers: initdb is not installed")
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

// version returns the number in a path such as /usr/lib/postgresql/15/bin, 0 if there is none.
func version(dir string) int {
	digits := strings.TrimFunc(dir, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// freePort returns a port of loopback that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// database creates a database on the server of base and returns its URL.
func database(t testing.TB, base string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("servers: LEXIGRAM_TEST_POSTGRES is not a URL") // which err would quote, with the password
	}
	name := "lexigram_" + strings.ToLower(rand.Text())
	if err := exec1(t.Context(), base, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := exec1(ctx, base, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("servers: drop database: %v", err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// exec1 runs one statement on a connection of its own.
func exec1(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}
