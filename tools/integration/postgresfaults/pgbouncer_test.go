package postgresfaults

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldbtest"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// The contract holds through a pooler in transaction mode, which nobody named.
func TestPgBouncer(t *testing.T) {
	db := open(t, servers.PgBouncer(t, servers.Postgres(t), 4))
	if err := db.Pinned(t.Context(), func(context.Context) error { return nil }); !errors.Is(err, errors.ErrUnsupported) {
		t.Fatalf("the pooler was not found out: Pinned = %v", err)
	}
	sqldbtest.Run(t, func(*testing.T) sqldb.DB { return db })
}

// Readers of 20 tenants share 4 connections of the pooler. No statement sees
// the setting of another one, while every seventh is cancelled.
func TestPgBouncerSettings(t *testing.T) {
	url := servers.Postgres(t)
	db := open(t, servers.PgBouncer(t, url, 4))
	exec(t, db, "CREATE TABLE document (tenant text NOT NULL, n bigint NOT NULL, PRIMARY KEY (tenant, n))")
	exec(t, db, "INSERT INTO document SELECT 'tenant' || i, j FROM generate_series(0, 19) i, generate_series(1, 5) j")
	var all sync.WaitGroup
	for i := range 20 {
		tenant := fmt.Sprint("tenant", i)
		view, err := db.WithSettings(sqldb.Setting{Name: "app.tenant", Value: tenant})
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			for n := range 50 {
				if n%7 == 0 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
					_, _ = view.Exec(ctx, "SELECT pg_sleep(1)") // ends as it may
					cancel()
				}
				var rows, own int64
				err := sqldb.QueryRow(t.Context(), view, `SELECT count(*), COALESCE(sum(CASE WHEN tenant = $1 THEN 1 ELSE 0 END), 0)
					FROM document WHERE tenant = current_setting('app.tenant')`, tenant).Scan(&rows, &own)
				if err != nil || rows != 5 || own != 5 {
					t.Errorf("%s: %d rows, %d of them its own, %v", tenant, rows, own, err)
				}
			}
		})
	}
	all.Wait()
}
