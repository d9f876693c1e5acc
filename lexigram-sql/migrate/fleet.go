package migrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Target is one of many databases, or one of many schemas of a database.
type Target struct {
	Name   string   // such as a tenant's; unique
	DB     sqldb.DB // several targets may have the same one, with a Schema each
	Schema string   // see [Options.Schema]
	// Open opens the database if DB is nil; [UpAll] closes it.
	Open func(ctx context.Context) (sqldb.Opened, error)
}

// FleetOptions change how [UpAll] works. The zero value is the default.
type FleetOptions struct {
	Options         // for every target; Schema is the target's
	Workers     int // targets at the same time; 0 means 8
	MaxFailures int // after as many no other target is begun; 0 goes on whatever fails
	// Resume is the report of a run before: targets that it has as [Done], with
	// the files that there are now, are not looked at.
	Resume FleetReport
	// Ended, if there is one, is given each result as it comes, one at a time,
	// for whoever keeps them for Resume in case that the process ends.
	Ended func(FleetResult)
}

// A FleetReport says what became of every target, in their order.
type FleetReport struct {
	Targets []FleetResult `json:"targets"`
}

// A FleetState says what became of a target.
type FleetState string

// The states.
const (
	Done   FleetState = "done"   // nothing is pending any more
	Failed FleetState = "failed" // see Error; what was applied before stays
	Left   FleetState = "left"   // it was not begun
)

// A FleetResult is what became of one target.
type FleetResult struct {
	Name    string        `json:"name"`
	State   FleetState    `json:"state"`
	Applied []string      `json:"applied,omitempty"` // source and name of each
	Error   string        `json:"error,omitempty"`
	Dialect sqldb.Dialect `json:"dialect,omitempty"`
	Files   string        `json:"files,omitempty"` // a digest of those that it is up to date with

	err error
}

// UpAll is [Migrator.Up] on many databases or schemas, several at a time. What
// fails in one target does not touch the others. The report is complete whatever
// happens, but for targets that the iterator did not yield; the error is nil if
// every target is [Done], and otherwise that of the first that failed, or of the
// iterator, or of ctx. When ctx ends, the targets at hand end as Up does, and the
// others are [Left].
//
// A target that is up to date costs two queries, and no lock.
func UpAll(ctx context.Context, targets iter.Seq2[Target, error], o FleetOptions, sets ...sqldb.Migrations) (FleetReport, error) {
	f := &fleet{opts: o, sets: sets, seen: map[string]bool{}, before: map[string]FleetResult{}, files: map[sqldb.Dialect]fleetFiles{}}
	if o.Workers <= 0 {
		f.opts.Workers = 8
	}
	for _, r := range o.Resume.Targets {
		f.before[r.Name] = r
	}
	if o.Schema != "" {
		return FleetReport{}, Err.Wrap(errors.New("name the schema in each Target"), "migrate: FleetOptions.Schema")
	}
	jobs := make(chan job)
	var wg sync.WaitGroup
	for range f.opts.Workers {
		wg.Go(func() {
			for j := range jobs {
				f.end(j.at, f.run(ctx, j.Target))
			}
		})
	}
	err := f.feed(ctx, targets, jobs)
	close(jobs)
	wg.Wait()
	return FleetReport{f.results}, f.verdict(ctx, err)
}

// A job is a target and its place in the report.
type job struct {
	Target
	at int
}

// fleetFiles are the files for a dialect, read once.
type fleetFiles struct {
	files  []Migration
	digest string
	err    error
}

type fleet struct {
	opts   FleetOptions
	sets   []sqldb.Migrations
	seen   map[string]bool        // names; of feed
	before map[string]FleetResult // by name

	mu      sync.Mutex
	results []FleetResult
	failed  int
	files   map[sqldb.Dialect]fleetFiles

	ended sync.Mutex // while Ended runs
}

// feed hands out the targets that are to be looked at.
func (f *fleet) feed(ctx context.Context, targets iter.Seq2[Target, error], jobs chan<- job) error {
	for t, err := range targets {
		if err != nil {
			return Err.Wrap(err, "migrate: targets")
		}
		at := f.add(FleetResult{Name: t.Name, State: Left})
		if f.seen[t.Name] {
			f.end(at, FleetResult{Name: t.Name, State: Failed, err: Err.Wrap(errors.New("another target has this name"), "migrate: target %.80q", t.Name)})
			continue
		}
		f.seen[t.Name] = true
		if r, ok := f.resumed(t.Name); ok {
			f.end(at, r)
			continue
		}
		if ctx.Err() != nil || f.enough() {
			continue
		}
		select {
		case jobs <- job{t, at}:
		case <-ctx.Done():
		}
	}
	return nil
}

func (f *fleet) add(r FleetResult) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.results = append(f.results, r)
	return len(f.results) - 1
}

func (f *fleet) enough() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opts.MaxFailures > 0 && f.failed >= f.opts.MaxFailures
}

// end keeps what became of a target and tells it.
func (f *fleet) end(at int, r FleetResult) {
	if r.err != nil {
		r.Error = r.err.Error()
	}
	f.mu.Lock()
	f.results[at] = r
	if r.State == Failed {
		f.failed++
	}
	f.mu.Unlock()
	if f.opts.Ended != nil {
		f.ended.Lock()
		defer f.ended.Unlock()
		f.opts.Ended(r)
	}
}

// resumed returns the result of the run before, if it still holds.
func (f *fleet) resumed(name string) (FleetResult, bool) {
	r, ok := f.before[name]
	if !ok || r.State != Done || checkDialect(r.Dialect) != nil {
		return r, false
	}
	read := f.read(r.Dialect)
	r.Applied = nil
	return r, read.err == nil && read.digest == r.Files
}

// read returns the files for a dialect.
func (f *fleet) read(d sqldb.Dialect) fleetFiles {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, ok := f.files[d]
	if ok {
		return r
	}
	if r.err = checkDialect(d); r.err == nil {
		r.files, r.err = read(d, f.sets)
	}
	h := sha256.New()
	for _, m := range r.files {
		fmt.Fprintf(h, "%q %d %q\n", m.Source, m.Version, m.Checksum)
	}
	r.digest = hex.EncodeToString(h.Sum(nil)[:16])
	f.files[d] = r
	return r
}

// run brings one target up to date.
func (f *fleet) run(ctx context.Context, t Target) FleetResult {
	r := FleetResult{Name: t.Name, State: Failed}
	if ctx.Err() != nil || f.enough() {
		r.State = Left
		return r
	}
	r.err = errs.Catch(func() error { return f.up(ctx, t, &r) })
	if r.err == nil {
		r.State = Done
	}
	return r
}

func (f *fleet) up(ctx context.Context, t Target, r *FleetResult) (err error) {
	db := t.DB
	if db == nil {
		if t.Open == nil {
			return Err.Wrap(errors.New("it has neither DB nor Open"), "migrate: target %.80q", t.Name)
		}
		opened, err := t.Open(ctx)
		if err != nil {
			return Err.Wrap(err, "migrate: open target %.80q", t.Name)
		}
		defer func() {
			if failed := opened.Close(); failed != nil {
				err = Err.Wrap(errors.Join(err, failed), "migrate: close target %.80q", t.Name)
			}
		}()
		db = opened
	}
	read := f.read(db.Dialect())
	if read.err != nil {
		return read.err
	}
	o := f.opts.Options
	o.Schema = t.Schema
	m, err := newMigrator(db, o, read.files)
	if err != nil {
		return err
	}
	done, err := m.Up(ctx)
	for _, m := range done {
		r.Applied = append(r.Applied, m.Source+" "+m.Name)
	}
	r.Dialect, r.Files = db.Dialect(), read.digest
	return err
}

// verdict returns the error of the whole.
func (f *fleet) verdict(ctx context.Context, err error) error {
	var first error
	failed, left := 0, 0
	for _, r := range f.results {
		switch r.State {
		case Failed:
			failed++
			if first == nil {
				first = Err.Wrap(r.err, "%.80q", r.Name)
			}
		case Left:
			left++
		}
	}
	if failed == 0 && left == 0 {
		return err
	}
	if err == nil && first == nil {
		err = context.Cause(ctx)
	}
	return Err.Wrap(errors.Join(err, first), "migrate: of %d targets %d failed and %d were left", len(f.results), failed, left)
}
