package tenancysqltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantsql"
)

const notes = "tenancysqltest_notes"

// withNotes makes a table in which the tenants acme and beta have a note each,
// under the same ID.
func withNotes(t *testing.T, db sqldb.DB) (scoped *tenantsql.DB, acme, beta context.Context) {
	t.Helper()
	drop(t, db, notes)
	exec(t, db, "CREATE TABLE "+notes+" (tenant text NOT NULL, id bigint NOT NULL, body text NOT NULL, PRIMARY KEY (tenant, id))")
	t.Cleanup(func() {
		if err := execErr(context.WithoutCancel(t.Context()), db, "DROP TABLE "+notes); err != nil {
			t.Error(err)
		}
	})
	scoped = tenantsql.New(db)
	acme, beta = tenancy.With(t.Context(), "acme"), tenancy.With(t.Context(), "beta")
	for body, ctx := range map[string]context.Context{"of acme": acme, "of beta": beta} {
		if err := insert(ctx, scoped, 1, body); err != nil {
			t.Fatal(err)
		}
	}
	return scoped, acme, beta
}

func insert(ctx context.Context, db sqldb.Querier, id int, body string) error {
	_, err := db.Exec(ctx, "INSERT INTO "+notes+" (tenant, id, body) VALUES ($tenant, $1, $2)", id, body)
	return err
}

// bodies returns the bodies that a tenant sees.
func bodies(ctx context.Context, db sqldb.Querier) (all []string, err error) {
	scan := func(r sqldb.Rows) (s string, err error) { err = r.Scan(&s); return s, err }
	for s, err := range sqldb.Select(ctx, db, scan, "SELECT body FROM "+notes+" WHERE tenant = $tenant ORDER BY id") {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func sees(t *testing.T, ctx context.Context, db sqldb.Querier, want ...string) {
	t.Helper()
	if got, err := bodies(ctx, db); err != nil || !slices.Equal(got, want) {
		t.Errorf("the tenant sees %q, %v, want %q", got, err, want)
	}
}

func tenantsAreApart(t *testing.T, db sqldb.DB) {
	scoped, acme, beta := withNotes(t, db)
	sees(t, acme, scoped, "of acme")
	sees(t, beta, scoped, "of beta")
	n, err := scoped.Exec(acme, "UPDATE "+notes+" SET body = $1 WHERE tenant = $tenant AND id = $2", "changed", 1)
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if n, err = scoped.Exec(beta, "DELETE FROM "+notes+" WHERE tenant = $tenant"); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	sees(t, acme, scoped, "changed")
	sees(t, beta, scoped)

	for name, sql := range map[string]string{
		"without $tenant": "DELETE FROM " + notes,
		"in a literal":    "DELETE FROM " + notes + " WHERE '$tenant' <> ''",
		"in a comment":    "DELETE FROM " + notes + " -- WHERE tenant = $tenant",
		"two statements":  "SELECT $tenant; DELETE FROM " + notes,
	} {
		if _, err := scoped.Exec(acme, sql); !errors.Is(err, tenantsql.ErrStatement) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := bodies(t.Context(), scoped); !errors.Is(err, tenancy.ErrNone) {
		t.Errorf("without a tenant: %v", err)
	}
	sees(t, acme, scoped, "changed")
}

func placeholders(t *testing.T, db sqldb.DB) {
	scoped, acme, _ := withNotes(t, db)
	var a, b, c string
	row := sqldb.QueryRow(acme, scoped, "SELECT CAST($2 AS text), tenant, CAST($1 AS text) FROM "+notes+" WHERE tenant = $tenant AND $tenant = CAST($3 AS text)", "one", "two", "acme")
	if err := row.Scan(&a, &b, &c); err != nil || a != "two" || b != "acme" || c != "one" {
		t.Errorf("%q, %q, %q, %v", a, b, c, err)
	}
}

// literals shows that the lexer and the database agree on what is text.
func literals(t *testing.T, db sqldb.DB) {
	scoped, acme, _ := withNotes(t, db)
	cases := map[string]string{
		"SELECT '$tenant' FROM " + notes + " WHERE tenant = $tenant":                                "$tenant",
		"SELECT 'it''s $tenant' FROM " + notes + " WHERE tenant = $tenant":                          "it's $tenant",
		`SELECT '\' FROM ` + notes + ` WHERE tenant = $tenant -- '`:                                 `\`,
		"SELECT body AS \"$tenant\" FROM " + notes + " /* $tenant ' */ WHERE tenant = $tenant":      "of acme",
		"SELECT body -- $tenant '\n FROM " + notes + " WHERE tenant = $tenant ; /* no more */ -- x": "of acme",
	}
	if db.Dialect() == sqldb.Postgres {
		cases["SELECT $$ $tenant ' $$ FROM "+notes+" WHERE tenant = $tenant"] = " $tenant ' "
		cases["SELECT $tenant$a$tenant$ FROM "+notes+" WHERE tenant = $tenant"] = "a"
		cases[`SELECT E'\'$tenant' FROM `+notes+` WHERE tenant = $tenant`] = "'$tenant"
		cases["SELECT body /* a /* ' */ $tenant */ FROM "+notes+" WHERE tenant = $tenant"] = "of acme"
	} else {
		cases["SELECT body AS [$tenant] FROM "+notes+" WHERE tenant = $tenant"] = "of acme"
		cases["SELECT body AS `'$tenant` FROM "+notes+" WHERE tenant = $tenant"] = "of acme"
		cases["SELECT body /* a /* ' */ FROM "+notes+" WHERE tenant = $tenant"] = "of acme"
	}
	for sql, want := range cases {
		var got string
		if err := sqldb.QueryRow(acme, scoped, sql).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", sql, got, err, want)
		}
	}
}

// transactions shows that plain and scoped statements commit together.
func transactions(t *testing.T, db sqldb.DB) {
	scoped, acme, beta := withNotes(t, db)
	undo := errors.New("undo")
	for _, result := range []error{undo, nil} {
		err := scoped.InTx(acme, func(ctx context.Context) error {
			if err := insert(ctx, scoped, 2, "second"); err != nil {
				return err
			}
			if err := insert(tenancy.With(ctx, "beta"), scoped, 2, "second"); err != nil {
				return err
			}
			var n int
			if err := sqldb.QueryRow(ctx, db, "SELECT count(*) FROM "+notes).Scan(&n); err != nil || n != 4 {
				return fmt.Errorf("%d rows in the transaction, %w", n, err)
			}
			return result
		})
		if !errors.Is(err, result) {
			t.Fatal(err)
		}
		want := []string{"of acme", "second"}
		if result != nil {
			want = want[:1]
		}
		sees(t, acme, scoped, want...)
	}
	sees(t, beta, scoped, "of beta", "second")
}

// concurrentTenants has many tenants write and read through one pool.
func concurrentTenants(t *testing.T, db sqldb.DB) {
	scoped, _, _ := withNotes(t, db)
	const tenants, rows = 8, 10
	results := make(chan error, tenants)
	for i := range tenants {
		go func() {
			results <- work(tenancy.With(t.Context(), tenancy.ID(fmt.Sprintf("t-%d", i))), scoped, i, rows)
		}()
	}
	for range tenants {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func work(ctx context.Context, db sqldb.DB, tenant, rows int) error {
	for id := range rows {
		err := db.InTx(ctx, func(ctx context.Context) error { return insert(ctx, db, id, fmt.Sprintf("of %d", tenant)) })
		if err != nil {
			return err
		}
		all, err := bodies(ctx, db)
		if err != nil {
			return err
		}
		foreign := slices.ContainsFunc(all, func(s string) bool { return s != fmt.Sprintf("of %d", tenant) })
		if len(all) != id+1 || foreign {
			return fmt.Errorf("tenant %d sees %q after %d rows", tenant, all, id+1)
		}
	}
	return nil
}
