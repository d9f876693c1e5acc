package migrate

import (
	"context"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// create makes sure of the table of records; the lock is held.
func (m *Migrator) create(ctx context.Context) error {
	_, err := m.db.Exec(ctx, `CREATE TABLE IF NOT EXISTS `+m.table+` (
		source     text NOT NULL,
		version    bigint NOT NULL,
		name       text NOT NULL,
		checksum   text NOT NULL,
		applied_at timestamp with time zone NOT NULL,
		PRIMARY KEY (source, version))`)
	return err
}

// exists reports whether a table is there.
func (m *Migrator) exists(ctx context.Context, table string) (ok bool, err error) {
	query, arg := "SELECT count(*) > 0 FROM sqlite_schema WHERE type = 'table' AND lower(name) = $1", strings.ToLower(table)
	if m.db.Dialect() == sqldb.Postgres {
		query, arg = "SELECT to_regclass($1) IS NOT NULL", table
	}
	if err = sqldb.QueryRow(ctx, m.db, query, arg).Scan(&ok); err != nil {
		err = Err.Wrap(err, "migrate: look for %s", table)
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

// insert records f.
func (m *Migrator) insert(ctx context.Context, f Migration) error {
	_, err := m.db.Exec(ctx, "INSERT INTO "+m.table+" (source, version, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
		f.Source, f.Version, f.Name, f.Checksum, m.opts.Clock.Now())
	if err != nil {
		return Err.Wrap(err, "migrate: %s %s: record", f.Source, f.Name)
	}
	return nil
}

// remove takes the record of f away.
func (m *Migrator) remove(ctx context.Context, f Migration) error {
	_, err := m.db.Exec(ctx, "DELETE FROM "+m.table+" WHERE source = $1 AND version = $2", f.Source, f.Version)
	if err != nil {
		return Err.Wrap(err, "migrate: %s %s: remove the record", f.Source, f.Name)
	}
	return nil
}
