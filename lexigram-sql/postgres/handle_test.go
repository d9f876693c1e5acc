package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

// dbtx is what sqlc generates for pgx v5, with batches and copies.
type dbtx interface {
	Exec(context.Context, string, ...any) (pgconn.CommandTag, error)
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
	CopyFrom(ctx context.Context, tableName pgx.Identifier, columnNames []string, rowSrc pgx.CopyFromSource) (int64, error)
	SendBatch(context.Context, *pgx.Batch) pgx.BatchResults
}

var _ dbtx = postgres.Handle{}

// write runs each way of a handle that writes, one number each.
func write(ctx context.Context, h dbtx, name string) error {
	if _, err := h.Exec(ctx, "INSERT INTO "+name+" VALUES ($1)", 1); err != nil {
		return err
	}
	var n int64
	if err := h.QueryRow(ctx, "INSERT INTO "+name+" VALUES (2) RETURNING n").Scan(&n); err != nil {
		return err
	}
	if _, err := h.CopyFrom(ctx, pgx.Identifier{name}, []string{"n"}, pgx.CopyFromRows([][]any{{int64(3)}})); err != nil {
		return err
	}
	var b pgx.Batch
	b.Queue("INSERT INTO "+name+" SELECT * FROM unnest(CAST($1 AS bigint[]))", []int64{4, 5})
	return h.SendBatch(ctx, &b).Close()
}

func count(t *testing.T, ctx context.Context, db sqldb.Querier, name string) (n int64) {
	t.Helper()
	if err := sqldb.QueryRow(ctx, db, "SELECT count(*) FROM "+name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHandle(t *testing.T) {
	db := open(t)
	h, name, own := db.Handle(), table(t, db, "n bigint PRIMARY KEY"), errors.New("own")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := write(ctx, h, name); err != nil {
			return err
		}
		if n := count(t, ctx, db, name); n != 5 {
			t.Errorf("%d rows in the transaction", n)
		}
		return own
	})
	if !errors.Is(err, own) || count(t, t.Context(), db, name) != 0 {
		t.Errorf("rolled back: %v", err)
	}
	if err := write(t.Context(), h, name); err != nil || count(t, t.Context(), db, name) != 5 {
		t.Errorf("outside: %v", err)
	}
	if err := h.QueryRow(t.Context(), "SELECT n FROM "+name+" WHERE n = 99").Scan(new(int64)); !errors.Is(err, pgx.ErrNoRows) {
		t.Error(err)
	}
}

// What a handle leaves open or fails at is the transaction's business.
func TestHandleInTx(t *testing.T) {
	db := open(t)
	h, name := db.Handle(), table(t, db, "n bigint PRIMARY KEY")
	if err := write(t.Context(), h, name); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		rows, err := h.Query(ctx, "SELECT n FROM "+name)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "SELECT 1"); !errors.Is(err, sqldb.ErrTxBusy) {
			t.Errorf("while rows are open: %v", err)
		}
		if err := h.SendBatch(ctx, &pgx.Batch{}).Close(); !errors.Is(err, sqldb.ErrTxBusy) {
			t.Errorf("a batch while rows are open: %v", err)
		}
		rows.Close()
		if err := h.QueryRow(ctx, "SELECT 'x'").Scan(new(int64)); err == nil {
			t.Error("a text came into a number")
		}
		_, err = db.Exec(ctx, "SELECT 1") // a scan that failed spoils nothing
		if err != nil {
			return err
		}
		_, err = h.Query(ctx, "SELECT n FROM "+name) // left open
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		_, _ = h.Exec(ctx, "INSERT INTO "+name+" VALUES (1)") // swallowed
		return nil
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "23505" {
		t.Errorf("a refused statement: %v", err)
	}
}

// pgx sends a text without arguments as it is, and the server runs all of it:
// what comes behind a semicolon is not looked at.
func TestHandleRefusesSeveral(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 1 })
	h, name, own := db.Handle(), table(t, db, "n bigint PRIMARY KEY"), errors.New("own")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := h.Exec(ctx, "INSERT INTO "+name+" VALUES (1); COMMIT; BEGIN"); err == nil {
			t.Error("a COMMIT behind a semicolon ran")
		}
		return own
	})
	if !errors.Is(err, own) || count(t, t.Context(), db, name) != 0 {
		t.Errorf("rolled back: %v", err)
	}
	if _, err := h.Exec(t.Context(), "SELECT 1; SET search_path = nowhere"); err == nil {
		t.Error("a SET behind a semicolon ran")
	}
	var b pgx.Batch
	b.Queue("SELECT 1; SET search_path = nowhere")
	if err := h.SendBatch(t.Context(), &b).Close(); err == nil {
		t.Error("a SET behind a semicolon ran in a batch")
	}
	var path string
	if err := h.QueryRow(t.Context(), "SHOW search_path;").Scan(&path); err != nil || path == "nowhere" {
		t.Errorf("search_path = %q, %v", path, err)
	}
}
