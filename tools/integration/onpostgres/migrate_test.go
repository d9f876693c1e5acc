package onpostgres

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/migratesqltest"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMigrate(t *testing.T) { migratesqltest.Run(t, open) }

// Behind a pooler no connection is lent, and leases keep others out.
func TestMigratePooler(t *testing.T) {
	migratesqltest.Run(t, func(t *testing.T) sqldb.DB {
		return openWith(t, postgres.Config{URL: config.NewSecret(servers.Postgres(t)), Pooler: "transaction"})
	})
}

func openWith(t testing.TB, c postgres.Config) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// sources makes migrations of files given as name, text, name, text, …
func sources(source string, files ...string) sqldb.Migrations {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return sqldb.Migrations{Source: source, FS: func(sqldb.Dialect) (fs.FS, error) { return fsys, nil }}
}

// An index is built concurrently while other processes wait for the lock: were
// they waiting inside a statement, the build would wait for them, a deadlock.
func TestMigrateIndexConcurrently(t *testing.T) {
	url := servers.Postgres(t)
	for _, pooler := range []string{"none", "transaction"} {
		t.Run(pooler, func(t *testing.T) { indexConcurrently(t, postgres.Config{URL: config.NewSecret(url), Pooler: pooler}) })
	}
	db := openWith(t, postgres.Config{URL: config.NewSecret(url)})
	var deadlocks int64
	err := sqldb.QueryRow(t.Context(), db, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(&deadlocks)
	if err != nil || deadlocks > 0 {
		t.Errorf("%d deadlocks, %v", deadlocks, err)
	}
}

func indexConcurrently(t *testing.T, c postgres.Config) {
	db := openWith(t, c)
	if _, err := db.Exec(t.Context(), "CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) AS n"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i, text := range []string{
		"-- +lexigram no-transaction\nSELECT pg_sleep(0.3);\nDROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON t (n);\nREINDEX INDEX CONCURRENTLY i;",
		"-- +lexigram no-transaction\nANALYZE t;", "INSERT INTO t VALUES (0);", "INSERT INTO t VALUES (0);",
	} {
		m, err := migrate.New(openWith(t, c), migrate.Options{}, sources(fmt.Sprint("s", i), "0001_x.sql", text))
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if done, err := m.Up(t.Context()); err != nil || len(done) != 1 {
				t.Errorf("%d: applied %d, %v", i, len(done), err)
			}
		})
	}
	wg.Wait()
	if _, err := db.Exec(t.Context(), "DROP TABLE t, lexigram_migrations"); err != nil {
		t.Fatal(err)
	}
}

// A file that cannot have its lock in time fails, and leaves nothing.
func TestMigrateLockTimeout(t *testing.T) {
	db := open(t)
	if _, err := db.Exec(t.Context(), "CREATE TABLE t (n bigint)"); err != nil {
		t.Fatal(err)
	}
	m, err := migrate.New(db, migrate.Options{LockTimeout: 50 * time.Millisecond}, sources("s", "0001_add.sql", "CREATE TABLE u (n bigint); ALTER TABLE t ADD COLUMN m bigint"))
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "INSERT INTO t VALUES (1)"); err != nil {
			return err
		}
		begun := time.Now()
		applied, err := m.Up(ctx)
		if err == nil || !strings.Contains(err.Error(), "lock timeout") || len(applied) > 0 || time.Since(begun) > 20*time.Second {
			t.Errorf("applied %d in %v, %v", len(applied), time.Since(begun), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if applied, err := m.Up(t.Context()); err != nil || len(applied) != 1 {
		t.Errorf("applied %d, %v", len(applied), err)
	}
}

// A schema is the whole search path of its files, outside a transaction too.
func TestMigrateSchema(t *testing.T) {
	db := open(t)
	for _, s := range []string{"CREATE TABLE t (n bigint)", `CREATE SCHEMA "Tenant a"`} {
		if _, err := db.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	set := sources("s", "0001_t.sql", "CREATE TABLE t (n bigint);", "0002_i.sql", "-- +lexigram no-transaction\nCREATE INDEX CONCURRENTLY i ON t (n); INSERT INTO t VALUES (1)")
	m, err := migrate.New(db, migrate.Options{Schema: "Tenant a"}, set)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} {
		if applied, err := m.Up(t.Context()); err != nil || len(applied) != want {
			t.Errorf("applied %d, %v, want %d", len(applied), err, want)
		}
	}
	var inside, outside int64
	err = sqldb.QueryRow(t.Context(), db, `SELECT (SELECT count(*) FROM "Tenant a".t), (SELECT count(*) FROM t)`).Scan(&inside, &outside)
	if err != nil || inside != 1 || outside != 0 {
		t.Errorf("%d rows inside, %d outside, %v", inside, outside, err)
	}
	none, err := migrate.New(db, migrate.Options{Schema: "none"}, set)
	if err != nil {
		t.Fatal(err)
	}
	if applied, err := none.Up(t.Context()); err == nil || len(applied) > 0 {
		t.Errorf("without its schema: %d, %v", len(applied), err)
	}
}

// BenchmarkMigrateFleet looks at a thousand schemas in which nothing is pending.
func BenchmarkMigrateFleet(b *testing.B) {
	const n = 1000
	db := openWith(b, postgres.Config{URL: config.NewSecret(servers.Postgres(b))})
	var set []sqldb.Migrations
	for _, source := range []string{"a", "b", "c"} {
		set = append(set, sources(source, "0001_t.sql", "CREATE TABLE "+source+" (n bigint)", "0002_i.sql", "INSERT INTO "+source+" VALUES (1)"))
	}
	var targets iter.Seq2[migrate.Target, error] = func(yield func(migrate.Target, error) bool) {
		for i := range n {
			name := fmt.Sprintf("tenant_%04d", i)
			if !yield(migrate.Target{Name: name, DB: db, Schema: name}, nil) {
				return
			}
		}
	}
	for i := range n {
		if _, err := db.Exec(b.Context(), fmt.Sprintf("CREATE SCHEMA tenant_%04d", i)); err != nil {
			b.Fatal(err)
		}
	}
	begun := time.Now()
	if _, err := migrate.UpAll(b.Context(), targets, migrate.FleetOptions{}, set...); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d schemas, 6 files each, applied in %v", n, time.Since(begun))
	for b.Loop() {
		if _, err := migrate.UpAll(b.Context(), targets, migrate.FleetOptions{}, set...); err != nil {
			b.Fatal(err)
		}
	}
}
