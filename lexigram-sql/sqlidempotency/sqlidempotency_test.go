package sqlidempotency_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlidempotency"
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
	if _, err := sqlidempotency.New(nil); !errors.Is(err, idempotency.Err) {
		t.Errorf("nil: %v", err)
	}
	if _, err := sqlidempotency.New(dialect{d: "oracle"}); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, idempotency.Err) {
		t.Errorf("another dialect: %v", err)
	}
	if _, err := sqlidempotency.Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("migrations: %v", err)
	}
	if err := (sqlidempotency.Config{Sweep: -1}).Validate(); err == nil {
		t.Error("a negative pause is valid")
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return sqlidempotency.Module(sqlidempotency.Config{Sweep: time.Minute}) })
}

func Example() {
	var db sqldb.DB // with the table of Migrations
	order := func(ctx context.Context, key string) (idempotency.Outcome, error) {
		store, err := sqlidempotency.New(db)
		if err != nil {
			return idempotency.Outcome{}, err
		}
		return idempotency.Do(ctx, store, key, "", func(ctx context.Context, c idempotency.Claim) (result []byte, err error) {
			err = db.InTx(ctx, func(ctx context.Context) error {
				if _, err := db.Exec(ctx, "INSERT INTO orders (article) VALUES ('lamp')"); err != nil {
					return err
				}
				result = []byte("ordered")
				return store.Complete(ctx, c, result, idempotency.DefaultKeep) // commits with the order
			})
			return result, err
		})
	}
	_ = order
}
