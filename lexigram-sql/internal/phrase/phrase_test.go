package phrase_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFill(t *testing.T) {
	for d, want := range map[sqldb.Dialect]string{
		sqldb.Postgres: "SELECT CAST($1 AS bytea) FOR UPDATE SKIP LOCKED",
		sqldb.SQLite:   "SELECT CAST($1 AS blob) ",
	} {
		b, err := phrase.For(d)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Fill("SELECT CAST($1 AS {bytes}) {skip}"); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	if _, err := phrase.For("oracle"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("an unknown dialect: %v", err)
	}
}

func TestPlaceholders(t *testing.T) {
	if got := phrase.Placeholders(9, 3); got != "$9,$10,$11" {
		t.Error(got)
	}
}

func TestAlone(t *testing.T) {
	other := errors.New("other")
	for name, c := range map[string]struct {
		dialect sqldb.Dialect
		errs    []error // of one call after another
		want    error
		calls   int
	}{
		"at once":          {sqldb.Postgres, []error{nil}, nil, 1},
		"another error":    {sqldb.Postgres, []error{other}, other, 1},
		"lost races":       {sqldb.Postgres, []error{sqldb.ErrSerialization, sqldb.ErrSerialization, nil}, nil, 3},
		"the one writer":   {sqldb.SQLite, []error{sqldb.ErrSerialization}, sqldb.ErrSerialization, 1},
		"lost every race":  {sqldb.Postgres, slices.Repeat([]error{sqldb.ErrSerialization}, 10), sqldb.ErrSerialization, 10},
		"lost, then other": {sqldb.Postgres, []error{sqldb.ErrSerialization, other}, other, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			b, err := phrase.For(c.dialect)
			if err != nil {
				t.Fatal(err)
			}
			calls := 0
			err = b.Alone(t.Context(), func(ctx context.Context) error {
				if !sqldb.Detached(ctx) {
					t.Errorf("%s: it may be in a transaction", name)
				}
				calls++
				return c.errs[calls-1]
			})
			if !errors.Is(err, c.want) || calls != c.calls {
				t.Errorf("%s: %v after %d calls", name, err, calls)
			}
		})
	}
	b, err := phrase.For(sqldb.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = b.Alone(ctx, func(context.Context) error { cancel(); return sqldb.ErrSerialization })
	if !errors.Is(err, sqldb.ErrSerialization) {
		t.Errorf("the caller left: %v", err)
	}
}

func TestKeys(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 5: 8, 512: 512, 513: 999, 999: 999} {
		keys := slices.Repeat([]string{"a"}, n)
		keys[n-1] = "last"
		got := phrase.Keys(keys)
		if len(got) != want || string(got[n-1].([]byte)) != "last" || string(got[want-1].([]byte)) != "last" {
			t.Errorf("%d keys are %d arguments, want %d", n, len(got), want)
		}
	}
}
