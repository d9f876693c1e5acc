package library

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlwatch"
)

// TestWatchedByConfiguration has an application in which the database is
// watched, is not by its configuration, and cannot be.
func TestWatchedByConfiguration(t *testing.T) {
	for name, want := range map[string]bool{"on": true, "off": false, "absent": false} {
		t.Run(name, func(t *testing.T) {
			app := boot.New(boot.Options{}).Add(sqlwatch.Wrap[*sqlite.DB](sqlite.Module(sqlite.Config{Path: filepath.Join(t.TempDir(), "a.db")})))
			if name != "absent" {
				app.Add(sqlwatch.Module(sqlwatch.Config{Off: !want}))
			}
			if err := app.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := app.Stop(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
			}()
			db, err := di.Get[sqldb.DB](t.Context(), app)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(t.Context(), "CREATE TABLE t (n int)"); err != nil {
				t.Fatal(err)
			}
			if name == "absent" {
				if _, is := db.(*sqlite.DB); !is {
					t.Errorf("the database is a %T", db)
				}
				return
			}
			log, err := di.Get[sqldb.QueryInspector](t.Context(), app)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(log.Recent(9)); (got == 1) != want {
				t.Errorf("%d entries, want any: %v", got, want)
			}
		})
	}
}
