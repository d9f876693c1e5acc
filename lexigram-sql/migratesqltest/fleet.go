package migratesqltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// targets makes n databases, or schemas of one: what the dialect has.
func (e *env) targets(t *testing.T, n int) []migrate.Target {
	t.Helper()
	var all []migrate.Target
	for i := range n {
		name := fmt.Sprintf("%s_%03d", e.name, i)
		target := migrate.Target{Name: name, DB: e.db, Schema: name}
		if e.db.Dialect() == sqldb.Postgres {
			if _, err := e.db.Exec(t.Context(), "CREATE SCHEMA "+name); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if _, err := e.db.Exec(context.WithoutCancel(t.Context()), "DROP SCHEMA "+name+" CASCADE"); err != nil {
					t.Error(err)
				}
			})
		} else {
			target = migrate.Target{Name: name, Open: func(ctx context.Context) (sqldb.Opened, error) {
				return e.db.(sqldb.Opener).Open(ctx, sqldb.Place{Database: name, Create: true})
			}}
		}
		all = append(all, target)
	}
	return all
}

func seq(all []migrate.Target, last error) iter.Seq2[migrate.Target, error] {
	return func(yield func(migrate.Target, error) bool) {
		for _, t := range all {
			if !yield(t, nil) {
				return
			}
		}
		if last != nil {
			yield(migrate.Target{}, last)
		}
	}
}

// states counts what became of the targets.
func states(r migrate.FleetReport) string {
	n := map[migrate.FleetState]int{}
	for _, t := range r.Targets {
		n[t.State]++
	}
	return fmt.Sprintf("%d done, %d failed, %d left", n[migrate.Done], n[migrate.Failed], n[migrate.Left])
}

// fleet: many databases, some of which fail, a few at a time.
func fleet(t *testing.T, e *env) {
	targets := e.targets(t, 12)
	var running, most, calls atomic.Int64
	broken := errors.New("broken")
	fails := map[int64]error{3: broken, 7: broken}
	set := e.set("s", "0001_create.sql", createA)
	set.Funcs = []sqldb.MigrationFunc{{Name: "0002_fill", Up: func(ctx context.Context, db sqldb.DB) error {
		now := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		if err := fails[calls.Add(1)]; err != nil {
			return err
		}
		_, err := db.Exec(ctx, "INSERT INTO "+e.name+"_a (n) VALUES (1)")
		return err
	}}}
	var told []migrate.FleetResult
	o := migrate.FleetOptions{Workers: 3, Ended: func(r migrate.FleetResult) { told = append(told, r) }}
	report, err := migrate.UpAll(t.Context(), seq(targets, nil), o, set)
	if !errors.Is(err, broken) || !errors.Is(err, migrate.Err) || !strings.Contains(err.Error(), "of 12 targets 2 failed and 0 were left") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
	if got := states(report); got != "10 done, 2 failed, 0 left" || len(told) != 12 || most.Load() > 3 {
		t.Errorf("%s, %d told, %d at once", got, len(told), most.Load())
	}
	for i, r := range report.Targets {
		want := []string{"s 0001_create.sql", "s 0002_fill"}
		if r.State == migrate.Failed {
			want = want[:1]
		}
		if r.Name != targets[i].Name || !slices.Equal(r.Applied, want) || (r.Error == "") != (r.State == migrate.Done) {
			t.Errorf("%+v", r)
		}
	}
	resume(t, e, report, targets, set)
}

// resume: what was done is not looked at, unless the files are others.
func resume(t *testing.T, e *env, report migrate.FleetReport, targets []migrate.Target, set sqldb.Migrations) {
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	o := migrate.FleetOptions{}
	if err := json.Unmarshal(text, &o.Resume); err != nil {
		t.Fatal(err)
	}
	var applied int
	o.Ended = func(r migrate.FleetResult) { applied += len(r.Applied) }
	asked := 0
	for i := range targets {
		if report.Targets[i].State == migrate.Done {
			targets[i] = migrate.Target{Name: targets[i].Name, Open: func(context.Context) (sqldb.Opened, error) {
				asked++
				return nil, errors.New("it was asked")
			}}
		}
	}
	again, err := migrate.UpAll(t.Context(), seq(targets, nil), o, set)
	if err != nil || states(again) != "12 done, 0 failed, 0 left" || applied != 2 || asked > 0 {
		t.Errorf("resumed: %s, %d applied, %d asked, %v", states(again), applied, asked, err)
	}
	set.Funcs = append(set.Funcs, sqldb.MigrationFunc{Name: "0003_more", Up: func(context.Context, sqldb.DB) error { return nil }})
	o.Workers, o.Resume = 1, again
	if other, err := migrate.UpAll(t.Context(), seq(targets, nil), o, set); err == nil || states(other) != "2 done, 10 failed, 0 left" || asked != 10 {
		t.Errorf("with other files: %s, %d asked, %v", states(other), asked, err)
	}
}

// fleetStops: after failures, at the end of ctx, and with the iterator; what was not begun is told.
func fleetStops(t *testing.T, e *env) {
	own := errors.New("own")
	bad := func(context.Context) (sqldb.Opened, error) { return nil, own }
	var targets []migrate.Target
	for i := range 20 {
		targets = append(targets, migrate.Target{Name: fmt.Sprint(i), Open: bad})
	}
	set := e.set("s", "0001_create.sql", createA)
	report, err := migrate.UpAll(t.Context(), seq(targets, nil), migrate.FleetOptions{Workers: 1, MaxFailures: 2}, set)
	if !errors.Is(err, own) || states(report) != "0 done, 2 failed, 18 left" {
		t.Errorf("two failures: %s, %v", states(report), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	targets[4].Open = func(context.Context) (sqldb.Opened, error) { cancel(); return nil, own }
	report, err = migrate.UpAll(ctx, seq(targets, nil), migrate.FleetOptions{Workers: 1}, set)
	if !errors.Is(err, own) || states(report) != "0 done, 5 failed, 15 left" {
		t.Errorf("cancelled: %s, %v", states(report), err)
	}
	report, err = migrate.UpAll(ctx, seq(targets, nil), migrate.FleetOptions{}, set)
	if !errors.Is(err, context.Canceled) || states(report) != "0 done, 0 failed, 20 left" {
		t.Errorf("cancelled before: %s, %v", states(report), err)
	}
	report, err = migrate.UpAll(t.Context(), seq(nil, own), migrate.FleetOptions{}, set)
	if !errors.Is(err, own) || len(report.Targets) != 0 {
		t.Errorf("an iterator that fails: %s, %v", states(report), err)
	}
	twice := []migrate.Target{{Name: "a", DB: e.db}, {Name: "a", DB: e.db}, {Name: "b"}, {Name: "c", Open: func(context.Context) (sqldb.Opened, error) { panic("own") }}}
	report, err = migrate.UpAll(t.Context(), seq(twice, nil), migrate.FleetOptions{Options: migrate.Options{Table: e.table}}, set)
	if !errors.Is(err, migrate.Err) || states(report) != "1 done, 3 failed, 0 left" {
		t.Errorf("names that come twice, and no database: %s, %v", states(report), err)
	}
}
