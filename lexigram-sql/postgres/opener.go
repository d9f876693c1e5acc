package postgres

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// Open implements [sqldb.Opener]: a database of the same server and user, or a
// schema of this database, with a pool as large as this one's. Its replicas are
// those of this one. A schema cannot be kept behind a pooler: errors.ErrUnsupported.
func (db *DB) Open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	if err := sqldriver.CheckPlace(p); err != nil {
		return nil, err
	}
	if p.Schema != "" && db.router.pooled {
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "postgres: open a schema through a pooler in transaction mode")
	}
	c := db.config
	for _, set := range []struct{ key, value string }{{"database", p.Database}, {"search_path", quoted(p.Schema)}} {
		if set.value == "" {
			continue
		}
		if c.URL = with(c.URL, set.key, set.value); set.key == "database" && p.Create {
			if err := db.create(ctx, "DATABASE", p.Database, "42P04"); err != nil {
				return nil, err
			}
		}
		replicas := make([]config.Secret[string], len(c.Replicas))
		for i, r := range c.Replicas {
			replicas[i] = with(r, set.key, set.value)
		}
		c.Replicas = replicas
	}
	opened, err := Open(ctx, c)
	if err != nil || p.Schema == "" {
		return nilUnless(opened, err)
	}
	if err := opened.ensure(ctx, p); err != nil {
		return nil, errs.Join(err, opened.Close())
	}
	return opened, nil
}

// nilUnless keeps a nil *DB from being a database.
func nilUnless(db *DB, err error) (sqldb.Opened, error) {
	if err != nil {
		return nil, err
	}
	return db, nil
}

// ensure makes the schema, or sees that it is there.
func (db *DB) ensure(ctx context.Context, p sqldb.Place) error {
	ctx = sqldb.Detach(ctx)
	if p.Create {
		return db.create(ctx, "SCHEMA", p.Schema, "42P06")
	}
	var there bool
	err := sqldb.QueryRow(ctx, db, "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)", p.Schema).Scan(&there)
	if err == nil && !there {
		err = sqldb.ErrUnavailable.Wrap(nil, "postgres: open: there is no schema %q", p.Schema)
	}
	return err
}

// create makes what is called name, unless the server says by code that it is there.
func (db *DB) create(ctx context.Context, what, name, code string) error {
	_, err := db.Exec(sqldb.Detach(ctx), "CREATE "+what+" "+pgx.Identifier{name}.Sanitize())
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if ok && (pg.Code == code || pg.Code == "23505") { // the latter if two do it at once
		return nil
	}
	return err
}

// quoted quotes a schema for search_path.
func quoted(schema string) string {
	if schema == "" {
		return ""
	}
	return pgx.Identifier{schema}.Sanitize()
}

// with returns a connection string that says so too, in the form that it has.
func with(raw config.Secret[string], key, value string) config.Secret[string] {
	s := raw.Reveal()
	if u, err := url.Parse(s); err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") {
		q := u.Query()
		if key == "database" {
			u.Path = "/" + value
			q.Del("dbname") // which would be the database that is opened
			q.Del("database")
		} else {
			q.Set(key, value)
		}
		u.RawQuery = q.Encode()
		return config.NewSecret(u.String())
	}
	if key == "database" {
		key = "dbname"
	}
	return config.NewSecret(s + " " + key + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'")
}
