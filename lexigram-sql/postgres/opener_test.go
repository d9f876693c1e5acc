package postgres

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
)

func TestWith(t *testing.T) {
	for _, c := range []struct{ raw, key, value, want string }{
		{"postgres://u:p@h:1/db?sslmode=disable", "database", "other", "postgres://u:p@h:1/other?sslmode=disable"},
		{"postgres://u@h/?dbname=db&sslmode=disable", "database", "other", "postgres://u@h/other?sslmode=disable"},
		{"postgres://u@h/?database=db", "database", "other", "postgres://u@h/other"},
		{"postgresql://u@h", "database", "other", "postgresql://u@h/other"},
		{"postgres://h/db", "search_path", `"a-b"`, "postgres://h/db?search_path=%22a-b%22"},
		{"host=h dbname=db", "database", "other", "host=h dbname=db dbname='other'"},
		{"host=h", "search_path", `"a"`, `host=h search_path='"a"'`},
	} {
		if got := with(config.NewSecret(c.raw), c.key, c.value).Reveal(); got != c.want {
			t.Errorf("%s with %s: %s, want %s", c.raw, c.key, got, c.want)
		}
	}
}
