package migrate

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Options change how a [Migrator] works. The zero value is the default.
type Options struct {
	// Table is where applied files are recorded: "lexigram_migrations" if
	// empty; up to 57 letters, digits and underscores, a schema before a dot if need be (Postgres).
	Table string
	// Schema is where the tables are: the whole search path of the files, and
	// where Table is unless that names a schema. It must be there. "" leaves
	// the search path as it is. Postgres only.
	Schema string
	// LockTimeout is how long a statement of a file in a transaction waits for
	// the lock on a table that others use, before it fails; 0 waits as long as
	// the database is set to. Postgres only; SQLite has its busy timeout.
	LockTimeout time.Duration
	// Clock tells [Record].AppliedAt; nil means clock.System{}.
	Clock clock.Clock
}

// A Migrator applies the migrations of a program to one database. Make it with
// [New]. It is safe for concurrent use, by other processes too.
type Migrator struct {
	db    sqldb.DB
	opts  Options
	table string // as SQL has it
	key   int64  // of the advisory lock
	files []Migration
	own   map[string]int64 // the newest version of each source that has files
}

var tableName = regexp.MustCompile(`^(?:([A-Za-z_][A-Za-z0-9_]{0,62})\.)?([A-Za-z_][A-Za-z0-9_]{0,56})$`)

// New reads the files of sets and checks them; it does not touch the database.
// What is wrong with a file is [ErrFile]; a dialect that a set does not speak,
// or that New cannot lock, matches errors.ErrUnsupported.
func New(db sqldb.DB, o Options, sets ...sqldb.Migrations) (*Migrator, error) {
	if db == nil {
		return nil, Err.Wrap(errors.New("the database is nil"), "migrate: new")
	}
	if err := checkDialect(db.Dialect()); err != nil {
		return nil, err
	}
	files, err := read(db.Dialect(), sets)
	if err != nil {
		return nil, err
	}
	return newMigrator(db, o, files)
}

func checkDialect(d sqldb.Dialect) error {
	switch d {
	case sqldb.Postgres, sqldb.SQLite:
		return nil
	}
	return Err.Wrap(errors.ErrUnsupported, "migrate: dialect %q", d)
}

func newMigrator(db sqldb.DB, o Options, files []Migration) (*Migrator, error) {
	m := &Migrator{db: db, opts: o, files: files, own: map[string]int64{}}
	for _, f := range files {
		m.own[f.Source] = f.Version
	}
	if m.opts.Clock == nil {
		m.opts.Clock = clock.System{}
	}
	if o.Table == "" {
		o.Table = "lexigram_migrations"
	}
	postgres := db.Dialect() == sqldb.Postgres
	parts := tableName.FindStringSubmatch(o.Table)
	switch {
	case parts == nil, parts[1] != "" && !postgres:
		return nil, Err.Wrap(fmt.Errorf("%q is not the name of a table", o.Table), "migrate: Options.Table")
	case o.Schema != "" && !postgres:
		return nil, Err.Wrap(errors.ErrUnsupported, "migrate: Options.Schema: dialect %q", db.Dialect())
	case len(o.Schema) > 63 || strings.ContainsAny(o.Schema, "\x00\""):
		return nil, Err.Wrap(fmt.Errorf("%.80q is not the name of a schema", o.Schema), "migrate: Options.Schema")
	case o.LockTimeout < 0:
		return nil, Err.Wrap(fmt.Errorf("%v is negative", o.LockTimeout), "migrate: Options.LockTimeout")
	}
	m.table = o.Table
	if o.Schema != "" && parts[1] == "" {
		m.table = quote(o.Schema) + "." + o.Table
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte("lexigram/migrate/" + m.table)) // never fails
	m.key = int64(h.Sum64())
	return m, nil
}

// Up applies what is pending and returns it, what was applied before a failure
// included. Processes that do so at once take turns: one applies, the others
// wait, as long as ctx allows, and find nothing. Nothing pending means two
// queries, and no lock.
//
// A file is applied in a transaction of its own, with its record; its failure
// names the file and the number of the statement, and leaves nothing of it. One
// that runs outside a transaction is recorded after its last statement: if it
// fails, what it did stays, and it begins anew the next time. Cancelling ctx
// ends the file at hand likewise.
//
// A file that changed after it was applied is [ErrChanged], one that was skipped
// is [ErrOrder], one that is gone is [ErrMissing]: nothing is applied then.
// Records of versions after the newest file are those of a newer program, and no error.
func (m *Migrator) Up(ctx context.Context) ([]Migration, error) {
	pending, err := m.Pending(ctx)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	var done []Migration
	for _, f := range pending {
		applied, err := m.apply(sqldb.Detach(ctx), f)
		if err != nil {
			return done, err
		}
		if applied {
			done = append(done, f)
		}
	}
	return done, nil
}

// Down undoes the migrations of one source that were applied after version to,
// which stays applied, the newest first, and returns what it undid. 0 undoes all
// of them. A version that is not applied is [ErrTarget].
//
// It undoes nothing if one of them has no way back ([ErrNoDown]), no file
// ([ErrMissing], which those of a newer program are too) or another file than
// was applied ([ErrChanged]). Each is undone as Up applies it, and its record
// with it. Sources that refer to the tables are left as they are: the database
// has the last word.
func (m *Migrator) Down(ctx context.Context, source string, to int64) ([]Migration, error) {
	back, err := m.PlanDown(ctx, source, to)
	if err != nil {
		return nil, err
	}
	var done []Migration
	for _, f := range back {
		undone, err := m.undo(sqldb.Detach(ctx), f)
		if err != nil {
			return done, err
		}
		if undone {
			done = append(done, f)
		}
	}
	return done, nil
}

// PlanDown returns what Down would undo, in its order, and its errors.
func (m *Migrator) PlanDown(ctx context.Context, source string, to int64) ([]Migration, error) {
	if _, ok := m.own[source]; !ok {
		return nil, ErrTarget.Wrap(fmt.Errorf("no migrations have the source %.80q", source), "migrate: down")
	}
	records, err := m.Applied(ctx)
	if err != nil {
		return nil, err
	}
	return m.back(records, source, to)
}

// Pending returns the files that Up would apply, in its order, and its errors.
func (m *Migrator) Pending(ctx context.Context) ([]Migration, error) {
	if len(m.files) == 0 {
		return nil, nil
	}
	records, err := m.Applied(ctx)
	if err != nil {
		return nil, err
	}
	return m.compare(records)
}

// Applied returns the records, by source and version, those of other programs
// on the database included.
func (m *Migrator) Applied(ctx context.Context) ([]Record, error) {
	ctx = sqldb.Detach(ctx)
	exists, err := m.exists(ctx, m.table)
	if err != nil || !exists {
		return nil, err
	}
	records, err := m.records(ctx)
	if err != nil {
		return nil, Err.Wrap(err, "migrate: read %s", m.table)
	}
	return records, nil
}

// Version returns the newest version of source that was applied, 0 if none was.
func (m *Migrator) Version(ctx context.Context, source string) (int64, error) {
	records, err := m.Applied(ctx)
	var newest int64
	for _, r := range records {
		if r.Source == source {
			newest = max(newest, r.Version)
		}
	}
	return newest, err
}
