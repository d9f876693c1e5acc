package sqlaudit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlaudit"
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
	if _, err := sqlaudit.New(nil); !errors.Is(err, audit.Err) {
		t.Errorf("nil: %v", err)
	}
	if _, err := sqlaudit.New(dialect{d: "oracle"}); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, audit.Err) {
		t.Errorf("another dialect: %v", err)
	}
	if _, err := sqlaudit.Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("migrations: %v", err)
	}
	if err := (sqlaudit.Config{Sweep: -1}).Validate(); err == nil {
		t.Error("a negative pause is valid")
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return sqlaudit.Module(sqlaudit.Config{Sweep: time.Minute}) })
}

func Example() {
	var db sqldb.DB // with the table of Migrations
	failures := func(ctx context.Context) error {
		store, err := sqlaudit.New(db)
		if err != nil {
			return err
		}
		for e, err := range store.Query(ctx, audit.Query{Outcome: audit.Failure, Limit: 20}) {
			if err != nil {
				return err
			}
			fmt.Println(e.Time, e.Actor, e.Action)
		}
		return nil
	}
	_ = failures
}
