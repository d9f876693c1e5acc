package migrate

import (
	"context"
	"hash/fnv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// apply applies f, unless another process was faster.
func (m *Migrator) apply(ctx context.Context, f Migration) (applied bool, err error) {
	err = m.db.InTx(sqldb.Detach(ctx), func(ctx context.Context) error {
		applied = false
		if err := m.lock(ctx); err != nil {
			return Err.Wrap(err, "migrate: lock")
		}
		r, err := m.record(ctx, f)
		if err != nil || r != nil {
			return err
		}
		for i, statement := range f.statements {
			if _, err := m.db.Exec(ctx, statement); err != nil {
				return Err.Wrap(err, "migrate: %s %s: statement %d", f.Source, f.Name, i+1)
			}
		}
		_, err = m.db.Exec(ctx, "INSERT INTO "+m.table+" (source, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
			f.Source, f.Version, f.Name, f.Checksum, m.clock.Now())
		if err != nil {
			return Err.Wrap(err, "migrate: %s %s: record", f.Source, f.Name)
		}
		applied = true
		return nil
	})
	return applied && err == nil, err
}

// record returns the record of f, or nil; the lock is held, the table is there.
func (m *Migrator) record(ctx context.Context, f Migration) (*Record, error) {
	records, err := m.records(ctx)
	if err != nil {
		return nil, Err.Wrap(err, "migrate: read %s", m.table)
	}
	var newest int64
	for _, r := range records {
		if r.Source != f.Source {
			continue
		}
		if r.Version == f.Version {
			if r.Checksum != f.Checksum {
				return nil, changed(f, r)
			}
			return &r, nil
		}
		newest = max(newest, r.Version)
	}
	if newest != f.Version-1 {
		return nil, outOfOrder(f, newest)
	}
	return nil, nil
}

// lock keeps other processes out until the transaction ends, and makes sure of
// the table. A transaction that writes on SQLite has the file to itself already.
func (m *Migrator) lock(ctx context.Context) error {
	if m.db.Dialect() == sqldb.Postgres {
		h := fnv.New64a()
		_, _ = h.Write([]byte("lexigram/migrate/" + m.table)) // never fails
		if _, err := m.db.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(h.Sum64())); err != nil {
			return err
		}
	}
	_, err := m.db.Exec(ctx, `CREATE TABLE IF NOT EXISTS `+m.table+` (
		source     text NOT NULL,
		version    bigint NOT NULL,
		name       text NOT NULL,
		checksum   text NOT NULL,
		applied_at timestamp with time zone NOT NULL,
		PRIMARY KEY (source, version))`)
	return err
}

// exists reports whether the table is there.
func (m *Migrator) exists(ctx context.Context) (ok bool, err error) {
	query, arg := "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND lower(name) = $1", strings.ToLower(m.table)
	if m.db.Dialect() == sqldb.Postgres {
		query = "SELECT to_regclass($1) IS NOT NULL"
	}
	if err = sqldb.QueryRow(ctx, m.db, query, arg).Scan(&ok); err != nil {
		err = Err.Wrap(err, "migrate: look for %s", m.table)
	}
	return ok, err
}

func (m *Migrator) records(ctx context.Context) ([]Record, error) {
	var all []Record
	for r, err := range sqldb.Select(ctx, m.db, scanRecord,
		"SELECT source, version, name, checksum, applied_at FROM "+m.table+" ORDER BY source, version") {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func scanRecord(rows sqldb.Rows) (r Record, err error) {
	err = rows.Scan(&r.Source, &r.Version, &r.Name, &r.Checksum, &r.AppliedAt)
	return r, err
}
