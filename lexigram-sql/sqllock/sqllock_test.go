package sqllock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqllock"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dialect is a database that is asked for nothing else.
type dialect struct {
	sqldb.DB
	d sqldb.Dialect
}

func (d dialect) Dialect() sqldb.Dialect { return d.d }

func TestNewRefuses(t *testing.T) {
	if _, err := sqllock.New(nil, sqllock.Options{}); !errors.Is(err, lock.Err) {
		t.Errorf("nil: %v", err)
	}
	if _, err := sqllock.New(dialect{d: "oracle"}, sqllock.Options{}); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, lock.Err) {
		t.Errorf("another dialect: %v", err)
	}
	_, err := sqllock.New(dialect{d: sqldb.SQLite}, sqllock.Options{Keep: time.Second})
	if _, ok := errors.AsType[*errs.ValidationError](err); !ok {
		t.Errorf("a short Keep: %v", err)
	}
	if _, err := sqllock.Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("migrations: %v", err)
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return sqllock.Module(sqllock.Config{Keep: time.Hour, Sweep: time.Minute}) })
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []sqllock.Config{{Keep: -1}, {Sweep: -1}, {Sweep: time.Millisecond}} {
		if err := c.Validate(); err == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	if err := (sqllock.Config{}).Validate(); err != nil {
		t.Error(err)
	}
}

func Example() {
	var db sqldb.DB // with the tables of Migrations and FenceMigrations
	report := func(ctx context.Context) error {
		store, err := sqllock.New(db, sqllock.Options{})
		if err != nil {
			return err
		}
		return lock.With(ctx, store, "reports/daily", 30*time.Second, func(ctx context.Context, fence uint64) error {
			return db.InTx(ctx, func(ctx context.Context) error {
				if err := sqllock.Guard(ctx, db, "reports/daily", fence); err != nil {
					return err
				}
				_, err := db.Exec(ctx, "UPDATE reports SET text = $1 WHERE name = 'daily'", "quiet")
				return err
			})
		})
	}
	_ = report
}
