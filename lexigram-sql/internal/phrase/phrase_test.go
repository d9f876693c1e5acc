package phrase_test

import (
	"errors"
	"testing"

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
