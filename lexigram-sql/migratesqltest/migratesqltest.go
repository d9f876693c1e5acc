// Package migratesqltest checks package migrate on a real database.
package migratesqltest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// Run checks package migrate on the databases that open returns, which may be
// the same one each time: names of tables are drawn at random, and the tables
// are dropped. open registers its own cleanup on t.
func Run(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, *env){
		"applies once, in order":   applies,
		"several statements":       severalStatements,
		"a failure leaves nothing": failureLeavesNothing,
		"changed files":            changedFiles,
		"out of order":             outOfOrder,
		"newer records":            newerRecords,
		"sources are apart":        sourcesApart,
		"ConcurrentSafe":           concurrentSafe,
		"cancelled":                cancelled,
		"joins no transaction":     joinsNoTransaction,
		"generated migrations":     generated,

		"the way back":                          wayBack,
		"the way back refuses":                  wayBackRefuses,
		"the way back fails":                    wayBackFails,
		"functions in Go":                       functions,
		"dependencies":                          dependencies,
		"drift":                                 drift,
		"ready":                                 ready,
		"hostile files":                         hostile,
		"nothing pending":                       nothingPending,
		"one applies, the other waits":          waiting,
		"outside a transaction":                 outside,
		"leases":                                leased,
		"outside a transaction, ConcurrentSafe": outsideConcurrentSafe,
		"a lost race":                           lostRace,
		"others, meanwhile":                     meanwhile,
		"a lease that was taken":                leaseTaken,
		"many databases":                        fleet,
		"many databases, some are left":         fleetStops,
		"a lease of the dead":                   crashed,
	} {
		t.Run(name, func(t *testing.T) { check(t, newEnv(t, open(t))) })
	}
}

// env is one test's own corner of a database.
type env struct {
	db    sqldb.DB
	table string // of records
	name  string // prefix of tables, TABLE in the files
}

func newEnv(t *testing.T, db sqldb.DB) *env {
	id := fmt.Sprintf("%016x", rand.Uint64())
	e := &env{db: db, table: "lexigram_mig_" + id, name: "lexigram_mt_" + id}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		for _, table := range []string{e.table, e.table + "_lease", e.name + "_b", e.name + "_a", e.name + "_log"} {
			if _, err := db.Exec(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
				t.Error(err)
			}
		}
	})
	return e
}

// set makes migrations of files given as name, text, name, text, …
func (e *env) set(source string, files ...string) sqldb.Migrations {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(files[i+1], "TABLE_", e.name+"_"))}
	}
	return sqldb.Migrations{Source: source, FS: func(sqldb.Dialect) (fs.FS, error) { return fsys, nil }}
}

func (e *env) migrator(t *testing.T, sets ...sqldb.Migrations) *migrate.Migrator {
	t.Helper()
	var c clocktest.Fake
	c.Advance(10 * time.Hour)
	m, err := migrate.New(e.db, migrate.Options{Table: e.table, Clock: &c}, sets...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// up applies and returns the names of what was applied.
func up(t *testing.T, m *migrate.Migrator) string {
	t.Helper()
	applied, err := m.Up(t.Context())
	if err != nil {
		t.Error(err)
	}
	return names(applied)
}

func names(all []migrate.Migration) string {
	var s []string
	for _, m := range all {
		s = append(s, m.Source+"/"+m.Name)
	}
	return strings.Join(s, " ")
}

func (e *env) count(t *testing.T, table string) (n int64) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), e.db, "SELECT count(*) FROM "+e.name+"_"+table).Scan(&n); err != nil {
		t.Error(err)
	}
	return n
}

const (
	createA = "CREATE TABLE TABLE_a (n bigint NOT NULL PRIMARY KEY);"
	insertA = "INSERT INTO TABLE_a (n) VALUES (1); INSERT INTO TABLE_a (n) VALUES (2)"
)

func applies(t *testing.T, e *env) {
	set := e.set("s", "0002_insert.sql", insertA, "0001_create.sql", createA, "0001_create.down.sql", "DROP TABLE TABLE_a", "readme.md", "x")
	m := e.migrator(t, set)
	if pending, err := m.Pending(t.Context()); err != nil || names(pending) != "s/0001_create.sql s/0002_insert.sql" {
		t.Errorf("pending: %s, %v", names(pending), err)
	}
	if got := up(t, m); got != "s/0001_create.sql s/0002_insert.sql" {
		t.Errorf("applied %s", got)
	}
	if got := up(t, e.migrator(t, set)); got != "" || e.count(t, "a") != 2 {
		t.Errorf("applied again: %q, and %d rows", got, e.count(t, "a"))
	}
	records, err := m.Applied(t.Context())
	if err != nil || len(records) != 2 {
		t.Fatalf("%+v, %v", records, err)
	}
	r := records[1]
	if r.Source != "s" || r.Version != 2 || r.Name != "0002_insert.sql" || len(r.Checksum) != 64 || r.AppliedAt.Format(time.RFC3339) != "2000-01-01T10:00:00Z" {
		t.Errorf("%+v", r)
	}
	if got := up(t, e.migrator(t, e.set("s", "0001_create.sql", strings.ReplaceAll(createA, "\n", "\r\n"), "0002_insert.sql", insertA, "0003_more.sql", "INSERT INTO TABLE_a (n) VALUES (3)"))); got != "s/0003_more.sql" {
		t.Errorf("applied %s", got)
	}
}

func severalStatements(t *testing.T, e *env) {
	trigger := `CREATE TRIGGER TABLE_t AFTER INSERT ON TABLE_a BEGIN
			INSERT INTO TABLE_log VALUES (CASE WHEN NEW.n > 1 THEN 'more; ' ELSE 'one' END);
			INSERT INTO TABLE_log VALUES ('end;');
		END;`
	if e.db.Dialect() == sqldb.Postgres {
		trigger = `CREATE FUNCTION TABLE_f() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
				INSERT INTO TABLE_log VALUES (CASE WHEN NEW.n > 1 THEN 'more; ' ELSE 'one' END);
				INSERT INTO TABLE_log VALUES ('end;');
				RETURN NEW;
			END $f$;
			CREATE TRIGGER TABLE_t AFTER INSERT ON TABLE_a FOR EACH ROW EXECUTE FUNCTION TABLE_f();`
	}
	m := e.migrator(t, e.set("s", "0001_all.sql", `-- a comment; with a semicolon
		`+createA+`/* another; */
		CREATE TABLE TABLE_log (line text);
		`+trigger+`
		;;
		INSERT INTO TABLE_a (n) VALUES (1), (2) -- the end`))
	if got := up(t, m); got != "s/0001_all.sql" || e.count(t, "log") != 4 {
		t.Errorf("applied %q, %d lines", got, e.count(t, "log"))
	}
	if e.db.Dialect() == sqldb.Postgres {
		t.Cleanup(func() {
			if _, err := e.db.Exec(context.WithoutCancel(t.Context()), "DROP FUNCTION "+e.name+"_f CASCADE"); err != nil {
				t.Error(err)
			}
		})
	}
}

func failureLeavesNothing(t *testing.T, e *env) {
	m := e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_bad.sql", "INSERT INTO TABLE_a (n) VALUES (1); CREATE TABLE TABLE_b (n bigint);\nINSERT INTO TABLE_a (n) VALUES (1)"))
	applied, err := m.Up(t.Context())
	if !errors.Is(err, sqldb.ErrUnique) || !errors.Is(err, migrate.Err) || !strings.HasPrefix(err.Error(), "migrate: s 0002_bad.sql: statement 3: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
	if names(applied) != "s/0001_create.sql" || e.count(t, "a") != 0 {
		t.Errorf("applied %s, and %d rows are there", names(applied), e.count(t, "a"))
	}
	if got := up(t, e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_bad.sql", "CREATE TABLE TABLE_b (n bigint)"))); got != "s/0002_bad.sql" {
		t.Errorf("after it was mended: %s", got)
	}
}

func changedFiles(t *testing.T, e *env) {
	up(t, e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA)))
	changed := e.set("s", "0001_create.sql", createA+" ", "0002_insert.sql", insertA)
	_, err := e.migrator(t, changed).Up(t.Context())
	if !errors.Is(err, migrate.ErrChanged) || !strings.Contains(err.Error(), "s 0001_create.sql") {
		t.Errorf("a changed file: %v", err)
	}
}

func outOfOrder(t *testing.T, e *env) {
	up(t, e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA)))
	if _, err := e.db.Exec(t.Context(), "DELETE FROM "+e.table+" WHERE version = 1"); err != nil {
		t.Fatal(err)
	}
	_, err := e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA)).Up(t.Context())
	if !errors.Is(err, migrate.ErrOrder) || !strings.Contains(err.Error(), "s 0001_create.sql") {
		t.Errorf("a file whose successor was applied: %v", err)
	}
}

func newerRecords(t *testing.T, e *env) {
	up(t, e.migrator(t, e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA)))
	if got := up(t, e.migrator(t, e.set("s", "0001_create.sql", createA))); got != "" {
		t.Errorf("an older program applied %s", got)
	}
}

func sourcesApart(t *testing.T, e *env) {
	a, b := e.set("a", "0001_create.sql", createA), e.set("b", "0001_create.sql", "CREATE TABLE TABLE_b (n bigint)")
	if got := up(t, e.migrator(t, b)); got != "b/0001_create.sql" {
		t.Errorf("applied %s", got)
	}
	if got := up(t, e.migrator(t, b, a)); got != "a/0001_create.sql" {
		t.Errorf("applied %s", got)
	}
}

func concurrentSafe(t *testing.T, e *env) {
	set := e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA, "0003_more.sql", "INSERT INTO TABLE_a (n) VALUES (3)")
	race(t, []*migrate.Migrator{e.migrator(t, set), e.migrator(t, set), e.migrator(t, set), e.migrator(t, set)}, 3)
	if n := e.count(t, "a"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}

// race has all migrators apply at once; together they apply want files.
func race(t *testing.T, all []*migrate.Migrator, want int) {
	t.Helper()
	var wg sync.WaitGroup
	counts := make([]int, len(all))
	for i, m := range all {
		wg.Go(func() {
			applied, err := m.Up(t.Context())
			if err != nil {
				t.Error(err)
			}
			counts[i] = len(applied)
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	if sum != want {
		t.Errorf("files applied by each: %v, want %d in all", counts, want)
	}
}

func cancelled(t *testing.T, e *env) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := e.migrator(t, e.set("s", "0001_create.sql", createA))
	if applied, err := m.Up(ctx); !errors.Is(err, context.Canceled) || len(applied) != 0 {
		t.Errorf("%s, %v", names(applied), err)
	}
	if got := up(t, m); got != "s/0001_create.sql" {
		t.Errorf("afterwards: %s", got)
	}
}

// joinsNoTransaction: an outer transaction that rolls back takes no migration with it.
func joinsNoTransaction(t *testing.T, e *env) {
	m := e.migrator(t, e.set("s", "0001_create.sql", createA))
	own := errors.New("own")
	var applied []migrate.Migration
	var uerr error
	err := e.db.InTx(t.Context(), func(ctx context.Context) error {
		applied, uerr = m.Up(ctx)
		return own
	})
	if !errors.Is(err, own) || uerr != nil && !errors.Is(uerr, sqldb.ErrTxBusy) {
		t.Fatal(err, uerr)
	}
	records, err := m.Applied(t.Context())
	if err != nil || len(records) != len(applied) {
		t.Errorf("%d applied, %d records, %v", len(applied), len(records), err)
	}
}
