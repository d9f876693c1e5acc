package postgresfaults

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// fromReplica reports whether a query of ctx is answered by a replica.
func fromReplica(t *testing.T, ctx context.Context, q sqldb.Querier) bool {
	t.Helper()
	var marker string
	// current_setting is one of the functions that a replica is trusted with.
	if err := sqldb.QueryRow(ctx, q, "SELECT current_setting('in_hot_standby')").Scan(&marker); err != nil {
		t.Fatal(err)
	}
	return marker == "on"
}

// until waits for what must come.
func until(t *testing.T, what string, there func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !there() {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
		timer := time.NewTimer(10 * time.Millisecond)
		<-timer.C
	}
}

func TestReplica(t *testing.T) {
	primary := servers.NewPostgres(t)
	url := primary.Database(t)
	replica := primary.Replica(t)
	db := open(t, url, func(c *postgres.Config) {
		c.Replicas = []config.Secret[string]{config.NewSecret(replica.At(url))}
		c.MaxReplicaLag = 500 * time.Millisecond
		c.MaxConns = 4
	})
	lagging := sqldb.AllowReplica(t.Context())
	exec(t, db, "CREATE TABLE n (n bigint PRIMARY KEY)")
	until(t, "the replica answers", func() bool { return fromReplica(t, lagging, db) })
	if fromReplica(t, t.Context(), db) {
		t.Error("a query that did not allow it came from the replica")
	}

	// What writes or locks, or may, goes to the primary.
	for _, sql := range []string{
		"INSERT INTO n VALUES (1) RETURNING n",
		"WITH x AS (INSERT INTO n VALUES (2) RETURNING n) SELECT n FROM x",
		"SELECT n FROM n WHERE n = 1 FOR UPDATE",
		"SELECT CASE WHEN pg_try_advisory_xact_lock(1) THEN 1 END WHERE NOT pg_is_in_recovery()",
	} {
		var n int64
		if err := sqldb.QueryRow(lagging, db, sql).Scan(&n); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	err := db.InTx(lagging, func(ctx context.Context) error {
		if fromReplica(t, ctx, db) {
			t.Error("a query of a transaction came from the replica")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	view, err := db.WithSettings(sqldb.Setting{Name: "a.b", Value: "c"})
	if err != nil || !fromReplica(t, lagging, view) {
		t.Errorf("a query with settings did not come from the replica: %v", err)
	}

	// It answers as well while every connection to the primary is in use, for longer than it may lag.
	var hold func(ctx context.Context, n int) error
	hold = func(ctx context.Context, n int) error {
		if n > 0 {
			return db.InTx(sqldb.Detach(ctx), func(ctx context.Context) error { return hold(ctx, n-1) })
		}
		for start := time.Now(); time.Since(start) < time.Second; {
			bounded, cancel := context.WithTimeout(sqldb.AllowReplica(sqldb.Detach(ctx)), 5*time.Second)
			if !fromReplica(t, bounded, db) {
				t.Error("a query came from the primary")
			}
			cancel()
		}
		return nil
	}
	if err := hold(t.Context(), 4); err != nil {
		t.Error(err)
	}

	// One that does not follow is not asked, and asked again when it does.
	paused := open(t, replica.At(url))
	exec(t, paused, "SELECT pg_wal_replay_pause()")
	exec(t, db, "INSERT INTO n VALUES (3)")
	until(t, "a replica that lags is left alone", func() bool { return !fromReplica(t, lagging, db) })
	exec(t, paused, "SELECT pg_wal_replay_resume()")
	until(t, "it answers again", func() bool { return fromReplica(t, lagging, db) })

	// One that is gone costs nobody an error.
	if err := errors.Join(paused.Close(), replica.Stop()); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if fromReplica(t, lagging, db) {
			t.Error("a replica that is gone has answered")
		}
	}
	if err := replica.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "it answers again", func() bool { return fromReplica(t, lagging, db) })
}
