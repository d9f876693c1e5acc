package sqleventstore

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// speaking is a database of a dialect, which is never asked anything.
type speaking struct {
	sqldb.DB
	dialect sqldb.Dialect
}

func (s speaking) Dialect() sqldb.Dialect { return s.dialect }

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return Module(Config{Poll: time.Minute}) })
	if err := (Config{Poll: 1}).Validate(); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("Poll of 1 ns: %v", err)
	}
}

// resolving is a di.Resolver that has one store.
type resolving struct{ store *Store }

func (r resolving) Resolve(context.Context, di.Key) (any, error) { return r.store, nil }

// The module runs the store from Bootstrap to Shutdown, which may come first.
func TestModuleRuns(t *testing.T) {
	s, err := New(speaking{dialect: sqldb.SQLite}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{cfg: &Config{}}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := p.Bootstrap(ctx, resolving{s}); err != nil {
		t.Fatal(err)
	}
	cancel() // which ends the call alone
	select {
	case err := <-p.done:
		t.Errorf("the store ends with the context of Bootstrap: %v", err)
	default:
	}
	for range 2 {
		if err := p.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		db   sqldb.DB
		opts Options
		want error
		says string
	}{
		"no database": {nil, Options{}, eventstore.ErrInvalid, "the database is nil"},
		"dialect":     {speaking{dialect: "oracle"}, Options{}, errors.ErrUnsupported, `dialect "oracle" is neither sqlite nor postgres`},
		"poll":        {speaking{dialect: sqldb.SQLite}, Options{Poll: -1}, eventstore.ErrInvalid, "Poll is -1ns"},
	} {
		if _, err := New(c.db, c.opts); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v that says %q", name, err, c.want, c.says)
		}
	}
	if _, err := New(speaking{dialect: sqldb.Postgres}, Options{}); err != nil {
		t.Error(err)
	}
}

// FuzzPosition: what is taken is what a place makes, and sorts as the place does.
func FuzzPosition(f *testing.F) {
	f.Add(string(place{1, 2, 3}.position()), int64(1), int64(2), int64(4))
	f.Add("", int64(0), int64(0), int64(0))
	f.Add("00000001.0000000000000002.000000000000000G", int64(1<<32-1), int64(1<<62), int64(1<<62))
	f.Add("-0000001.0000000000000002.+000000000000003", int64(9), int64(15), int64(16))
	f.Fuzz(func(t *testing.T, text string, epoch, txn, seq int64) {
		at, err := placeOf(eventstore.Position(text))
		if err != nil {
			if !errors.Is(err, eventstore.ErrPosition) {
				t.Errorf("placeOf(%q) = %v, want ErrPosition", text, err)
			}
			return
		}
		if text != "" && string(at.position()) != text {
			t.Errorf("%q is %+v, which is %q", text, at, at.position())
		}
		other := place{epoch & (1<<32 - 1), max(txn, 0), max(seq, 0)}
		if back, err := placeOf(other.position()); err != nil || back != other {
			t.Errorf("%+v becomes %+v, %v", other, back, err)
		}
		less := at.epoch < other.epoch || at.epoch == other.epoch && (at.txn < other.txn || at.txn == other.txn && at.seq < other.seq)
		if text != "" && less != (eventstore.Position(text) < other.position()) {
			t.Errorf("%+v and %+v sort otherwise as text", at, other)
		}
	})
}
