package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/process"
)

// Environment of the process of [SagaProcess].
const (
	envSagaTarget = "LEXIGRAM_SAGA_TARGET" // what its open is given
	envSagaID     = "LEXIGRAM_SAGA_ID"     // of the instance
	envSagaDie    = "LEXIGRAM_SAGA_DIE"    // the boundary that it dies at; 0 is none
	envSagaFails  = "LEXIGRAM_SAGA_FAILS"  // whether the last step does
)

// RunSagaKills has a process that runs a saga killed (SIGKILL) before and after
// each of its statements, transactions and steps, and another one go on. Each
// effect comes about exactly once: those of Atomic steps, and those of steps
// that keep their key with the effect in one transaction of their own. target
// names an empty database to open, here and in the process, which is this test
// binary running the test with the name, which calls [SagaProcess] with the same open.
func RunSagaKills(t *testing.T, target, name string, open func(t *testing.T, target string) sqldb.DB) {
	db := open(t, target)
	applyFiles(t, db, process.Migrations(), ".sql")
	_, err := db.Exec(t.Context(), "CREATE TABLE done (id TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (key))")
	must(t, err)
	_, err = db.Exec(t.Context(), "CREATE TABLE counts (id TEXT NOT NULL, step TEXT NOT NULL)")
	must(t, err)
	for _, fails := range []bool{false, true} {
		deaths := 0
		for at := 1; ; at++ {
			id := fmt.Sprintf("%v/%d", fails, at)
			died := sagaLife(t, target, name, id, at, fails)
			if !died {
				break
			}
			deaths++
			if sagaLife(t, target, name, id, 0, fails) {
				t.Fatalf("%s: the second process was killed too", id)
			}
			checkLife(t, db, id, fails)
		}
		t.Logf("the last step fails: %v: %d processes were killed", fails, deaths)
		if deaths < 40 {
			t.Errorf("only %d processes were killed", deaths)
		}
	}
}

func checkLife(t *testing.T, db sqldb.DB, id string, fails bool) {
	t.Helper()
	want := map[string]int{"reserve": 1, "charge": 1, "pack": 1, "ship": 1}
	end := "completed"
	if fails {
		want = map[string]int{"reserve": 1, "charge": 1, "pack": 1, "-pack": 1, "-charge": 1, "-reserve": 1}
		end = "compensated"
	}
	var status string
	must(t, sqldb.QueryRow(t.Context(), db, "SELECT status FROM lexigram_saga WHERE id = $1", id).Scan(&status))
	got := map[string]int{}
	scan := func(r sqldb.Rows) (s string, err error) { return s, r.Scan(&s) }
	for step, err := range sqldb.Select(t.Context(), db, scan, "SELECT step FROM counts WHERE id = $1", id) {
		must(t, err)
		got[step]++
	}
	if status != end || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: it is %s with %v, want %s with %v", id, status, got, end, want)
	}
}

// sagaLife runs a process, and reports whether it was killed.
func sagaLife(t *testing.T, target, name, id string, die int, fails bool) (killed bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+name+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), envSagaTarget+"="+target, envSagaID+"="+id, envSagaDie+"="+strconv.Itoa(die), envSagaFails+"="+strconv.FormatBool(fails))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && !exit.Exited() && ctx.Err() == nil {
		return true
	}
	if err != nil {
		t.Fatalf("%s, to die at %d: %v\n%s", id, die, err, out)
	}
	return false
}

// A reaper kills its process at a boundary.
type reaper struct {
	sqldb.DB
	at, n atomic.Int64
}

func (r *reaper) boundary() {
	if r.n.Add(1) == r.at.Load() {
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // until it comes
	}
}

func (r *reaper) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	r.boundary()
	defer r.boundary()
	return r.DB.Exec(ctx, sql, args...)
}

func (r *reaper) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	r.boundary()
	return r.DB.Query(ctx, sql, args...)
}

func (r *reaper) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	defer r.boundary()
	return r.DB.InTx(ctx, fn, opts...)
}

// hourAhead is a clock an hour ahead: to it every lease has ended.
type hourAhead struct{ clock.System }

func (a hourAhead) Now() time.Time { return a.System.Now().Add(time.Hour) }

// SagaProcess is the process of [RunSagaKills]; elsewhere it skips the test.
func SagaProcess(t *testing.T, open func(t *testing.T, target string) sqldb.DB) {
	target := os.Getenv(envSagaTarget)
	if target == "" {
		t.Skip("is run by RunSagaKills")
	}
	db := &reaper{DB: open(t, target)}
	die, err := strconv.Atoi(os.Getenv(envSagaDie))
	must(t, err)
	opts := process.Options{}
	if die == 0 {
		opts.Clock = hourAhead{}
	}
	s := killedSaga(db, os.Getenv(envSagaFails) == "true")
	m, err := process.New(db, opts, s)
	must(t, err)
	db.at.Store(int64(die))
	id := os.Getenv(envSagaID)
	if err := s.Start(t.Context(), m, id, id); err != nil && !errors.Is(err, saga.ErrExists) {
		t.Fatal(err)
	}
	must(t, m.Handle(t.Context(), sagaEvent("1", id)))
	if _, err := m.Resume(t.Context(), id); err != nil && !errors.Is(err, saga.ErrCompensated) {
		t.Fatal(err)
	}
	_, _ = io.WriteString(os.Stdout, "ended\n")
}

// killedSaga is a saga whose effects are rows of the table counts.
func killedSaga(db *reaper, fails bool) process.Saga[string] {
	count := func(ctx context.Context, step string, c *saga.Call) error {
		_, err := db.Exec(ctx, "INSERT INTO counts (id, step) VALUES ($1, $2)", c.ID, step)
		return err
	}
	keyed := func(step string) func(context.Context, *string, *saga.Call) error {
		return func(ctx context.Context, _ *string, c *saga.Call) error {
			db.boundary()
			defer db.boundary()
			return db.InTx(ctx, func(ctx context.Context) error {
				n, err := db.Exec(ctx, "INSERT INTO done (id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING", c.ID, c.Key)
				if err != nil || n == 0 {
					return err
				}
				return count(ctx, step, c)
			})
		}
	}
	atomic := func(step string) func(context.Context, *string, *saga.Call) error {
		return func(ctx context.Context, _ *string, c *saga.Call) error {
			db.boundary()
			defer db.boundary()
			return count(ctx, step, c)
		}
	}
	last := process.Step[string]{Name: "ship", Do: keyed("ship")}
	if fails {
		last.Do = func(context.Context, *string, *saga.Call) error { return saga.ErrInvalid.Wrap(nil, "sold out") }
		last.Retry = resilience.RetryConfig{MaxAttempts: 2}
	}
	return process.Saga[string]{Name: "killed", Version: 1, Steps: []process.Step[string]{
		{Name: "reserve", Do: keyed("reserve"), Undo: keyed("-reserve")},
		{Name: "charge", Atomic: true, Do: atomic("charge"), Undo: atomic("-charge")},
		{Name: "pack", Await: []string{"go"}, Do: keyed("pack"), Undo: keyed("-pack")},
		last,
	}}
}
