package outbox

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestModule(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return Module(Config{}) })
}

func TestModuleNeedsTheNamedPublisher(t *testing.T) {
	d := Module(Config{Publisher: "tenant"})
	for _, k := range d.Needs {
		if k.Name == "tenant" {
			return
		}
	}
	t.Errorf("needs %v", d.Needs)
}

// dialect is a database that speaks it and does nothing else.
type dialect sqldb.Dialect

func (d dialect) Dialect() sqldb.Dialect { return sqldb.Dialect(d) }

func (d dialect) Query(context.Context, string, ...any) (sqldb.Rows, error) {
	return nil, errors.ErrUnsupported
}

func (d dialect) Exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.ErrUnsupported
}

func (d dialect) InTx(context.Context, func(context.Context) error, ...sqldb.TxOption) error {
	return errors.ErrUnsupported
}

type nowhere struct{}

func (nowhere) Publish(context.Context, ...events.Event) error { return nil }

func TestConstructorsRefuse(t *testing.T) {
	db := dialect(sqldb.SQLite)
	relay := func(o RelayOptions) func() error {
		return func() error { _, err := NewRelay(db, nowhere{}, o); return err }
	}
	for name, c := range map[string]struct {
		make  func() error
		wants string
	}{
		"no database":       {func() error { _, err := New(nil, Options{}); return err }, "nil"},
		"negative lag":      {func() error { _, err := New(db, Options{Lag: -1}); return err }, "Lag"},
		"inbox":             {func() error { _, err := NewInbox(nil, nil); return err }, "nil"},
		"no publisher":      {func() error { _, err := NewRelay(db, nil, RelayOptions{}); return err }, "publisher"},
		"batch":             {relay(RelayOptions{Batch: -1}), "Batch is -1"},
		"large batch":       {relay(RelayOptions{Batch: 901}), "Batch is 901: it must be 1 to 900"},
		"parallel":          {relay(RelayOptions{Parallel: -1}), "Parallel"},
		"attempts":          {relay(RelayOptions{MaxAttempts: -1}), "MaxAttempts"},
		"poll":              {relay(RelayOptions{Poll: 1}), "Poll is 1ns"},
		"lease":             {relay(RelayOptions{Lease: time.Millisecond}), "Lease"},
		"retry":             {relay(RelayOptions{RetryBase: -1}), "RetryBase"},
		"cap below base":    {relay(RelayOptions{RetryBase: time.Minute, RetryCap: time.Second}), "RetryCap"},
		"retention":         {relay(RelayOptions{Retention: time.Minute}), "Retention is 1m0s: it must be at least 2m0s"},
		"inbox retention":   {relay(RelayOptions{InboxRetention: time.Minute}), "InboxRetention"},
		"a foreign dialect": {func() error { _, err := New(dialect("oracle"), Options{}); return err }, "oracle"},
	} {
		err := c.make()
		if !errors.Is(err, events.Err) || !strings.Contains(err.Error(), c.wants) {
			t.Errorf("%s: %v, want an error of the family events with %q", name, err, c.wants)
		}
	}
	if err := relay(RelayOptions{RetryBase: time.Hour})(); err != nil {
		t.Errorf("a base above the default cap: %v", err)
	}
}

func TestValidate(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Error(err)
	}
	err := Config{Lag: -1, Batch: 901, RetryBase: time.Minute, RetryCap: time.Second, InboxRetention: time.Minute}.Validate()
	var v *errs.ValidationError
	if !errors.As(err, &v) {
		t.Fatalf("%v, want an errs.ValidationError", err)
	}
	var keys []string
	for _, f := range v.Fields {
		keys = append(keys, f.Field)
	}
	if got := strings.Join(keys, " "); got != "lag retry_cap inbox_retention batch" {
		t.Errorf("it names %s: %v", got, err)
	}
	if _, err := New(nil, Options{}); err == nil || strings.Count(err.Error(), "invalid") != 1 {
		t.Errorf("%v, want one that says once what it is", err)
	}
}

func TestMigrations(t *testing.T) {
	for _, d := range []sqldb.Dialect{sqldb.SQLite, sqldb.Postgres} {
		files, err := Migrations().FS(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"0001_outbox.sql", "0001_outbox.down.sql"} {
			if text, err := fs.ReadFile(files, name); err != nil || len(text) == 0 {
				t.Errorf("%s/%s: %d bytes, %v", d, name, len(text), err)
			}
		}
	}
	if _, err := Migrations().FS("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a foreign dialect: %v, want ErrUnsupported", err)
	}
}
