// Package tenancysqltest checks packages sqltenants and tenantsql on a real
// database.
package tenancysqltest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/tenancy/tenancytest"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
)

// Run checks the packages on the databases that open returns, which may be the
// same one each time, but not at the same time: the table lexigram_tenants and
// tables whose names begin with "tenancysqltest_" are made and dropped. open
// registers its own cleanup on t.
func Run(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("sqltenants", func(t *testing.T) {
		tenancytest.RunDirectory(t, func(t *testing.T) tenancy.Directory { return sqltenants.New(migrated(t, open(t))) })
	})
	for name, check := range map[string]func(*testing.T, sqldb.DB){
		"a taken slug keeps the transaction": takenSlugKeepsTransaction,
		"a tenant joins the transaction":     joinsTransaction,
		"tenants are apart":                  tenantsAreApart,
		"placeholders":                       placeholders,
		"literals":                           literals,
		"transactions":                       transactions,
		"statements of several tenants":      concurrentTenants,
		"tenants at the command line":        commandLine,
	} {
		t.Run(name, func(t *testing.T) { check(t, migrated(t, open(t))) })
	}
}

// migrated returns db with an empty table of tenants.
func migrated(t *testing.T, db sqldb.DB) sqldb.DB {
	t.Helper()
	files, err := sqltenants.Migrations().FS(db.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	drop(t, db, "lexigram_tenants") // of a run that was killed
	exec(t, db, read(t, files, "0001_tenants.sql"))
	t.Cleanup(func() {
		if err := execErr(context.WithoutCancel(t.Context()), db, read(t, files, "0001_tenants.down.sql")); err != nil {
			t.Error(err)
		}
	})
	return db
}

func read(t *testing.T, files fs.FS, name string) string {
	t.Helper()
	b, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimSpace(string(b)), ";")
}

func drop(t *testing.T, db sqldb.DB, table string) {
	t.Helper()
	exec(t, db, "DROP TABLE IF EXISTS "+table)
}

func exec(t *testing.T, db sqldb.DB, sql string, args ...any) {
	t.Helper()
	if err := execErr(t.Context(), db, sql, args...); err != nil {
		t.Fatal(err)
	}
}

func execErr(ctx context.Context, db sqldb.DB, sql string, args ...any) error {
	if _, err := db.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%.60s: %w", sql, err)
	}
	return nil
}

// takenSlugKeepsTransaction shows that a caller may go on after ErrSlug.
func takenSlugKeepsTransaction(t *testing.T, db sqldb.DB) {
	d := sqltenants.New(db)
	if _, err := d.Create(t.Context(), tenancy.Info{Slug: "acme"}); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := d.Create(ctx, tenancy.Info{Slug: "acme"}); !errors.Is(err, tenancy.ErrSlug) {
			return fmt.Errorf("Create = %w, want ErrSlug", err)
		}
		_, err := d.Create(ctx, tenancy.Info{Slug: "acme-2"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Find(t.Context(), tenancy.Ref{Slug: "acme-2"}); err != nil {
		t.Error(err)
	}
}

func joinsTransaction(t *testing.T, db sqldb.DB) {
	d := sqltenants.New(db)
	undo := errors.New("undo")
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		made, err := d.Create(ctx, tenancy.Info{Slug: "acme"})
		if err != nil {
			return err
		}
		for found, err := range d.List(ctx) { // its body may run statements of the transaction
			if err != nil {
				return err
			}
			if err := d.SetStatus(ctx, found.ID, tenancy.Suspended); err != nil {
				return err
			}
		}
		if got, err := d.Find(ctx, tenancy.Ref{ID: made.ID}); err != nil || got.Status != tenancy.Suspended {
			return fmt.Errorf("Find inside = %+v, %w", got, err)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	if got, err := d.Find(t.Context(), tenancy.Ref{Slug: "acme"}); !errors.Is(err, tenancy.ErrNotFound) {
		t.Errorf("after the rollback: %+v, %v", got, err)
	}
}
