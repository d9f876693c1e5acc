package servers

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m) }

func TestPostgresDatabasesAreApart(t *testing.T) {
	for range 3 {
		url := Postgres(t)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE only_here (n int)"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestPostgresIsDropped(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) { url = Postgres(t) })
	if url == "" {
		t.Skip("servers: see inner")
	}
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		t.Errorf("%s is still there: %v", url, conn.Close(t.Context()))
	}
}

func TestNewPostgresKeepsWhatItConfirmed(t *testing.T) {
	s := NewPostgres(t)
	url := s.Database(t)
	if err := exec1(t.Context(), url, "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	if err := s.Crash(); err != nil {
		t.Fatal(err)
	}
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		t.Fatalf("a crashed server answers: %v", conn.Close(t.Context()))
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if n, err := number(t.Context(), url, "SELECT n FROM kept"); n != 7 || err != nil {
		t.Errorf("SELECT n = %d, %v, want 7", n, err)
	}
}

func number(ctx context.Context, url, query string) (n int, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, query).Scan(&n)
	return n, errors.Join(err, conn.Close(ctx))
}

func TestVersion(t *testing.T) {
	for dir, want := range map[string]int{"/usr/lib/postgresql/15/bin": 15, "/usr/pgsql-9/bin": 9, "/bin": 0} {
		if got := version(dir); got != want {
			t.Errorf("version(%s) = %d, want %d", dir, got, want)
		}
	}
}

func TestMissIsCountedAndFailsWhereItCould(t *testing.T) {
	var s state
	for _, c := range []struct {
		can     Installable
		require string
		want    bool
	}{{true, "", false}, {true, "all", true}, {false, "all", false}} {
		if got := s.miss(t, "Thing: buy one", c.can, c.require); got != c.want {
			t.Errorf("miss(%v, %q) = %v", c.can, c.require, got)
		}
	}
	var b strings.Builder
	s.summarise(&b)
	if want := "servers: 3 tests for want of Thing: buy one\n"; b.String() != want {
		t.Errorf("summary %q, want %q", b.String(), want)
	}
}

type exits int

func (e exits) Run() int { return int(e) }

func TestRunStopsInReverseAndSaysWhatFailed(t *testing.T) {
	t.Setenv("LEXIGRAM_REQUIRE", "")
	var order string
	var s state
	s.onStop(func() error { order += "a"; return errors.New("stuck") })
	s.onStop(func() error { order += "b"; return nil })
	var b strings.Builder
	if code := (runner{exits(0), &s, &b}).Run(); code != 1 || order != "ba" || !strings.Contains(b.String(), "stuck") {
		t.Errorf("Run() = %d after %s, said %q", code, order, b.String())
	}
	t.Setenv("LEXIGRAM_REQUIRE", "some")
	if code := (runner{exits(0), &state{}, io.Discard}).Run(); code != 2 {
		t.Errorf("Run() with LEXIGRAM_REQUIRE=some = %d, want 2", code)
	}
}

func TestStartReportsWhatCannotRun(t *testing.T) {
	if _, err := start(t.TempDir(), "/nonexistent/server"); err == nil {
		t.Error("start = nil, want an error")
	}
}
