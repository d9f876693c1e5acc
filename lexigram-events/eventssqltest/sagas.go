package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/saga/sagatest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/process"
)

// RunSagas checks sagas that are kept in a table: the rules of the contract, and
// what package process promises besides, each on a database of its own. open
// returns an empty database and registers its own cleanup on t.
func RunSagas(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Run("contract", func(t *testing.T) {
		sagatest.Run(t, func(t *testing.T) sagatest.Site {
			db := openSagas(t, open)
			return func(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error) {
				return process.New(db, process.Options{Clock: c}, sagas...)
			}
		})
	})
	for name, check := range map[string]func(*testing.T, sqldb.DB){
		"the ambient transaction": sagaJoins,
		"an atomic step":          sagaAtomic,
		"an atomic Undo":          sagaAtomicUndo,
		"workers":                 sagaWorkers,
		"many instances":          sagaMany,
		"retention":               sagaRetention,
		"whatever bytes":          sagaBytes,
		"commands":                sagaCommands,
		"migrations go back":      sagaMigrations,
	} {
		t.Run(name, func(t *testing.T) { check(t, openSagas(t, open)) })
	}
}

func openSagas(t *testing.T, open func(t *testing.T) sqldb.DB) sqldb.DB {
	t.Helper()
	db := open(t)
	applyFiles(t, db, process.Migrations(), ".sql")
	return db
}

func manager(t *testing.T, db sqldb.DB, o process.Options, sagas ...saga.Saga) *process.Manager {
	t.Helper()
	m, err := process.New(db, o, sagas...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, m saga.Inspector, id string) saga.Status {
	t.Helper()
	in, err := m.Show(t.Context(), id)
	if errors.Is(err, saga.ErrNotFound) {
		return ""
	}
	must(t, err)
	return in.Status
}

func sagaEvent(id, about string) events.Event {
	return events.Event{ID: id, Source: "/test", Type: "go", Headers: map[string]string{events.HeaderCorrelation: about}}
}

// sagaJoins begins, feeds and cancels instances in transactions that are rolled back, and that commit.
func sagaJoins(t *testing.T, db sqldb.DB) {
	s := process.Saga[int]{Name: "s", Version: 1, On: []string{"begin"}, Steps: []process.Step[int]{{Name: "a", Await: []string{"go"}}, {Name: "b", Await: []string{"go"}}}}
	m := manager(t, db, process.Options{}, s)
	boom := errors.New("boom")
	for _, fail := range []error{boom, nil} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			begin := sagaEvent("0", "j")
			begin.Type, begin.Data = "begin", []byte("1")
			must(t, s.Start(ctx, m, "i", 1), m.Handle(ctx, begin), m.Handle(ctx, sagaEvent("1", "i")))
			if in, err := m.Show(ctx, "i"); err != nil || in.Status != saga.Running {
				t.Errorf("in its transaction it is %s, %v", in.Status, err)
			}
			return fail
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
		want := saga.Running
		if fail != nil {
			want = ""
		}
		if a, b := status(t, m, "i"), status(t, m, "j"); a != want || b != want {
			t.Errorf("with the error %v the instances are %q and %q", fail, a, b)
		}
	}
	if in, err := m.Resume(t.Context(), "i"); err != nil || in.Status != saga.Waiting || in.Steps[0].Status != saga.Done {
		t.Errorf("it is %+v, %v", in, err)
	}
	_ = db.InTx(t.Context(), func(ctx context.Context) error {
		must(t, m.Cancel(ctx, "i", "no"), m.Handle(ctx, sagaEvent("2", "i")))
		return boom
	})
	if in, err := m.Resume(t.Context(), "i"); err != nil || in.Status != saga.Waiting {
		t.Errorf("after a Cancel and an event that were rolled back it is %+v, %v", in, err)
	}
}

// effects is a table of what steps did.
func effects(t *testing.T, db sqldb.DB) (all func() string) {
	t.Helper()
	_, err := db.Exec(t.Context(), "CREATE TABLE effects (id TEXT NOT NULL, key TEXT NOT NULL)")
	must(t, err)
	return func() string {
		t.Helper()
		var keys []string
		scan := func(r sqldb.Rows) (k string, err error) { return k, r.Scan(&k) }
		for k, err := range sqldb.Select(t.Context(), db, scan, "SELECT key FROM effects ORDER BY key") {
			must(t, err)
			keys = append(keys, k)
		}
		return strings.Join(keys, " ")
	}
}

func effect(ctx context.Context, db sqldb.DB, c *saga.Call) error {
	_, err := db.Exec(ctx, "INSERT INTO effects (id, key) VALUES ($1, $2)", c.ID, c.Key)
	return err
}

// sagaAtomic has what an Atomic step wrote vanish with each attempt that failed.
func sagaAtomic(t *testing.T, db sqldb.DB) {
	all := effects(t, db)
	var m *process.Manager
	retry := resilience.RetryConfig{MaxAttempts: 3, BaseDelay: time.Millisecond}
	s := process.Saga[int]{Name: "s", Version: 1, Steps: []process.Step[int]{
		{Name: "a", Atomic: true, Retry: retry, Do: func(ctx context.Context, n *int, c *saga.Call) error {
			must(t, effect(ctx, db, c))
			*n += 10
			switch c.Attempt {
			case 1:
				return errors.New("not yet")
			case 2:
				panic("not yet")
			}
			return m.Handle(sqldb.Detach(ctx), sagaEvent("1", "nobody")) // reads elsewhere
		}},
		{Name: "b", Atomic: true, Do: func(ctx context.Context, n *int, c *saga.Call) error {
			*n++
			return effect(ctx, db, c)
		}},
		{Name: "c", Await: []string{"go"}},
	}}
	m = manager(t, db, process.Options{}, s)
	must(t, s.Start(t.Context(), m, "i", 1))
	in, err := m.Resume(t.Context(), "i")
	if v, verr := s.Value(in); err != nil || verr != nil || v != 12 || in.Status != saga.Waiting {
		t.Errorf("it is %s with %d, %v, %v", in.Status, v, err, verr)
	}
	if got := all(); got != "i/a/do i/b/do" {
		t.Errorf("the effects are %q", got)
	}
	state := manager(t, db, process.Options{}, s)
	if in, err := state.Resume(t.Context(), "i"); err != nil || in.Steps[0].Attempts != 3 || in.Steps[1].Attempts != 1 {
		t.Errorf("it is %+v, %v", in, err)
	}
}

// sagaAtomicUndo undoes in the transaction that records it.
func sagaAtomicUndo(t *testing.T, db sqldb.DB) {
	all := effects(t, db)
	s := process.Saga[int]{Name: "s", Version: 1, Steps: []process.Step[int]{
		{
			Name: "a", Atomic: true, Retry: resilience.RetryConfig{BaseDelay: time.Millisecond},
			Do: func(ctx context.Context, _ *int, c *saga.Call) error { return effect(ctx, db, c) },
			Undo: func(ctx context.Context, _ *int, c *saga.Call) error {
				if _, err := db.Exec(ctx, "DELETE FROM effects WHERE id = $1", c.ID); err != nil || c.Attempt < 2 {
					return errors.Join(err, errors.New("not yet"))
				}
				return nil
			},
		},
		{Name: "b", Atomic: true, Retry: resilience.RetryConfig{MaxAttempts: 1}, Do: func(ctx context.Context, _ *int, c *saga.Call) error {
			return errors.Join(effect(ctx, db, c), errors.New("no"))
		}, Undo: func(context.Context, *int, *saga.Call) error { t.Error("what was rolled back is undone"); return nil }},
	}}
	m := manager(t, db, process.Options{}, s)
	must(t, s.Start(t.Context(), m, "i", 1))
	if in, err := m.Resume(t.Context(), "i"); !errors.Is(err, saga.ErrCompensated) || in.Steps[0].Attempts != 2 || in.Steps[1].Status != saga.Refused {
		t.Errorf("it is %+v, %v", in, err)
	}
	if got := all(); got != "" {
		t.Errorf("the effects are %q", got)
	}
}

// sagaWorkers has workers of several processes run instances that each of them starts: every effect once.
func sagaWorkers(t *testing.T, db sqldb.DB) {
	const workers, instances = 3, 60
	all := effects(t, db)
	var mu sync.Mutex
	calls := map[string]int{}
	plain := func(_ context.Context, n *int, c *saga.Call) error {
		mu.Lock()
		defer mu.Unlock()
		calls[c.Key]++
		return nil
	}
	atomic := func(ctx context.Context, n *int, c *saga.Call) error { return effect(ctx, db, c) }
	s := process.Saga[int]{Name: "s", Version: 1, Steps: []process.Step[int]{{Name: "a", Do: plain}, {Name: "b", Do: atomic, Atomic: true}, {Name: "c", Do: plain}}}
	var managers []*process.Manager
	for range workers {
		m := manager(t, db, process.Options{}, s)
		w, err := process.NewWorker(m, process.WorkerOptions{Poll: 20 * time.Millisecond})
		must(t, err, w.Start(t.Context()))
		t.Cleanup(func() {
			if err := w.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
		})
		managers = append(managers, m)
	}
	for i := range instances {
		must(t, s.Start(t.Context(), managers[i%workers], fmt.Sprint("i", i), i))
	}
	until(t, "completed", func() bool {
		n := 0
		must(t, sqldb.QueryRow(t.Context(), db, "SELECT COUNT(*) FROM lexigram_saga WHERE status = 'completed'").Scan(&n))
		return n == instances
	})
	mu.Lock()
	defer mu.Unlock()
	for key, n := range calls {
		if n != 1 {
			t.Errorf("%s was called %d times", key, n)
		}
	}
	if n := strings.Count(all(), "/b/do"); len(calls) != 2*instances || n != instances {
		t.Errorf("%d plain and %d atomic calls, want %d and %d", len(calls), n, 2*instances, instances)
	}
}

// sagaMany lists more instances than a page has.
func sagaMany(t *testing.T, db sqldb.DB) {
	s := process.Saga[int]{Name: "s", Version: 1, Steps: []process.Step[int]{{Name: "a", Await: []string{"go"}}}}
	c := new(clocktest.Fake)
	m := manager(t, db, process.Options{Clock: c}, s)
	for i := range 250 {
		must(t, s.Start(t.Context(), m, fmt.Sprint(1000-i), i))
		if i%2 == 0 { // two began at each instant
			c.Advance(time.Second)
		}
	}
	var got []string
	for in, err := range m.List(t.Context(), saga.Filter{}) {
		must(t, err)
		got = append(got, in.ID)
		if in.ID == "1000" {
			must(t, m.Cancel(t.Context(), in.ID, "within the loop"))
		}
	}
	if len(got) != 250 || got[0] != "1000" || got[248] != "751" && got[249] != "751" {
		t.Errorf("listed are %d instances: %q", len(got), got)
	}
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != 250 {
		t.Errorf("%d different instances are listed", len(got))
	}
}

// sagaRetention forgets what ended well, and keeps what failed.
func sagaRetention(t *testing.T, db sqldb.DB) {
	c := new(clocktest.Fake)
	no := func(context.Context, *int, *saga.Call) error { return errors.New("no") }
	s := process.Saga[int]{Name: "s", Version: 1, Steps: []process.Step[int]{{Name: "a", Retry: resilience.RetryConfig{MaxAttempts: 1}, Do: func(ctx context.Context, n *int, c *saga.Call) error {
		if c.ID == "good" {
			return nil
		}
		return no(ctx, n, c)
	}, Undo: no}}}
	m := manager(t, db, process.Options{Clock: c, Retention: time.Hour}, s)
	for _, id := range []string{"good", "bad", "open"} {
		must(t, s.Start(t.Context(), m, id, 0))
	}
	_, err := m.Resume(t.Context(), "good")
	must(t, err)
	if _, err := m.Resume(t.Context(), "bad"); !errors.Is(err, saga.ErrFailed) {
		t.Fatal(err)
	}
	c.Advance(time.Hour)
	if n, err := m.Purge(t.Context()); n != 0 || err != nil {
		t.Errorf("purged %d early, %v", n, err)
	}
	c.Advance(time.Second)
	if n, err := m.Purge(t.Context()); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	if a, b, o := status(t, m, "good"), status(t, m, "bad"), status(t, m, "open"); a != "" || b != saga.Failed || o != saga.Running {
		t.Errorf("after that they are %q, %q, %q", a, b, o)
	}
}

// sagaBytes keeps data, IDs and errors of whatever bytes.
func sagaBytes(t *testing.T, db sqldb.DB) {
	var every [256]byte
	for i := range every {
		every[i] = byte(i)
	}
	d := saga.Definition{Name: "s", Version: 1, Steps: []saga.Step{{Name: "a", Retry: resilience.RetryConfig{MaxAttempts: 1}, Do: func(_ context.Context, c *saga.Call) error {
		return errors.New("a\x00b\n\xff" + strings.Repeat("é", 2000))
	}}}}
	m := manager(t, db, process.Options{}, d)
	id := "日本 '\"$1 \U0001F600"
	must(t, m.Start(t.Context(), "s", id, every[:]))
	in, err := m.Resume(t.Context(), id)
	if !errors.Is(err, saga.ErrCompensated) || in.ID != id || string(in.Data) != string(every[:]) || len(in.Reason) > 1000 || strings.ContainsAny(in.Reason, "\x00\n") {
		t.Errorf("it is %+v, %v", in, err)
	}
	if got, err := m.Show(t.Context(), id); err != nil || string(got.Data) != string(every[:]) {
		t.Errorf("it is %+v, %v", got, err)
	}
}

func sagaMigrations(t *testing.T, db sqldb.DB) {
	applyFiles(t, db, process.Migrations(), ".down.sql")
	applyFiles(t, db, process.Migrations(), ".sql")
	s := process.Saga[int]{Name: "s", Version: 1, Steps: []process.Step[int]{{Name: "a", Delay: time.Hour}}}
	must(t, s.Start(t.Context(), manager(t, db, process.Options{}, s), "i", 0))
}
