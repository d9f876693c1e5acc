package postgresfaults

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/migratesqltest"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// Migrations are kept apart through a pooler in transaction mode, too.
func TestMigratePgBouncer(t *testing.T) {
	db := open(t, servers.PgBouncer(t, servers.Postgres(t), 4))
	migratesqltest.Run(t, func(*testing.T) sqldb.DB { return db })
}

// migrator has one file that makes a table and then calls during.
func migrator(t *testing.T, db sqldb.DB, noTx bool, during func()) *migrate.Migrator {
	t.Helper()
	files := fstest.MapFS{"0001_create.sql": {Data: []byte("CREATE TABLE t (n bigint)")}}
	m, err := migrate.New(db, migrate.Options{}, sqldb.Migrations{
		Source: "s", FS: func(sqldb.Dialect) (fs.FS, error) { return files, nil },
		Funcs: []sqldb.MigrationFunc{{Name: "0002_fill", NoTx: noTx, Up: func(ctx context.Context, db sqldb.DB) error {
			_, err := db.Exec(ctx, "CREATE TABLE IF NOT EXISTS u AS SELECT 1 AS n")
			during()
			if err == nil {
				_, err = db.Exec(ctx, "INSERT INTO u VALUES (2)")
			}
			return err
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A server that crashes within a migration has no record of it, and the next try is clean.
func TestMigrateCrash(t *testing.T) {
	for _, noTx := range []bool{false, true} {
		server := servers.NewPostgres(t)
		db := open(t, server.Database(t))
		applied, err := migrator(t, db, noTx, func() {
			if err := server.Crash(); err != nil {
				t.Error(err)
			}
		}).Up(t.Context())
		if err == nil || len(applied) != 1 {
			t.Errorf("no transaction %v: applied %d, %v", noTx, len(applied), err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		m := migrator(t, db, noTx, func() {})
		if applied, err := m.Up(t.Context()); err != nil || len(applied) != 1 {
			t.Errorf("no transaction %v: applied %d afterwards, %v", noTx, len(applied), err)
		}
		if n := number(t, db, "SELECT count(*) FROM u"); n != 2 {
			t.Errorf("no transaction %v: %d rows", noTx, n)
		}
	}
}

// Whoever loses its connection loses the lock: its migration is not recorded,
// and the one that waited does it.
func TestMigrateTerminated(t *testing.T) {
	for _, noTx := range []bool{false, true} {
		url := servers.Postgres(t)
		first, second := open(t, url), open(t, url)
		waited := make(chan error, 1)
		begun := false
		_, err := migrator(t, first, noTx, func() {
			if begun {
				return
			}
			begun = true
			go func() {
				_, err := migrator(t, second, noTx, func() {}).Up(t.Context())
				waited <- err
			}()
			exec(t, second, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()")
			if err := <-waited; err != nil {
				t.Errorf("no transaction %v: the other one: %v", noTx, err)
			}
		}).Up(t.Context())
		if err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("no transaction %v: the one without its connection: %v", noTx, err)
		}
		records, err := migrator(t, second, noTx, func() {}).Applied(t.Context())
		if err != nil || len(records) != 2 || number(t, second, "SELECT count(*) FROM u") != 2 {
			t.Errorf("no transaction %v: %d records, %v", noTx, len(records), err)
		}
	}
}
