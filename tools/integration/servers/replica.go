package servers

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Replica starts a server that follows s, and stops it when t ends.
func (s *PostgresServer) Replica(t testing.TB) *PostgresServer {
	t.Helper()
	dir, err := os.MkdirTemp("", "postgres")
	if err != nil {
		t.Fatal(err)
	}
	r := &PostgresServer{bin: s.bin, dir: dir, args: s.args}
	if err := errors.Join(give(dir), r.follow(s)); err != nil {
		t.Fatal(errors.Join(err, os.RemoveAll(dir)))
	}
	t.Cleanup(func() {
		if err := r.remove(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// follow copies the files of s, which it then follows, and serves them.
func (r *PostgresServer) follow(s *PostgresServer) error {
	p, err := start(r.dir, filepath.Join(r.bin, "pg_basebackup"), "-D", filepath.Join(r.dir, "data"), "-h", "127.0.0.1", "-p", strconv.Itoa(s.port),
		"-U", "postgres", "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
	if err != nil {
		return err
	}
	<-p.done
	if p.err != nil {
		return fmt.Errorf("servers: pg_basebackup: %w\n%s", p.err, p.tail())
	}
	if r.port, err = freePort(); err != nil {
		return err
	}
	return r.run()
}

// At returns the URL of a database of another server as s has it.
func (s *PostgresServer) At(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		return database // and connecting to it will tell why
	}
	u.Host = "127.0.0.1:" + strconv.Itoa(s.port)
	return u.String()
}
