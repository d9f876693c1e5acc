package sqlstate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlstate"
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
	if _, err := sqlstate.New(nil); !errors.Is(err, state.Err) {
		t.Errorf("nil: %v", err)
	}
	if _, err := sqlstate.New(dialect{d: "oracle"}); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, state.Err) {
		t.Errorf("another dialect: %v", err)
	}
	if _, err := sqlstate.Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("migrations: %v", err)
	}
	if err := (sqlstate.Config{Sweep: -1}).Validate(); err == nil {
		t.Error("a negative pause is valid")
	}
}

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return sqlstate.Module(sqlstate.Config{Sweep: time.Minute}) })
}

func Example() {
	var db sqldb.DB // with the table of Migrations
	visit := func(ctx context.Context) error {
		store, err := sqlstate.New(db)
		if err != nil {
			return err
		}
		return state.Update(ctx, store, "session/7", time.Hour, func(old []byte, exists bool) ([]byte, error) {
			return append(old, '.'), nil
		})
	}
	_ = visit
}
