package sqlsearch

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a database that only says what it speaks. The engine runs on real
// ones in datasqltest.
type fake struct {
	sqldb.DB
	dialect sqldb.Dialect
}

func (f fake) Dialect() sqldb.Dialect { return f.dialect }

func (f fake) Query(context.Context, string, ...any) (sqldb.Rows, error) {
	return nil, sqldb.ErrUnavailable
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(fake{dialect: "mysql"}, Options{}); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, search.Err) {
		t.Errorf("mysql: %v", err)
	}
	if _, err := Migrations().FS("mysql"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("tables for mysql: %v", err)
	}
	for name, w := range map[string]map[string]float64{
		"no field": {"a b": 1}, "zero": {"a": 0}, "negative": {"a": -1}, "infinite": {"a": math.Inf(1)}, "none": {"a": math.NaN()}, "five weights": {"a": 2, "b": 3, "c": 4, "d": 5},
	} {
		if _, err := New(fake{dialect: sqldb.SQLite}, Options{Weights: w}); !errors.Is(err, errs.ErrValidation) || !errors.Is(err, search.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(fake{dialect: sqldb.Postgres}, Options{Weights: map[string]float64{"a": 2, "b": 3, "c": 4, "d": 4, "e": 1}}); err != nil {
		t.Error(err)
	}
}

func TestFailures(t *testing.T) {
	e, err := New(fake{dialect: sqldb.SQLite}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Search(t.Context(), "c", search.Query{})
	if !errors.Is(err, search.Err) || !errors.Is(err, sqldb.ErrUnavailable) || errors.Is(err, search.ErrNoIndex) {
		t.Errorf("Search without a database = %v", err)
	}
	if r := e.CheckHealth(t.Context()); r.Message == "" {
		t.Errorf("%+v", r)
	}
}

// What is indexed stays right when values of weights change.
func TestWeightsKeepTheirClasses(t *testing.T) {
	one, two := newWeights(Options{Weights: map[string]float64{"title": 3, "note": 0.5}}), newWeights(Options{Weights: map[string]float64{"title": 9, "note": 0.1}})
	for _, field := range []string{"title", "body", "note"} {
		if one.of(field) != two.of(field) {
			t.Errorf("%s: class %d, then %d", field, one.of(field), two.of(field))
		}
	}
	if one.of("title") != 0 || one.of("body") != 1 || one.of("note") != 2 || one.values != [4]float64{3, 1, 0.5, 1} {
		t.Errorf("%+v", one)
	}
}
