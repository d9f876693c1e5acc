package sqldriver_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

func TestSingleWriter(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{SingleWriter: true, Reads: func(sql string) bool { return sql == "read" }})
	none := func(context.Context) error { return nil }
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		if err := db.InTx(ctx, none, sqldb.WithPropagation(sqldb.Separate)); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Separate: %v", err)
		}
		out := sqldb.Detach(ctx)
		if _, err := db.Exec(out, "write"); !errors.Is(err, sqldb.ErrTxBusy) {
			t.Errorf("detached write: %v", err)
		}
		if err := db.InTx(out, none); !errors.Is(err, sqldb.ErrTxBusy) {
			t.Errorf("detached InTx: %v", err)
		}
		exec(t, out, db, "read")
		return db.InTx(out, func(ctx context.Context) error {
			if _, err := db.Exec(sqldb.Detach(ctx), "write"); !errors.Is(err, sqldb.ErrTxBusy) {
				t.Errorf("write detached from a reader that was detached from a writer: %v", err)
			}
			return nil
		}, sqldb.ReadOnly())
	})
	if err != nil {
		t.Error(err)
	}
	err = db.InTx(t.Context(), func(ctx context.Context) error {
		exec(t, sqldb.Detach(ctx), db, "write")
		return db.InTx(sqldb.Detach(ctx), none)
	}, sqldb.ReadOnly())
	if err != nil {
		t.Errorf("writes detached from a reader: %v", err)
	}
}

func TestSeparate(t *testing.T) {
	f := &fake{}
	db := sqldriver.New(f, sqldriver.Options{})
	err := db.InTx(t.Context(), func(outer context.Context) error {
		return db.InTx(outer, func(ctx context.Context) error {
			exec(t, ctx, db, "in the new one")
			exec(t, outer, db, "in the outer one")
			return nil
		}, sqldb.WithPropagation(sqldb.Separate))
	})
	if err != nil {
		t.Error(err)
	}
	wantLog(t, f, "BEGIN | BEGIN | in the new one | in the outer one | COMMIT | COMMIT")
}

func TestIsolationOfInner(t *testing.T) {
	f := &fake{}
	none := func(context.Context) error { return nil }
	db := sqldriver.New(f, sqldriver.Options{DefaultIsolation: sqldb.RepeatableRead})
	for _, c := range []struct {
		outer, inner sqldb.Isolation
		refused      bool
	}{
		{sqldb.DefaultIsolation, sqldb.RepeatableRead, false},
		{sqldb.DefaultIsolation, sqldb.Serializable, true},
		{sqldb.ReadCommitted, sqldb.RepeatableRead, false},
		{sqldb.Serializable, sqldb.Serializable, false},
	} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			return db.InTx(ctx, none, sqldb.WithIsolation(c.inner))
		}, sqldb.WithIsolation(c.outer))
		if errors.Is(err, sqldb.ErrTxOptions) != c.refused {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
