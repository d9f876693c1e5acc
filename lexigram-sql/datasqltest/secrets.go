package datasqltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/security/securitytest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsecrets"
)

// RunSecrets checks package sqlsecrets, with the suite of its contract, on the databases
// that open returns, each of them empty. open registers its own cleanup on t.
func RunSecrets(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("contract", func(t *testing.T) {
		securitytest.RunSecrets(t, func(t *testing.T, seed map[string]string) security.SecretStore {
			v := newVault(t, open(t), 0)
			for name, value := range seed {
				v.set(t, name, value)
			}
			return v.store
		})
	})
	for name, check := range map[string]func(*vault, *testing.T){
		"the table shows names alone":    (*vault).hides,
		"values are bound to their name": (*vault).binds,
		"keys rotate":                    (*vault).rotates,
		"versions are kept":              (*vault).keeps,
		"a secret joins a transaction":   (*vault).joins,
		"command line":                   (*vault).commandLine,
	} {
		t.Run(name, func(t *testing.T) { check(newVault(t, open(t), 3), t) })
	}
}

// A vault is what a check works with.
type vault struct {
	db     sqldb.DB
	sealer *sealer
	store  *sqlsecrets.Store
}

func newVault(t *testing.T, db sqldb.DB, versions int) *vault {
	t.Helper()
	migrated(t, db, sqlsecrets.Migrations())
	v := &vault{db: db, sealer: &sealer{}}
	v.sealer.rotate()
	var err error
	if v.store, err = sqlsecrets.New(db, v.sealer, sqlsecrets.Options{Versions: versions}); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *vault) set(t *testing.T, name, value string) {
	t.Helper()
	if err := v.store.Set(t.Context(), name, config.NewSecret(value)); err != nil {
		t.Fatal(err)
	}
}

func (v *vault) has(t *testing.T, name, want string) {
	t.Helper()
	if got, err := v.store.Get(t.Context(), name); err != nil || got.Reveal() != want {
		t.Errorf("Get(%q) = %q, %v, want %q", name, got.Reveal(), err, want)
	}
}

func (v *vault) hides(t *testing.T) {
	const value = "hunter2 hunter2 hunter2"
	v.set(t, "db/password", value)
	var name, version string
	var sealed []byte
	err := sqldb.QueryRow(t.Context(), v.db, "SELECT name, version, sealed FROM lexigram_secrets").Scan(&name, &version, &sealed)
	if err != nil || name != "db/password" {
		t.Fatal(name, err)
	}
	for i := range len(value) - 6 {
		for j := range len(sealed) - 6 {
			if string(sealed[j:j+6]) == value[i:i+6] {
				t.Fatal("the table shows a part of the value")
			}
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", v.store, v.store, v.store); text != "sqlsecrets.Store sqlsecrets.Store sqlsecrets.Store" {
		t.Error(text)
	}
}

// binds has somebody write to the table who has no key.
func (v *vault) binds(t *testing.T) {
	v.set(t, "mine", "of mine")
	v.set(t, "theirs", "of theirs")
	v.set(t, "theirs", "of theirs, later")
	const swap = "UPDATE lexigram_secrets SET sealed = (SELECT sealed FROM lexigram_secrets WHERE seq = 1) WHERE seq = $1"
	for _, seq := range []int{3, 2} {
		execute(t, v.db, swap, seq)
	}
	var access *security.SecretAccessError
	if got, err := v.store.Get(t.Context(), "theirs"); !errors.As(err, &access) || !errors.Is(err, security.ErrOpen) {
		t.Errorf("Get of another's value = %q, %v, want ErrOpen", got.Reveal(), err)
	}
	if _, err := v.store.GetMany(t.Context(), []string{"mine", "theirs"}); !errors.Is(err, security.ErrOpen) {
		t.Errorf("GetMany = %v, want ErrOpen", err)
	}
	v.set(t, "mine", "of mine, later")
	execute(t, v.db, "UPDATE lexigram_secrets SET sealed = (SELECT sealed FROM lexigram_secrets WHERE seq = 1) WHERE seq = 4")
	if got, err := v.store.Get(t.Context(), "mine"); !errors.Is(err, security.ErrOpen) {
		t.Errorf("Get of a former value in place of the current one = %q, %v, want ErrOpen", got.Reveal(), err)
	}
}

func (v *vault) rotates(t *testing.T) {
	const count = 120 // more than a page
	for i := range count {
		v.set(t, fmt.Sprint("s", i), fmt.Sprint("v", i))
	}
	v.sealer.rotate()
	v.has(t, "s7", "v7")
	v.set(t, "s7", "new")
	v.has(t, "s7", "new")
	if n, err := v.store.Reseal(t.Context()); err != nil || n != count+1 {
		t.Fatalf("Reseal = %d, %v, want %d", n, err, count+1)
	}
	v.sealer.forget()
	v.has(t, "s119", "v119")
	v.has(t, "s7", "new")

	execute(t, v.db, "UPDATE lexigram_secrets SET sealed = $1 WHERE name = 's3'", []byte("garbage"))
	n, err := v.store.Reseal(t.Context())
	if a, ok := errors.AsType[*security.SecretAccessError](err); n != count || !ok || a.Name != "s3" || !errors.Is(err, security.ErrOpen) {
		t.Errorf("Reseal with one that does not open = %d, %v", n, err)
	}
}

func (v *vault) keeps(t *testing.T) {
	v.set(t, "other", "value")
	for i := range 5 {
		v.set(t, "s", fmt.Sprint("v", i))
	}
	all, err := v.store.Versions(t.Context(), "s")
	if err != nil || len(all) != 3 {
		t.Fatalf("Versions = %v, %v, want 3", all, err)
	}
	for i, version := range all {
		got, err := v.store.GetVersion(t.Context(), "s", version.ID)
		if want := fmt.Sprint("v", 4-i); err != nil || got.Reveal() != want || version.Created.IsZero() {
			t.Errorf("version %d = %q, %v, want %q", i, got.Reveal(), err, want)
		}
	}
	if n := rowsOf(t, v.db, "lexigram_secrets"); n != 4 {
		t.Errorf("%d rows, want 4", n)
	}
	for _, id := range []string{"1", "\x00", "\xff", "' OR 1=1 --"} {
		if _, err := v.store.GetVersion(t.Context(), "s", id); !errors.Is(err, security.ErrSecretNotFound) {
			t.Errorf("GetVersion(%q) = %v", id, err)
		}
	}
}

func (v *vault) joins(t *testing.T) {
	v.set(t, "s", "before")
	err := v.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := v.store.Set(ctx, "s", config.NewSecret("after")); err != nil {
			return err
		}
		if got, err := v.store.Get(ctx, "s"); err != nil || got.Reveal() != "after" {
			t.Errorf("inside the transaction Get = %q, %v", got.Reveal(), err)
		}
		return errLeft
	})
	if !errors.Is(err, errLeft) {
		t.Error(err)
	}
	v.has(t, "s", "before")
}

// Resolve makes a vault the services of a command.
func (v *vault) Resolve(context.Context, di.Key) (any, error) { return v.store, nil }

func (v *vault) commandLine(t *testing.T) {
	v.set(t, "a", "value of a")
	v.set(t, "b", "value of b")
	clitest.Run(t, func() cli.Contributor { return sqlsecrets.Commands{} }, clitest.Needs(func(*testing.T) di.Resolver { return v }))
	v.sealer.rotate()
	run := func(asJSON bool) (string, error) {
		var out bytes.Buffer
		err := sqlsecrets.Commands{}.Commands()[0].Run(t.Context(), &cli.Call{Stdout: &out, JSON: asJSON, Needs: v})
		return out.String(), err
	}
	if out, err := run(false); err != nil || out != "2 versions are sealed with the current key\n" {
		t.Errorf("%q, %v", out, err)
	}
	v.sealer.forget()
	v.has(t, "a", "value of a")
	v.sealer.rotate()
	v.sealer.forget()
	if out, err := run(true); !errors.Is(err, security.ErrOpen) || out != "" {
		t.Errorf("without the former key: %q, %v", out, err)
	}
}
