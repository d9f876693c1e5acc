package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

// once is a database whose transactions are tried once.
type once struct{ sqldb.DB }

func (o once) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	for _, opt := range opts {
		var got sqldb.TxOptions
		if opt(&got); got.Propagation == sqldb.Separate {
			return o.DB.InTx(ctx, fn, opts...)
		}
	}
	return o.DB.InTx(ctx, fn, append(opts, sqldb.MaxAttempts(1))...)
}

// deaf is a database that forgets settings: its views are itself.
type deaf struct{ *postgres.DB }

func (d deaf) WithSettings(...sqldb.Setting) (sqldb.Querier, error) { return d.DB, nil }

// leaky sets settings for the session.
type leaky struct{ *postgres.DB }

func (l leaky) WithSettings(settings ...sqldb.Setting) (sqldb.Querier, error) {
	return leakyView{l.DB, settings}, nil
}

type leakyView struct {
	*postgres.DB
	settings []sqldb.Setting
}

func (v leakyView) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	for _, s := range v.settings {
		if _, err := v.Exec(ctx, "SELECT set_config($1, $2, false)", s.Name, s.Value); err != nil {
			return nil, err
		}
	}
	return v.DB.Query(ctx, sql, args...)
}

// forgetful leaves settings, after each statement, as the session has them.
type forgetful struct{ *postgres.DB }

func (f forgetful) WithSettings(settings ...sqldb.Setting) (sqldb.Querier, error) {
	view, err := f.DB.WithSettings(settings...)
	return forgetfulView{view, f.DB, settings}, err
}

type forgetfulView struct {
	sqldb.Querier
	db       *postgres.DB
	settings []sqldb.Setting
}

func (v forgetfulView) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	rows, err := v.Querier.Query(ctx, sql, args...)
	return forgottenRows{rows, func() error {
		for _, s := range v.settings {
			if _, err := v.db.Exec(ctx, "SELECT set_config($1, NULL, true)", s.Name); err != nil {
				return err
			}
		}
		return nil
	}}, err
}

type forgottenRows struct {
	sqldb.Rows
	reset func() error
}

func (r forgottenRows) Close() error {
	if err := r.Rows.Close(); err != nil {
		return err
	}
	return r.reset()
}

// heard changes what a listener does.
type heard struct {
	*postgres.DB
	listen func(db *postgres.DB, ctx context.Context, channel string) (<-chan struct{}, error)
	notify func(db *postgres.DB, ctx context.Context, channel string) error
}

func (h heard) Listen(ctx context.Context, channel string) (<-chan struct{}, error) {
	if h.listen != nil {
		return h.listen(h.DB, ctx, channel)
	}
	return h.DB.Listen(ctx, channel)
}

func (h heard) Notify(ctx context.Context, channel string) error {
	if h.notify != nil {
		return h.notify(h.DB, ctx, channel)
	}
	return h.DB.Notify(ctx, channel)
}

// same is a database that opens itself.
type same struct{ *postgres.DB }

func (s same) Open(context.Context, sqldb.Place) (sqldb.Opened, error) { return kept{s.DB}, nil }

type kept struct{ *postgres.DB }

func (kept) Close() error { return nil }

// The rules of the suite that SQLite cannot keep catch a database that breaks them.
func TestBroken(t *testing.T) {
	db := open(t, func(c *postgres.Config) { c.MaxConns = 4 })
	broken := map[string]sqldb.DB{
		"lost race":               once{db},
		"settings":                deaf{db},
		"settings are local":      leaky{db},
		"settings are given back": forgetful{db},
		"settings and errors":     deaf{db},
		"listen": heard{DB: db, listen: func(_ *postgres.DB, _ context.Context, _ string) (<-chan struct{}, error) {
			return make(chan struct{}), nil
		}},
		"notify commits": heard{DB: db, notify: func(db *postgres.DB, ctx context.Context, channel string) error {
			return db.Notify(sqldb.Detach(ctx), channel)
		}},
		"listen ends": heard{DB: db, listen: func(_ *postgres.DB, _ context.Context, _ string) (<-chan struct{}, error) {
			return make(chan struct{}), nil
		}},
		"listen to a name": heard{DB: db, notify: func(db *postgres.DB, ctx context.Context, channel string) error {
			_ = db.Notify(ctx, channel)
			return nil
		}},
		"open a schema": same{db},
	}
	for _, r := range sqldbtest.Rules() {
		bad, ok := broken[r.Name]
		if !ok {
			continue
		}
		delete(broken, r.Name)
		err := r.Check(t.Context(), bad, sqldbtest.Tick(20*time.Millisecond))
		if err == nil || errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: the database that breaks it: %v", r.Name, err)
		}
	}
	for name := range broken {
		t.Errorf("%q is broken, and no rule", name)
	}
}
