package migrate

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Options change how a [Migrator] works. The zero value is the default.
type Options struct {
	// Table is where applied files are recorded: "lexigram_migrations" if
	// empty; letters, digits and underscores, a schema before a dot if need be (Postgres).
	Table string
	// Clock tells [Record].AppliedAt; nil means clock.System{}.
	Clock clock.Clock
}

// A Migrator applies the files of a program to one database. Make it with
// [New]. It is safe for concurrent use, by other processes too.
type Migrator struct {
	db    sqldb.DB
	table string
	clock clock.Clock
	files []Migration // by source and version
}

var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// New reads the files of sets and checks them; it does not touch the database.
// What is wrong with a file is [ErrFile]; a dialect that a set does not speak,
// or that New cannot lock, matches errors.ErrUnsupported.
func New(db sqldb.DB, o Options, sets ...sqldb.Migrations) (*Migrator, error) {
	m := &Migrator{db: db, table: o.Table, clock: o.Clock}
	if m.table == "" {
		m.table = "lexigram_migrations"
	}
	if m.clock == nil {
		m.clock = clock.System{}
	}
	if !tableName.MatchString(m.table) || db.Dialect() == sqldb.SQLite && strings.Contains(m.table, ".") {
		return nil, Err.Wrap(fmt.Errorf("%q is not the name of a table", m.table), "migrate: Options.Table")
	}
	switch d := db.Dialect(); d {
	case sqldb.Postgres, sqldb.SQLite:
	default:
		return nil, Err.Wrap(errors.ErrUnsupported, "migrate: dialect %q", d)
	}
	var err error
	m.files, err = read(db.Dialect(), sets)
	return m, err
}

// Up applies what is pending and returns it, what was applied before a failure
// included. A file is applied in a transaction of its own, by one process at a
// time; its failure names the file and the number of the statement, and leaves
// nothing of it. Nothing pending means two queries, and no lock.
//
// A file that changed after it was applied is [ErrChanged]; one that was skipped
// or removed is [ErrOrder]. Records of versions after the newest file are those
// of a newer program, and no error. Cancelling ctx rolls back the file at hand.
func (m *Migrator) Up(ctx context.Context) ([]Migration, error) {
	pending, err := m.Pending(ctx)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	var done []Migration
	for _, f := range pending {
		applied, err := m.apply(ctx, f)
		if err != nil {
			return done, err
		}
		if applied {
			done = append(done, f)
		}
	}
	return done, nil
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
	exists, err := m.exists(ctx)
	if err != nil || !exists {
		return nil, err
	}
	records, err := m.records(ctx)
	if err != nil {
		return nil, Err.Wrap(err, "migrate: read %s", m.table)
	}
	return records, nil
}

// compare returns the files without a record.
func (m *Migrator) compare(records []Record) ([]Migration, error) {
	applied := make(map[id]Record, len(records))
	newest := map[string]int64{}
	for _, r := range records {
		applied[id{r.Source, r.Version}] = r
		newest[r.Source] = max(newest[r.Source], r.Version)
	}
	var pending []Migration
	for _, f := range m.files {
		r, ok := applied[id{f.Source, f.Version}]
		switch {
		case !ok && f.Version < newest[f.Source]:
			return nil, outOfOrder(f, newest[f.Source])
		case !ok:
			pending = append(pending, f)
		case r.Checksum != f.Checksum:
			return nil, changed(f, r)
		}
	}
	return pending, nil
}

func changed(f Migration, r Record) error {
	return ErrChanged.Wrap(fmt.Errorf("the file is not the one that was applied on %s: restore it and add a new file", r.AppliedAt.Format(time.RFC3339)),
		"migrate: %s %s", f.Source, f.Name)
}

func outOfOrder(f Migration, last int64) error {
	return ErrOrder.Wrap(fmt.Errorf("version %d was applied last: give the file a number after it", last), "migrate: %s %s", f.Source, f.Name)
}
