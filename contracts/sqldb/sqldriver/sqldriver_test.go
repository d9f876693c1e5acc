package sqldriver_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

var errOwn = errors.New("own")

// wantLog fails the test unless f did exactly this since the last time.
func wantLog(t *testing.T, f *fake, want string) {
	t.Helper()
	if got := f.took(); got != want {
		t.Errorf("the driver got\n  %s\nwant\n  %s", got, want)
	}
}

func exec(t *testing.T, ctx context.Context, db sqldb.Querier, sql string) {
	t.Helper()
	if _, err := db.Exec(ctx, sql); err != nil {
		t.Errorf("%s: %v", sql, err)
	}
}

func TestSavepoints(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		exec(t, ctx, db, "a")
		err := db.InTx(ctx, func(ctx context.Context) error { exec(t, ctx, db, "b"); return nil })
		if err != nil {
			return err
		}
		err = db.InTx(ctx, func(ctx context.Context) error { exec(t, ctx, db, "c"); return errOwn })
		if !errors.Is(err, errOwn) {
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantLog(t, f, "BEGIN | a | SAVEPOINT lexigram_1 | b | RELEASE SAVEPOINT lexigram_1 | "+
		"SAVEPOINT lexigram_2 | c | ROLLBACK TO SAVEPOINT lexigram_2 | RELEASE SAVEPOINT lexigram_2 | COMMIT")
}

// What ends a transaction is not cancelled with the caller, but is bounded.
func TestEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{commit: func(ctx context.Context) error {
			<-ctx.Done()
			return sqldb.ErrCommitUnknown.Wrap(ctx.Err(), "fake: commit")
		}}
		db := sqldriver.New(f, sqldriver.Options{EndTimeout: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start, calls := time.Now(), 0
		err := db.InTx(ctx, func(ctx context.Context) error {
			calls++
			sqldb.OnCommit(ctx, func(context.Context) { t.Error("OnCommit of an unknown outcome was called") })
			sqldb.OnRollback(ctx, func(context.Context) { t.Error("OnRollback of an unknown outcome was called") })
			return nil
		})
		if !errors.Is(err, sqldb.ErrCommitUnknown) || time.Since(start) != time.Minute || calls != 1 {
			t.Errorf("%v after %v and %d calls", err, time.Since(start), calls)
		}
		wantLog(t, f, "BEGIN | COMMIT")
	})
}

func TestUnknownCommitIsNotRepeated(t *testing.T) {
	f := &fake{commit: func(context.Context) error {
		return sqldb.ErrCommitUnknown.Wrap(sqldb.ErrSerialization, "fake: commit")
	}}
	db := sqldriver.New(f, sqldriver.Options{})
	if err := db.InTx(t.Context(), func(context.Context) error { return nil }); !errors.Is(err, sqldb.ErrCommitUnknown) {
		t.Error(err)
	}
	wantLog(t, f, "BEGIN | COMMIT")
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.begin = func(sqldriver.BeginOptions) error { return sqldb.ErrSerialization }
		db := sqldriver.New(f, sqldriver.Options{MinBackoff: time.Second, MaxBackoff: 3 * time.Second})
		start := time.Now()
		err := db.InTx(t.Context(), func(context.Context) error { return nil })
		if took := time.Since(start); !errors.Is(err, sqldb.ErrSerialization) || took < 4500*time.Millisecond || took > 9*time.Second {
			t.Errorf("%v after %v, want 4.5 to 9 s: half to all of 1, 2, 3 and 3 s", err, took)
		}
		wantLog(t, f, "BEGIN | BEGIN | BEGIN | BEGIN | BEGIN")

		ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errOwn)
		defer cancel()
		err = db.InTx(ctx, func(context.Context) error { return nil })
		if !errors.Is(err, errOwn) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, sqldb.ErrSerialization) {
			t.Errorf("ctx ended between attempts: %v", err)
		}
	})
}

// A serialization failure that fn swallows is repeated all the same.
func TestSwallowedRaceIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		db := sqldriver.New(f, sqldriver.Options{})
		calls := 0
		f.statement = func(context.Context, string) error {
			if calls == 1 {
				return sqldb.ErrSerialization
			}
			return nil
		}
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			calls++
			_, _ = db.Exec(ctx, "a")
			_, err := db.Exec(ctx, "b")
			return err
		})
		if err != nil || calls != 2 {
			t.Error(err, calls)
		}
		wantLog(t, f, "BEGIN | a | ROLLBACK | BEGIN | a | b | COMMIT")
	})
}

func TestRowsLeftOpen(t *testing.T) {
	f := &fake{rows: []string{"x", "y"}}
	db := sqldriver.New(f, sqldriver.Options{})
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		rows, err := db.Query(ctx, "q")
		if err == nil {
			rows.Next()
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	wantLog(t, f, "BEGIN | q | close rows | COMMIT")

	f.rowsErr = sqldb.ErrUnique
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := db.Query(ctx, "q")
		return err
	})
	if !errors.Is(err, sqldb.ErrUnique) {
		t.Errorf("rows left open that end with an error: %v", err)
	}
	wantLog(t, f, "BEGIN | q | close rows | ROLLBACK")
}

// A statement that still runs when fn returns is waited for, and undoes all.
func TestStatementLeftRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{statement: func(_ context.Context, sql string) error {
			if sql == "slow" {
				time.Sleep(time.Minute)
			}
			return nil
		}}
		db := sqldriver.New(f, sqldriver.Options{})
		done := make(chan error, 1)
		start := time.Now()
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			go func() { _, err := db.Exec(ctx, "slow"); done <- err }()
			synctest.Wait()
			return nil
		})
		if !errors.Is(err, sqldb.ErrTxBusy) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		wantLog(t, f, "BEGIN | slow | ROLLBACK")
	})
}

// A nested InTx that outlives the outer one does nothing any more.
func TestOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		db := sqldriver.New(f, sqldriver.Options{})
		done := make(chan error, 1)
		rolledBack := 0
		err := db.InTx(t.Context(), func(outer context.Context) error {
			go func() {
				done <- db.InTx(outer, func(ctx context.Context) error {
					sqldb.OnRollback(ctx, func(context.Context) { rolledBack++ })
					time.Sleep(time.Minute)
					_, err := db.Exec(ctx, "late")
					if !errors.Is(err, sqldb.ErrTxAborted) {
						t.Errorf("a statement of an orphan: %v", err)
					}
					return nil
				})
			}()
			synctest.Wait()
			return nil
		})
		if !errors.Is(err, sqldb.ErrTxBusy) {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, sqldb.ErrTxAborted) || rolledBack != 1 {
			t.Error(err, rolledBack)
		}
		wantLog(t, f, "BEGIN | SAVEPOINT lexigram_1 | ROLLBACK")
	})
}

// A commit of another database whose outcome is unknown does not make the
// rollback that it causes unknown.
func TestRollbackHooks(t *testing.T) {
	f := &fake{commit: func(context.Context) error { return sqldb.ErrCommitUnknown }}
	unknown, db := sqldriver.New(f, sqldriver.Options{}), sqldriver.New(&fake{}, sqldriver.Options{})
	called := 0
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		sqldb.OnRollback(ctx, func(context.Context) { called++ })
		return unknown.InTx(ctx, func(context.Context) error { return nil })
	})
	if !errors.Is(err, sqldb.ErrCommitUnknown) || called != 1 {
		t.Errorf("%v, called %d times", err, called)
	}
	refused := &fake{commit: func(context.Context) error { return sqldb.ErrUnique }}
	err = sqldriver.New(refused, sqldriver.Options{}).InTx(t.Context(), func(ctx context.Context) error {
		sqldb.OnRollback(ctx, func(context.Context) { called++ })
		return nil
	})
	if !errors.Is(err, sqldb.ErrUnique) || called != 2 {
		t.Errorf("%v, called %d times", err, called)
	}
	defer func() {
		if v, ok := recover().(error); !ok || !errors.Is(v, errs.ErrPanic) || called != 3 {
			t.Errorf("panicked with %v, called %d times", v, called)
		}
	}()
	_ = db.InTx(t.Context(), func(ctx context.Context) error {
		return db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnRollback(ctx, func(context.Context) { called++; panic("hook") })
			panic("fn")
		})
	})
}

func TestContextKept(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	var kept context.Context
	if err := db.InTx(t.Context(), func(ctx context.Context) error { kept = ctx; return nil }); err != nil {
		t.Fatal(err)
	}
	f.took()
	if _, err := db.Exec(kept, "late"); !errors.Is(err, sqldb.ErrTxAborted) {
		t.Errorf("a statement after its InTx returned: %v", err)
	}
	if err := db.InTx(kept, func(context.Context) error { return nil }); !errors.Is(err, sqldb.ErrTxAborted) {
		t.Errorf("an InTx after the outer one returned: %v", err)
	}
	wantLog(t, f, "")
}

func TestGoexitRollsBack(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = db.InTx(t.Context(), func(ctx context.Context) error {
			return db.InTx(ctx, func(context.Context) error { runtime.Goexit(); return nil })
		})
	}()
	<-done
	wantLog(t, f, "BEGIN | SAVEPOINT lexigram_1 | ROLLBACK TO SAVEPOINT lexigram_1 | RELEASE SAVEPOINT lexigram_1 | ROLLBACK")
}

func TestPanicOfDriver(t *testing.T) {
	f := &fake{statement: func(context.Context, string) error { panic("driver") }}
	db := sqldriver.New(f, sqldriver.Options{})
	defer func() {
		if recover() != "driver" {
			t.Error("the panic was lost")
		}
		wantLog(t, f, "BEGIN | a | ROLLBACK")
	}()
	_ = db.InTx(t.Context(), func(ctx context.Context) error { _, err := db.Exec(ctx, "a"); return err })
}

func TestFailures(t *testing.T) {
	refuse := func(bad string) func(context.Context, string) error {
		return func(_ context.Context, sql string) error {
			if strings.HasPrefix(sql, bad) {
				return errors.New("refused")
			}
			return nil
		}
	}
	nested := func(db *sqldriver.DB, fail error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			_ = db.InTx(ctx, func(context.Context) error { return fail }) // swallowed
			return nil
		}
	}
	for name, c := range map[string]struct {
		bad  string
		fail error
		want string // the end of the log
	}{
		"savepoint":   {"SAVEPOINT", nil, "SAVEPOINT lexigram_1 | ROLLBACK"},
		"release":     {"RELEASE", nil, "RELEASE SAVEPOINT lexigram_1 | ROLLBACK"},
		"rollback to": {"ROLLBACK TO", errOwn, "ROLLBACK TO SAVEPOINT lexigram_1 | ROLLBACK"},
	} {
		f := &fake{statement: refuse(c.bad)}
		db := sqldriver.New(f, sqldriver.Options{})
		err := db.InTx(t.Context(), nested(db, c.fail))
		if !errors.Is(err, sqldb.Err) || !strings.HasSuffix(err.Error(), "refused") {
			t.Errorf("%s: %v", name, err)
		}
		if log := f.took(); !strings.HasSuffix(log, c.want) {
			t.Errorf("%s: %s", name, log)
		}
	}
}

func TestRollbackFails(t *testing.T) {
	f := &fake{rollback: func(context.Context) error { return errors.New("connection lost") }}
	db := sqldriver.New(f, sqldriver.Options{})
	err := db.InTx(t.Context(), func(context.Context) error { return errOwn })
	if !errors.Is(err, errOwn) || err.Error() != "own (rollback: connection lost)" {
		t.Error(err)
	}
}

// A database may undo all of a transaction when a statement fails, savepoints
// included. Then the failure is why, and not that the savepoint is gone.
func TestSavepointIsGone(t *testing.T) {
	gone, full := errors.New("no such savepoint"), sqldb.ErrUnavailable.Wrap(errors.New("disk full"), "exec")
	f := &fake{statement: func(_ context.Context, sql string) error {
		switch {
		case sql == "a":
			return full
		case strings.HasPrefix(sql, "ROLLBACK TO"):
			return gone
		}
		return nil
	}}
	db := sqldriver.New(f, sqldriver.Options{})
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		_ = db.InTx(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "a")
			return err
		})
		return nil
	})
	if !errors.Is(err, full) || err.Error() != "exec: disk full (then: sql: rollback to savepoint: no such savepoint)" {
		t.Error(err)
	}
	wantLog(t, f, "BEGIN | SAVEPOINT lexigram_1 | a | ROLLBACK TO SAVEPOINT lexigram_1 | ROLLBACK")
}

func TestErrorText(t *testing.T) {
	f := &fake{statement: func(context.Context, string) error { return sqldb.ErrUnique.Wrap(errors.New("dup"), "fake: exec") }}
	db := sqldriver.New(f, sqldriver.Options{})
	for _, c := range []struct {
		fn   func(ctx context.Context) error
		want string
	}{
		{func(ctx context.Context) error { _, err := db.Exec(ctx, "a"); return fmt.Errorf("save: %w", err) }, "save: fake: exec: dup"},
		{func(ctx context.Context) error { _, _ = db.Exec(ctx, "a"); return nil }, "fake: exec: dup"},
		{func(ctx context.Context) error { _, _ = db.Exec(ctx, "a"); return errOwn }, "own (after fake: exec: dup)"},
		{func(ctx context.Context) error { _, _ = db.Exec(ctx, "a"); _, err := db.Exec(ctx, "b"); return err }, "sql: transaction failed before: fake: exec: dup"},
	} {
		if err := db.InTx(t.Context(), c.fn); err.Error() != c.want || !errors.Is(err, sqldb.ErrUnique) {
			t.Errorf("%q, want %q", err, c.want)
		}
	}
}

func TestSealed(t *testing.T) {
	f := &fake{statement: func(ctx context.Context, _ string) error { return errors.New("bare") }}
	db := sqldriver.New(f, sqldriver.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	if _, err := db.Exec(ctx, "a"); !errors.Is(err, sqldb.Err) || err.Error() != "sql: exec: bare" {
		t.Error(err)
	}
	cancel(errOwn)
	if _, err := db.Query(ctx, "a"); !errors.Is(err, sqldb.Err) || !errors.Is(err, errOwn) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	f.statement = func(context.Context, string) error { return sqldb.ErrUnique }
	if _, err := db.Exec(ctx, "a"); errors.Is(err, errOwn) {
		t.Errorf("what the database refused looks cancelled: %v", err)
	}
}

func TestTransactionControl(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	for _, sql := range []string{"BEGIN", " commit;", "/* x */ ROLLBACK TO a", "-- x\nSavepoint s", "; END", "RELEASE s", "start transaction", "abort", "PREPARE /**/ transaction 'x'", "/* /* */ commit"} {
		if _, err := db.Exec(t.Context(), sql); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, sqldb.Err) {
			t.Errorf("%q: %v", sql, err)
		}
	}
	wantLog(t, f, "")
	exec(t, t.Context(), db, "SELECT 'BEGIN'")
}

// What changes its connection for the statements after it is refused outside
// Pinned, inside a transaction and outside.
func TestConnectionStatements(t *testing.T) {
	for d, statements := range map[sqldb.Dialect]map[string]bool{
		sqldb.Postgres: {
			"SET a.b = 'x'": false, "set session a.b TO 1": false, "SET ROLE x": false, "/* x */ RESET ALL": false, "DISCARD ALL": false,
			"LISTEN c": false, "UNLISTEN *": false, "PREPARE p AS SELECT 1": false, "DEALLOCATE p": false, "LOAD 'x'": false,
			"CREATE TEMP TABLE t (n int)": false, "create local temporary view v AS SELECT 1": false, "CREATE OR REPLACE TEMP VIEW v AS SELECT 'ON COMMIT DROP'": false,
			"CREATE TEMP TABLE t (n int) ON COMMIT DELETE ROWS": false, "CREATE TEMP TABLE t (n int) ON COMMIT DROP": true, "CREATE TABLE temp (temp int)": true,
			"SET local.x = 1": false, "set transaction . x TO 1": false,
			"SET LOCAL a.b = 'x'": true, "SET -- x\n local a.b = 1": true, "SET TRANSACTION READ ONLY": true, "SET CONSTRAINTS ALL DEFERRED": true,
			"UPDATE t SET a = 1": true, "SELECT 'SET a'": true, "EXPLAIN SELECT 1": true, "PRAGMA x = 1": true,
		},
		sqldb.SQLite: {
			"PRAGMA foreign_keys = OFF": false, "pragma main.cache_size(5)": false, "PRAGMA [foreign_keys]=0": false, "PRAGMA \"main\" . 'foreign_keys' = 0": false,
			"EXPLAIN QUERY PLAN PRAGMA foreign_keys = 0": false, "ATTACH 'x' AS x": false, "DETACH DATABASE x": false, "\ufeffPRAGMA foreign_keys = 0": false,
			"CREATE TEMP TABLE t (n)": false, "CREATE TEMPORARY TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END": false, "CREATE TABLE t (temp)": true,
			"PRAGMA query_only = 0": false, "PRAGMA main.query_only(0)": false, "PRAGMA \"QUERY_ONLY\"": false, "PRAGMA [query_only]": false, "pragma 'query_only' = off": false,
			"PRAGMA foreign_keys": true, "PRAGMA table_info(t)": true, "PRAGMA main.user_version = 5": true, "PRAGMA foreign_key_list(query_only)": true,
			"SELECT * FROM pragma_table_info('t')": true, "SET x = 1": true, "PRAGMA": true,
		},
	} {
		f := &fake{dialect: d}
		db := sqldriver.New(f, sqldriver.Options{})
		for sql, good := range statements {
			_, err := db.Exec(t.Context(), sql)
			tx := db.InTx(t.Context(), func(ctx context.Context) error {
				_, err := db.Query(ctx, sql)
				return err
			})
			for _, err := range []error{err, tx} {
				if good != (err == nil) || !good && (!errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, sqldb.Err)) {
					t.Errorf("%s: %q: %v", d, sql, err)
				}
			}
		}
	}
	db := sqldriver.New(&fake{dialect: sqldb.SQLite}, sqldriver.Options{})
	const deferred = "PRAGMA defer_foreign_keys = ON"
	if _, err := db.Exec(t.Context(), deferred); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%s outside a transaction: %v", deferred, err)
	}
	if err := db.InTx(t.Context(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, deferred)
		return err
	}); err != nil {
		t.Error(err)
	}
}

func ExampleNew() {
	db := sqldriver.New(&fake{rows: []string{"Ada"}}, sqldriver.Options{})
	var name string
	err := db.InTx(context.Background(), func(ctx context.Context) error {
		sqldb.OnCommit(ctx, func(context.Context) { fmt.Println("committed") })
		return sqldb.QueryRow(ctx, db, "SELECT name FROM users WHERE id = $1", 1).Scan(&name)
	})
	fmt.Println(name, err)
	// Output:
	// committed
	// Ada <nil>
}
