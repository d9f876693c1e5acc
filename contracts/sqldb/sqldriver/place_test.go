package sqldriver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

func TestCheckPlace(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "Tenant_1-b": true, strings.Repeat("a", 63): true, "": false, strings.Repeat("a", 64): false, "a.b": false, `a"b`: false, "é": false, "a\x00": false,
	} {
		for _, p := range []sqldb.Place{{Database: name}, {Schema: name}} {
			if err := sqldriver.CheckPlace(p); (err == nil) != want || err != nil && !errors.Is(err, sqldb.ErrArgument) {
				t.Errorf("%+v: %v", p, err)
			}
		}
	}
	if err := sqldriver.CheckPlace(sqldb.Place{Database: "a", Schema: "b."}); !errors.Is(err, sqldb.ErrArgument) {
		t.Error(err)
	}
}
