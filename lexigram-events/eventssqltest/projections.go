package eventssqltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/projection"
)

// RunProjections checks projections whose read models are in the database of
// their log, each promise on a database of its own. open returns an empty
// database and registers its own cleanup on t.
func RunProjections(t *testing.T, open func(t *testing.T) sqldb.DB) {
	for name, check := range map[string]func(*testing.T, joined){
		"each event once":       projectOnce,
		"rebuild while it is":   projectRebuild,
		"an event that halts":   projectHalt,
		"a dead event":          projectDead,
		"a log restored":        projectRestored,
		"commands":              projectCommands,
		"migrations go back":    projectMigrations,
		"a read that is joined": projectLive,
	} {
		t.Run(name, func(t *testing.T) { check(t, openProjections(t, open(t))) })
	}
}

func openProjections(t *testing.T, db sqldb.DB) joined {
	t.Helper()
	j := openEventStore(t, db)
	applyFiles(t, db, projection.Migrations(), ".sql")
	_, err := db.Exec(t.Context(), "CREATE TABLE handled (generation BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (generation, id))")
	must(t, err)
	return j
}

// handled is a projection whose read model refuses to handle an event twice.
func handled(db sqldb.DB, version int) projection.Projection {
	return projection.Projection{
		Name: "handled", Version: version, Retry: resilience.RetryConfig{MaxAttempts: 2, BaseDelay: time.Millisecond},
		Handle: func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
			_, err := db.Exec(ctx, "INSERT INTO handled (generation, id) VALUES ($1, $2)", int64(g), rec.ID)
			return err
		},
		Drop: func(ctx context.Context, g projection.Generation) error {
			_, err := db.Exec(ctx, "DELETE FROM handled WHERE generation = $1", int64(g))
			return err
		},
	}
}

func (j joined) projector(t *testing.T, o projection.Options, defs ...projection.Projection) *projection.Projector {
	t.Helper()
	p, err := projection.New(j, j.db, o, defs...)
	must(t, err)
	return p
}

// follow starts p until the test ends.
func follow(t *testing.T, p *projection.Projector) *projection.Projector {
	t.Helper()
	must(t, p.Start(t.Context()))
	t.Cleanup(func() {
		if err := p.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (j joined) count(t *testing.T, g projection.Generation) (n int) {
	t.Helper()
	must(t, sqldb.QueryRow(t.Context(), j.db, "SELECT COUNT(*) FROM handled WHERE generation = $1", int64(g)).Scan(&n))
	return n
}

// shown waits until p shows the position, for as long as a check may take.
func shown(t *testing.T, p *projection.Projector, at eventstore.Position) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.WaitFor(ctx, "handled", at); err != nil {
		t.Fatal(err)
	}
}

// projectOnce has three processes follow one projection while events are
// appended and handlers fail: each event is handled once.
func projectOnce(t *testing.T, j joined) {
	const batches = 40
	var mu sync.Mutex
	calls := 0
	def := handled(j.db, 1)
	plain := def.Handle
	def.Retry.MaxAttempts = 50
	def.Handle = func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
		mu.Lock()
		calls++
		n := calls
		mu.Unlock()
		if err := plain(ctx, g, rec); err != nil || n%7 != 0 {
			return err
		}
		if n%2 == 0 {
			panic("after its effect")
		}
		return errors.New("after its effect")
	}
	var all []*projection.Projector
	for range 3 {
		all = append(all, follow(t, j.projector(t, projection.Options{Batch: 5}, def)))
	}
	var last eventstore.Position
	for i := range batches {
		last = j.append(t, fmt.Sprint("s", i%3), fmt.Sprint(i, "a"), fmt.Sprint(i, "b"), fmt.Sprint(i, "c")).Position
	}
	for _, p := range all {
		shown(t, p, last)
	}
	if n := j.count(t, 1); n != 3*batches {
		t.Errorf("%d events were handled, want %d", n, 3*batches)
	}
	states, err := all[0].Status(t.Context())
	if err != nil || len(states) != 1 || states[0].Events != 3*batches || states[0].Position != last || states[0].Lag != 0 {
		t.Errorf("it is %+v, %v", states, err)
	}
}

// projectRebuild rebuilds a projection, and raises its version, while events
// are appended and somebody reads: who reads never sees it go back.
func projectRebuild(t *testing.T, j joined) {
	old := follow(t, j.projector(t, projection.Options{Batch: 10}, handled(j.db, 1)))
	writing, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; writing.Err() == nil; i++ {
			j.append(t, "s", fmt.Sprint(i))
		}
	})
	wg.Go(func() {
		for most := 0; writing.Err() == nil; {
			n := 0
			err := j.db.InTx(t.Context(), func(ctx context.Context) error {
				g, err := old.Live(ctx, "handled")
				if err != nil {
					return err
				}
				return sqldb.QueryRow(ctx, j.db, "SELECT COUNT(*) FROM handled WHERE generation = $1", int64(g)).Scan(&n)
			}, sqldb.WithIsolation(sqldb.RepeatableRead), sqldb.ReadOnly())
			if err != nil || n < most {
				t.Errorf("after %d events it shows %d, %v", most, n, err)
				return
			}
			most = n
		}
	})
	until(t, "events", func() bool { return j.count(t, 1) > 20 })
	must(t, old.Rebuild(t.Context(), "handled", nil))
	if g, err := old.Live(t.Context(), "handled"); g != 2 || err != nil {
		t.Errorf("after a rebuild generation %d is read, %v", g, err)
	}
	follow(t, j.projector(t, projection.Options{Batch: 10}, handled(j.db, 2)))
	until(t, "a new version", func() bool {
		g, err := old.Live(t.Context(), "handled")
		must(t, err)
		return g == 3
	})
	stop()
	wg.Wait()
	done := j.append(t, "s", "last")
	shown(t, old, done.Position)
	if n := j.count(t, 3); n != int(done.Version) {
		t.Errorf("the newest generation has %d of %d events", n, done.Version)
	}
	until(t, "what is old is dropped", func() bool { return j.count(t, 1)+j.count(t, 2) == 0 })
}

// projectHalt has an event that cannot be handled stop its projection, and no other, before its effects.
func projectHalt(t *testing.T, j joined) {
	bad, good := handled(j.db, 1), handled(j.db, 1)
	plain := bad.Handle
	bad.Handle = func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
		if err := plain(ctx, g, rec); err != nil || rec.ID != "3" {
			return err
		}
		return errors.New("no such customer")
	}
	good.Name, good.Handle = "good", func(context.Context, projection.Generation, eventstore.Recorded) error { return nil }
	p := follow(t, j.projector(t, projection.Options{}, bad, good))
	at := j.append(t, "s", "1", "2", "3", "4").Position
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.WaitFor(ctx, "handled", at); !errors.Is(err, projection.ErrHalted) || !strings.Contains(err.Error(), `event "3"`) || !strings.Contains(err.Error(), "no such customer") {
		t.Errorf("WaitFor = %v, want that event 3 halted it", err)
	}
	if err := p.WaitFor(ctx, "good", at); err != nil {
		t.Error(err)
	}
	if n := j.count(t, 1); n != 2 {
		t.Errorf("%d events were handled, want the 2 before it", n)
	}
}

// projectDead passes over an event that cannot be handled, and keeps it elsewhere in the same transaction.
func projectDead(t *testing.T, j joined) {
	def := handled(j.db, 1)
	plain, tries := def.Handle, 0
	def.Handle = func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
		if err := plain(ctx, g, rec); err != nil || rec.ID != "3" {
			return err
		}
		return errors.New("no such customer")
	}
	def.Dead = func(ctx context.Context, g projection.Generation, rec eventstore.Recorded, cause error) error {
		_, err := j.db.Exec(ctx, "INSERT INTO handled (generation, id) VALUES ($1, $2)", int64(g), "dead "+rec.ID)
		if tries++; tries == 1 {
			return errors.Join(err, errors.New("not yet"))
		}
		return err
	}
	p := follow(t, j.projector(t, projection.Options{}, def))
	shown(t, p, j.append(t, "s", "1", "2", "3", "4").Position)
	if n := j.count(t, 1); n != 4 {
		t.Errorf("%d rows, want 1, 2, 4 and the dead 3", n)
	}
	if states, err := p.Status(t.Context()); err != nil || states[0].Dead != 1 || states[0].Events != 3 {
		t.Errorf("it is %+v, %v", states, err)
	}
}

// projectRestored has a read model that is ahead of its log, as it is when the
// log was restored from an older backup.
func projectRestored(t *testing.T, j joined) {
	p := j.projector(t, projection.Options{}, handled(j.db, 1))
	must(t, p.Start(t.Context()))
	at := j.append(t, "s", "1", "2", "3").Position
	shown(t, p, at)
	must(t, p.Stop(t.Context()))
	var entry []byte
	must(t, sqldb.QueryRow(t.Context(), j.db, "SELECT entry FROM lexigram_projection WHERE id = 'handled/1'").Scan(&entry))
	_, err := j.db.Exec(t.Context(), "UPDATE lexigram_projection SET entry = $1 WHERE id = 'handled/1'", []byte(strings.ReplaceAll(string(entry), string(at), string(ahead(at)))))
	must(t, err)
	p = follow(t, j.projector(t, projection.Options{}, handled(j.db, 1)))
	until(t, "noticed", func() bool {
		states, err := p.Status(t.Context())
		must(t, err)
		return states[0].State == projection.Restored && strings.Contains(states[0].Reason, "rebuild it")
	})
	until(t, "recorded", func() bool { return errors.Is(p.WaitFor(t.Context(), "handled", ""), projection.ErrRestored) })
	must(t, p.Rebuild(t.Context(), "handled", nil))
	shown(t, p, j.append(t, "t", "8", "9").Position)
	if n := j.count(t, 2); n != 5 {
		t.Errorf("%d events, want the 5 of the log", n)
	}
}

// projectLive reads the generation in a transaction.
func projectLive(t *testing.T, j joined) {
	p := j.projector(t, projection.Options{}, handled(j.db, 1))
	must(t, j.db.InTx(t.Context(), func(ctx context.Context) error {
		g, err := p.Live(ctx, "handled")
		if g != 1 {
			t.Errorf("before anything is handled generation %d is read", g)
		}
		return err
	}))
}

func projectCommands(t *testing.T, j joined) {
	p := j.projector(t, projection.Options{}, func() projection.Projection { d := handled(j.db, 1); d.Name = "orders"; return d }())
	c := projection.Commands{}
	j.append(t, "s", "1", "2", "3")
	out, err := runCommand(t, c, single{p}, "projections status")
	if err != nil || !strings.Contains(out, "orders") || !strings.Contains(out, "following") {
		t.Errorf("%s, %v", out, err)
	}
	clitest.Run(t, func() cli.Contributor { return c }, clitest.Needs(func(*testing.T) di.Resolver { return single{p} }))
	var found []struct {
		Name       string
		Generation int
		Events     int
	}
	out, err = runCommand(t, c, single{p}, "projections rebuild", "-json", "orders")
	if err := errors.Join(err, json.Unmarshal([]byte(out), &found)); err != nil || len(found) != 1 || found[0].Events != 3 || found[0].Generation < 2 {
		t.Errorf("%s, %v", out, err)
	}
	for _, args := range [][]string{{}, {"-all", "orders"}} {
		if _, err := runCommand(t, c, single{p}, "projections rebuild", args...); cli.ExitCode(err) != cli.Usage {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := runCommand(t, c, single{p}, "projections rebuild", "orders", "nothing"); !errors.Is(err, projection.ErrNotFound) {
		t.Error(err)
	}
}

func projectMigrations(t *testing.T, j joined) {
	applyFiles(t, j.db, projection.Migrations(), ".down.sql")
	applyFiles(t, j.db, projection.Migrations(), ".sql")
	shown(t, follow(t, j.projector(t, projection.Options{}, handled(j.db, 1))), j.append(t, "s", "1").Position)
}
