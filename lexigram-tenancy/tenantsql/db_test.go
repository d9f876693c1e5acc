package tenantsql_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantsql"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A recorder notes what reaches the database.
type recorder struct{ calls []string }

func (r *recorder) note(sql string, args []any) {
	r.calls = append(r.calls, fmt.Sprint(sql, " ", args))
}

func (r *recorder) Query(_ context.Context, sql string, args ...any) (sqldb.Rows, error) {
	r.note(sql, args)
	return nil, sqldb.ErrNoRows
}

func (r *recorder) Exec(_ context.Context, sql string, args ...any) (int64, error) {
	r.note(sql, args)
	return 1, nil
}

func (*recorder) Dialect() sqldb.Dialect { return sqldb.Postgres }

func (r *recorder) InTx(ctx context.Context, fn func(context.Context) error, _ ...sqldb.TxOption) error {
	r.note("BEGIN", nil)
	return fn(ctx)
}

// An able recorder has every ability.
type able struct{ recorder }

var _ interface {
	sqldb.BulkWriter
	sqldb.BulkReturner
	sqldb.Listener
	sqldb.Pinner
	sqldb.Settings
	sqldb.Opener
} = (*able)(nil)

func (r *able) Pinned(ctx context.Context, fn func(context.Context) error) error { return fn(ctx) }

func (r *able) WithSettings(s ...sqldb.Setting) (sqldb.Querier, error) {
	r.note("SET "+s[0].Name, nil)
	return r, nil
}

func (r *able) Open(_ context.Context, p sqldb.Place) (sqldb.Opened, error) {
	r.note("OPEN "+p.Database, nil)
	return r, nil
}

func (r *able) Close() error {
	r.note("CLOSE", nil)
	return nil
}

func (r *able) Upsert(context.Context, string, []string, []string, iter.Seq2[[]any, error]) (int64, error) {
	r.note("UPSERT", nil)
	return 0, nil
}

func (r *able) UpsertReturning(context.Context, func(sqldb.Rows) error, []string, string, []string, []string, iter.Seq2[[]any, error]) error {
	r.note("UPSERT", nil)
	return nil
}

func (r *able) Listen(_ context.Context, channel string) (<-chan struct{}, error) {
	r.note("LISTEN "+channel, nil)
	return nil, nil
}

func (r *able) Notify(_ context.Context, channel string) error {
	r.note("NOTIFY "+channel, nil)
	return nil
}

func TestBinds(t *testing.T) {
	r := &recorder{}
	db := tenantsql.New(r)
	ctx := tenancy.With(t.Context(), "acme")
	err := db.InTx(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE d SET t = $2 WHERE tenant = $tenant AND id = $1", 7, "x")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Query(tenancy.With(ctx, "beta"), "SELECT 1 WHERE tenant = $tenant"); !errors.Is(err, sqldb.ErrNoRows) {
		t.Fatal(err)
	}
	want := []string{"BEGIN []", "UPDATE d SET t = $2 WHERE tenant = $3 AND id = $1 [7 x acme]", "SELECT 1 WHERE tenant = $1 [beta]"}
	if strings.Join(r.calls, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", r.calls)
	}
}

// TestArgsStayAsTheyAre shows that the tenant is not appended into the caller's array.
func TestArgsStayAsTheyAre(t *testing.T) {
	args := make([]any, 1, 4)
	args[0] = 7
	if _, err := tenantsql.New(&recorder{}).Exec(tenancy.With(t.Context(), "acme"), "DELETE FROM d WHERE tenant = $tenant AND id = $1", args...); err != nil {
		t.Fatal(err)
	}
	if args[:4][1] != nil {
		t.Errorf("%v", args[:4])
	}
}

// TestRefuses shows that nothing reaches the database without a tenant.
func TestRefuses(t *testing.T) {
	r := &able{}
	db := tenantsql.New(r)
	acme := tenancy.With(t.Context(), "acme")
	const good = "DELETE FROM d WHERE tenant = $tenant"
	for name, c := range map[string]struct {
		ctx  context.Context
		sql  string
		want error
	}{
		"no tenant":      {t.Context(), good, tenancy.ErrNone},
		"invalid tenant": {tenancy.With(t.Context(), "a' OR '1"), good, tenancy.ErrID},
		"no $tenant":     {acme, "DELETE FROM d", tenantsql.ErrStatement},
		"in a literal":   {acme, "DELETE FROM d WHERE x = '$tenant'", tenantsql.ErrStatement},
		"two statements": {acme, good + "; DELETE FROM d", tenantsql.ErrStatement},
	} {
		_, execErr := db.Exec(c.ctx, c.sql)
		_, queryErr := db.Query(c.ctx, c.sql)
		if !errors.Is(execErr, c.want) || !errors.Is(queryErr, c.want) || !errors.Is(execErr, tenancy.Err) {
			t.Errorf("%s: %v, %v, want %v", name, execErr, queryErr, c.want)
		}
	}
	_, listenErr := db.Listen(t.Context(), "c")
	_, upsertErr := db.Upsert(t.Context(), "d", nil, nil, nil)
	returningErr := db.UpsertReturning(t.Context(), nil, nil, "d", nil, nil, nil)
	for _, err := range []error{listenErr, upsertErr, returningErr, db.Notify(t.Context(), "c"), db.Pinned(t.Context(), nil)} {
		if !errors.Is(err, tenancy.ErrNone) {
			t.Errorf("%v, want ErrNone", err)
		}
	}
	if _, err := db.Upsert(acme, "d", nil, nil, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Upsert: %v", err)
	}
	if err := db.UpsertReturning(acme, nil, nil, "d", nil, nil, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("UpsertReturning: %v", err)
	}
	if len(r.calls) > 0 {
		t.Errorf("the database got %q", r.calls)
	}
}

func TestAbilities(t *testing.T) {
	acme, beta := tenancy.With(t.Context(), "acme"), tenancy.With(t.Context(), "beta")
	r := &able{}
	db := tenantsql.New(r)
	ran := false
	if err := db.Pinned(acme, func(context.Context) error { ran = true; return nil }); err != nil || !ran {
		t.Errorf("Pinned: %v", err)
	}
	if _, err := db.Listen(acme, "c"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(db.Notify(acme, "c"), db.Notify(beta, "c")); err != nil {
		t.Error(err)
	}
	if listen := strings.TrimPrefix(r.calls[0], "LISTEN "); "NOTIFY "+listen != r.calls[1] || "NOTIFY "+listen == r.calls[2] {
		t.Errorf("%q", r.calls)
	}
	testViews(t, acme)
	poor := tenantsql.New(&recorder{})
	_, err := poor.Listen(acme, "c")
	_, setErr := poor.WithSettings()
	_, openErr := poor.Open(acme, sqldb.Place{})
	for _, err := range []error{err, setErr, openErr, poor.Notify(acme, "c"), poor.Pinned(acme, nil)} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%v, want ErrUnsupported", err)
		}
	}
}

// testViews shows that what a database opens binds as it does.
func testViews(t *testing.T, acme context.Context) {
	t.Helper()
	r := &able{}
	db := tenantsql.New(r)
	view, err := db.WithSettings(sqldb.Setting{Name: "a.b"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := db.Open(acme, sqldb.Place{Database: "other"})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []sqldb.Querier{view, other} {
		if _, err := q.Exec(acme, "DELETE FROM d WHERE tenant = $tenant"); err != nil {
			t.Error(err)
		}
		if _, err := q.Exec(acme, "DELETE FROM d"); !errors.Is(err, tenantsql.ErrStatement) {
			t.Error(err)
		}
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
	want := "SET a.b []|OPEN other []|DELETE FROM d WHERE tenant = $1 [acme]|DELETE FROM d WHERE tenant = $1 [acme]|CLOSE []"
	if got := strings.Join(r.calls, "|"); got != want {
		t.Error(got)
	}
}

func Example() {
	inner := &recorder{} // any sqldb.DB
	db := tenantsql.New(inner)
	ctx := tenancy.With(context.Background(), "acme")
	_, err := db.Exec(ctx, "DELETE FROM documents WHERE tenant = $tenant AND id = $1", 42)
	fmt.Println(inner.calls[0], err)
	_, err = db.Exec(ctx, "DELETE FROM documents WHERE id = $1", 42)
	fmt.Println(errors.Is(err, tenantsql.ErrStatement))
	// Output:
	// DELETE FROM documents WHERE tenant = $2 AND id = $1 [42 acme] <nil>
	// true
}
