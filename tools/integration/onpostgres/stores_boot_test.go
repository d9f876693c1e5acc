package onpostgres

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/core/auditlog"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/keys"
	"github.com/lexigram/lexigram-go/core/secretstore"
	"github.com/lexigram/lexigram-go/lexigram-cache/memoryidempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorylock"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorystate"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlaudit"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlidempotency"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsecrets"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlstate"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// TestStoresAreChosen boots an application whose stores configuration picks: in memory,
// in SQLite files, and in PostgreSQL.
func TestStoresAreChosen(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) module.Descriptor {
		return sqlite.Module(sqlite.Config{Path: filepath.Join(dir, name)})
	}
	inSQL := map[string]any{
		"lock.backend": "sqllock", "state.backend": "sqlstate", "idempotency.backend": "sqlidempotency",
		"secrets.backend": "sqlsecrets", "auditstore.backend": "sqlaudit",
		"lock.sqllock.keep": "2h", "secrets.sqlsecrets.versions": 3,
	}
	for name, c := range map[string]struct {
		database module.Descriptor
		settings map[string]any
	}{
		"memory":   {file("memory.db"), nil},
		"sqlite":   {file("app.db"), inSQL},
		"postgres": {postgres.Module(postgres.Config{URL: config.NewSecret(servers.Postgres(t))}), inSQL},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: c.settings})
			if err != nil {
				t.Fatal(err)
			}
			app := boot.New(boot.Options{Config: cfg}).Add(
				c.database, migrate.Module(migrate.Config{}), keys.Module(keys.Config{Secret: config.NewSecret(strings.Repeat("32 random bytes ", 2)), IDs: []string{"2026-11"}}),
				boot.Choose("lock", memorylock.Module(memorylock.Config{}), sqllock.Module(sqllock.Config{})),
				boot.Choose("state", memorystate.Module(memorystate.Config{}), sqlstate.Module(sqlstate.Config{})),
				boot.Choose("idempotency", memoryidempotency.Module(memoryidempotency.Config{}), sqlidempotency.Module(sqlidempotency.Config{})),
				boot.Choose("secrets", secretstore.MemoryModule(secretstore.MemoryConfig{}), sqlsecrets.Module(sqlsecrets.Config{})),
				boot.Choose("auditstore", auditlog.MemoryModule(auditlog.MemoryConfig{}), sqlaudit.Module(sqlaudit.Config{})),
				auditlog.Module(auditlog.Options{}),
			)
			if err := app.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			useStores(t, app)
			if err := app.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for _, name := range []string{"app.db", "sqllock.db", "sqlstate.db"} {
		if found, err := filepath.Glob(filepath.Join(dir, name)); err != nil || len(found) != 1 {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

// TestSecretsAreResealed calls the command of a store that configuration picked.
func TestSecretsAreResealed(t *testing.T) {
	cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: map[string]any{"secrets.backend": "sqlsecrets"}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	m, err := migrate.New(db, migrate.Options{}, sqlsecrets.Migrations())
	if err == nil {
		_, err = m.Up(t.Context())
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var app cli.Application = boot.New(boot.Options{Config: cfg}).Add(
		sqlite.Module(sqlite.Config{Path: path}), keys.Module(keys.Config{Secret: config.NewSecret(strings.Repeat("32 random bytes ", 2)), IDs: []string{"2026-11"}}),
		boot.Choose("secrets", secretstore.MemoryModule(secretstore.MemoryConfig{}), sqlsecrets.Module(sqlsecrets.Config{})),
	)
	all, err := app.Contributions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Contributor.ID() != "sqlsecrets" {
			continue
		}
		var out strings.Builder
		command := c.Contributor.(cli.CommandContributor).Commands()[0]
		err := app.Do(t.Context(), c.Module, command.Needs, func(ctx context.Context, r di.Resolver) error {
			return command.Run(ctx, &cli.Call{Stdout: &out, Needs: r})
		})
		if err != nil || out.String() != "0 versions are sealed with the current key\n" {
			t.Errorf("%q, %v", out.String(), err)
		}
		return
	}
	t.Errorf("the module contributes nothing: %v", all)
}

func get[T any](t *testing.T, r di.Resolver) T {
	t.Helper()
	v, err := di.Get[T](t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// useStores uses each store, the first two of them inside a transaction of the
// application's database that writes: they are apart from it.
func useStores(t *testing.T, app di.Resolver) {
	t.Helper()
	db, locks, states := get[sqldb.DB](t, app), get[lock.Store](t, app), get[state.Store](t, app)
	claims, secrets := get[idempotency.Store](t, app), get[security.SecretStore](t, app)
	logger, entries := get[audit.Logger](t, app), get[audit.Store](t, app)

	claim := idempotency.Claim{Key: "k", Token: "t"}
	if _, own, err := claims.Acquire(t.Context(), claim, time.Hour); err != nil || !own {
		t.Fatalf("claim: %v, %v", own, err)
	}
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "CREATE TABLE used (n bigint)"); err != nil {
			return err
		}
		_, err := locks.Acquire(ctx, "n", "owner", time.Hour)
		return errors.Join(err, states.Set(ctx, "k", []byte("v"), time.Hour), claims.Complete(ctx, claim, []byte("done"), time.Hour))
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := locks.Acquire(t.Context(), "n", "another", time.Hour); !errors.Is(err, lock.ErrHeld) {
		t.Errorf("lock: %v, want ErrHeld", err)
	}
	if v, err := states.Get(t.Context(), "k"); err != nil || string(v) != "v" {
		t.Errorf("state: %q, %v", v, err)
	}
	if err := secrets.Set(t.Context(), "a/b", config.NewSecret("hunter2")); err != nil {
		t.Error(err)
	}
	if v, err := secrets.Get(t.Context(), "a/b"); err != nil || v.Reveal() != "hunter2" {
		t.Errorf("secret: %v", err)
	}
	logger.Log(t.Context(), audit.Entry{Action: "stores.use", Actor: "test"})
	if n, err := audit.Count(t.Context(), entries, audit.Query{Action: "stores.use"}); err != nil || n != 1 {
		t.Errorf("audit: %d entries, %v", n, err)
	}
}

// TestAuditChain has somebody with rights to the table change and delete entries that a
// recorder signed and chained.
func TestAuditChain(t *testing.T) {
	ctx, db := t.Context(), open(t)
	m, err := migrate.New(db, migrate.Options{}, sqlaudit.Migrations())
	if err == nil {
		_, err = m.Up(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlaudit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keys.FromSecret(config.NewSecret(strings.Repeat("32 random bytes ", 2)), "2026-11")
	if err != nil {
		t.Fatal(err)
	}
	recorder, err := auditlog.NewRecorder(store, auditlog.Options{Keys: ring})
	if err != nil {
		t.Fatal(err)
	}
	for range 250 {
		recorder.Log(ctx, audit.Entry{
			Action: "account.pay", Actor: "user/7", Metadata: map[string]string{"ip": "10.0.0.1"},
			New: []byte(`{"amount": 12345678901234567890.10}`), PayloadHash: []byte{1, 0, 2},
		})
	}
	verifier, err := auditlog.NewVerifier(ring)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := store.Count(ctx, audit.Query{}); err != nil || n != 250 {
		t.Fatalf("%d entries, %v", n, err)
	}
	if found, err := verifier.Verify(ctx, store, audit.Query{}); err != nil || len(found) != 0 {
		t.Fatalf("as they were recorded: %v, %v", found, err)
	}
	for _, sql := range []string{
		"ALTER TABLE lexigram_audit DISABLE TRIGGER USER",
		"UPDATE lexigram_audit SET actor = 'user/8' WHERE chain_seq = 100",
		"DELETE FROM lexigram_audit WHERE chain_seq = 200",
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	found, err := verifier.Verify(ctx, store, audit.Query{})
	if err != nil || len(found) != 2 || found[0].Problem != auditlog.Removed || found[1].Problem != auditlog.Changed || found[1].Entry.Actor != "user/8" {
		t.Errorf("after they were changed: %v, %v, want one removed and one changed", found, err)
	}
}
