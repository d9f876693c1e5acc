package postgres_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

func TestOpenRefuses(t *testing.T) {
	good := config.NewSecret("postgres://u:hunter2@127.0.0.1:1/db")
	for name, c := range map[string]struct {
		config postgres.Config
		text   string
	}{
		"no url":            {postgres.Config{}, "url is empty"},
		"conns":             {postgres.Config{URL: good, MaxConns: -1}, "max_conns"},
		"min over max":      {postgres.Config{URL: good, MaxConns: 2, MinConns: 3}, "min_conns"},
		"timeouts":          {postgres.Config{URL: good, ConnectTimeout: -1}, "connect_timeout is negative"},
		"statement timeout": {postgres.Config{URL: good, StatementTimeout: time.Microsecond}, "statement_timeout"},
		"bouncer":           {postgres.Config{URL: good, StatementTimeout: time.Second, Pooler: "transaction"}, "ALTER ROLE"},
		"pooler":            {postgres.Config{URL: good, Pooler: "pgbouncer"}, "pooler is neither"},
		"replica":           {postgres.Config{URL: good, Replicas: []config.Secret[string]{{}}}, "replicas[0] is empty"},
		"sslmode":           {postgres.Config{URL: config.NewSecret("postgres://u:hunter2@h/db?sslmode=loud")}, "sslmode is invalid"},
		"nonsense":          {postgres.Config{URL: config.NewSecret("hunter2")}, "not a connection string"},
		"port":              {postgres.Config{URL: config.NewSecret("postgres://u:hunter2@h:hunter2/db")}, "not a connection string"},
		"escape":            {postgres.Config{URL: config.NewSecret("postgres://u:hunter2%zz@h/db")}, "not a connection string"},
		"key=value":         {postgres.Config{URL: config.NewSecret("host=h password=hunter2 port=x")}, "not a connection string"},
	} {
		_, err := postgres.Open(t.Context(), c.config)
		if !errors.Is(err, sqldb.Err) || !strings.Contains(err.Error(), c.text) || strings.ContainsAny(err.Error(), "\n\t") {
			t.Errorf("%s: %v", name, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, c.config); strings.Contains(text, "hunter2") {
			t.Errorf("%s: the password shows: %s", name, text)
		}
	}
}

// A port that nobody listens on, and a server that accepts and says nothing.
func TestOpenUnreachable(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, addr := range map[string]net.Addr{"closed": closed.Addr(), "silent": silent.Addr()} {
		start := time.Now()
		_, err := postgres.Open(t.Context(), postgres.Config{
			URL:            config.NewSecret("postgres://u:hunter2@" + addr.String() + "/db?sslmode=disable"),
			ConnectTimeout: 200 * time.Millisecond,
		})
		if !errors.Is(err, sqldb.ErrUnavailable) || strings.ContainsAny(err.Error(), "\n\t") || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "postgres: open: ") && !strings.Contains(err.Error(), "postgres: connect: ") {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}
