package migratesqltest

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// services is as much of a container as the module needs.
type services struct {
	db   sqldb.DB
	sets []any
}

func (s services) Resolve(context.Context, di.Key) (any, error) { return s.db, nil }

func (s services) Collect(context.Context, reflect.Type) ([]any, error) { return s.sets, nil }

func TestModule(t *testing.T) {
	e := &env{db: open(t, filepath.Join(t.TempDir(), "a.db")), name: "t"}
	s := services{e.db, []any{e.set("a", "0001_create.sql", createA), e.set("b", "0001_create.sql", "CREATE TABLE TABLE_b (n int)")}}
	m := migrate.Module()
	p := m.Providers[0]
	if p.(lifecycle.Prioritizer).Priority() != lifecycle.Infrastructure || len(m.Needs) != 2 || m.Needs[1].Name != "*" {
		t.Errorf("%+v", m)
	}
	for range 2 {
		if err := p.(lifecycle.Booter).Boot(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if e.count(t, "a")+e.count(t, "b") != 0 {
		t.Error("rows in new tables")
	}
	s.sets = append(s.sets, e.set("a"))
	if err := p.(lifecycle.Booter).Boot(t.Context(), s); err == nil {
		t.Error("two sets of one source booted")
	}
}
