package tenantsql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// ErrStatement reports a statement that cannot be bound to a tenant; nothing ran.
var ErrStatement = tenancy.Err.Sub("LEX_ERR_TENANT_013", errs.Internal, "tenancy: statement is not bound to a tenant")

// A DB runs statements of the tenant of their context. Statements, BulkWriter's
// Upsert, Listen and Notify return an error wrapping [tenancy.ErrNone] without
// a tenant, before any I/O. It joins the transactions of the database under it,
// and is as safe for concurrent use. Make one with [New].
type DB struct{ inner sqldb.DB }

var (
	_ sqldb.DB           = (*DB)(nil)
	_ sqldb.BulkWriter   = (*DB)(nil)
	_ sqldb.BulkReturner = (*DB)(nil)
	_ sqldb.Listener     = (*DB)(nil)
	_ sqldb.Pinner       = (*DB)(nil)
	_ sqldb.Settings     = (*DB)(nil)
	_ sqldb.Opener       = (*DB)(nil)
)

// New returns the tenants' view of inner.
func New(inner sqldb.DB) *DB { return &DB{inner: inner} }

// Query runs a statement that uses $tenant. A statement that does not is an
// error wrapping [ErrStatement].
func (d *DB) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	return querier{d.inner}.Query(ctx, sql, args...)
}

// Exec runs a statement that uses $tenant. A statement that does not is an
// error wrapping [ErrStatement].
func (d *DB) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return querier{d.inner}.Exec(ctx, sql, args...)
}

// Dialect returns that of the database.
func (d *DB) Dialect() sqldb.Dialect { return d.inner.Dialect() }

// InTx runs fn in a transaction of the database. The tenant is that of each
// statement's own context, and the transaction may serve several.
func (d *DB) InTx(ctx context.Context, fn func(ctx context.Context) error, opts ...sqldb.TxOption) error {
	return d.inner.InTx(ctx, fn, opts...)
}

// Pinned runs fn on one connection; its statements are bound as others are. It
// returns an error wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) Pinned(ctx context.Context, fn func(ctx context.Context) error) error {
	if _, err := tenant(ctx); err != nil {
		return err
	}
	p, ok := d.inner.(sqldb.Pinner)
	if !ok {
		return unsupported("pin a connection")
	}
	return p.Pinned(ctx, fn)
}

// Upsert returns an error wrapping errors.ErrUnsupported: its rows have no
// place for $tenant. Use statements with ON CONFLICT.
func (d *DB) Upsert(ctx context.Context, _ string, _, _ []string, _ iter.Seq2[[]any, error]) (int64, error) {
	if _, err := tenant(ctx); err != nil {
		return 0, err
	}
	return 0, unsupported("upsert in bulk (its rows have no place for $tenant: use statements with ON CONFLICT)")
}

// UpsertReturning returns an error wrapping errors.ErrUnsupported, as Upsert does.
func (d *DB) UpsertReturning(ctx context.Context, _ func(sqldb.Rows) error, _ []string, table string, columns, key []string, rows iter.Seq2[[]any, error]) error {
	_, err := d.Upsert(ctx, table, columns, key, rows)
	return err
}

// Listen wakes on Notify of the same tenant. It returns an error wrapping
// errors.ErrUnsupported if the database cannot.
func (d *DB) Listen(ctx context.Context, name string) (<-chan struct{}, error) {
	id, err := tenant(ctx)
	if err != nil {
		return nil, err
	}
	l, ok := d.inner.(sqldb.Listener)
	if !ok {
		return nil, unsupported("listen")
	}
	return l.Listen(ctx, channel(id, name))
}

// Notify wakes those who Listen in the same tenant. It returns an error
// wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) Notify(ctx context.Context, name string) error {
	id, err := tenant(ctx)
	if err != nil {
		return err
	}
	l, ok := d.inner.(sqldb.Listener)
	if !ok {
		return unsupported("notify")
	}
	return l.Notify(ctx, channel(id, name))
}

// WithSettings returns a view whose statements are bound as others are. It
// returns an error wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) WithSettings(settings ...sqldb.Setting) (sqldb.Querier, error) {
	s, ok := d.inner.(sqldb.Settings)
	if !ok {
		return nil, unsupported("settings")
	}
	inner, err := s.WithSettings(settings...)
	if err != nil {
		return nil, err
	}
	return querier{inner}, nil
}

// Open opens the tenants' view of another database. It returns an error
// wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) Open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	o, ok := d.inner.(sqldb.Opener)
	if !ok {
		return nil, unsupported("open a database")
	}
	inner, err := o.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	return &opened{DB{inner}, inner}, nil
}

// opened is a view that is closed.
type opened struct {
	DB
	closer io.Closer
}

func (o *opened) Close() error { return o.closer.Close() }

// A querier binds the statements of inner.
type querier struct{ inner sqldb.Querier }

func (q querier) Dialect() sqldb.Dialect { return q.inner.Dialect() }

func (q querier) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	sql, args, err := q.bind(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return q.inner.Query(ctx, sql, args...)
}

func (q querier) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	sql, args, err := q.bind(ctx, sql, args)
	if err != nil {
		return 0, err
	}
	return q.inner.Exec(ctx, sql, args...)
}

// bind returns the statement and the arguments that the database is to run.
func (q querier) bind(ctx context.Context, sql string, args []any) (string, []any, error) {
	id, err := tenant(ctx)
	if err != nil {
		return "", nil, err
	}
	bound, err := rewrite(sql, q.inner.Dialect(), len(args))
	if err != nil {
		return "", nil, ErrStatement.Wrap(err, "tenantsql: %.80q", sql)
	}
	all := make([]any, len(args)+1)
	copy(all, args)
	all[len(args)] = string(id)
	return bound, all, nil
}

func tenant(ctx context.Context) (tenancy.ID, error) {
	id, err := bound.Tenant(ctx)
	if err != nil {
		return "", tenancy.Err.Wrap(err, "tenantsql")
	}
	return id, nil
}

// channel returns a name that no other tenant's channel has and every database accepts.
func channel(id tenancy.ID, name string) string {
	sum := sha256.Sum256([]byte(string(id) + "/" + name)) // an ID holds no slash
	return "t" + hex.EncodeToString(sum[:20])
}

func unsupported(what string) error {
	return sqldb.Err.Wrap(errors.ErrUnsupported, "tenantsql: %s", what)
}
