package sqlsecrets_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlsecrets"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dialect is a database that is asked for nothing else.
type dialect struct {
	sqldb.DB
	d sqldb.Dialect
}

func (d dialect) Dialect() sqldb.Dialect { return d.d }

type noSealer struct{ security.Sealer }

func TestNewRefuses(t *testing.T) {
	db := dialect{d: sqldb.SQLite}
	if _, err := sqlsecrets.New(nil, noSealer{}, sqlsecrets.Options{}); !errors.Is(err, security.Err) {
		t.Errorf("no database: %v", err)
	}
	if _, err := sqlsecrets.New(db, nil, sqlsecrets.Options{}); !errors.Is(err, security.Err) {
		t.Errorf("no sealer: %v", err)
	}
	if _, err := sqlsecrets.New(dialect{d: "oracle"}, noSealer{}, sqlsecrets.Options{}); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, security.Err) {
		t.Errorf("another dialect: %v", err)
	}
	_, err := sqlsecrets.New(db, noSealer{}, sqlsecrets.Options{Versions: -1})
	if _, ok := errors.AsType[*errs.ValidationError](err); !ok {
		t.Errorf("a negative number: %v", err)
	}
	if _, err := sqlsecrets.Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("migrations: %v", err)
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return sqlsecrets.Module(sqlsecrets.Config{Versions: 2}) })
}

func Example() {
	var db sqldb.DB            // with the table of Migrations
	var sealer security.Sealer // such as an envelope over a ring of keys
	change := func(ctx context.Context, password string) error {
		store, err := sqlsecrets.New(db, sealer, sqlsecrets.Options{})
		if err != nil {
			return err
		}
		return store.Set(ctx, "smtp/password", config.NewSecret(password))
	}
	_ = change
}
