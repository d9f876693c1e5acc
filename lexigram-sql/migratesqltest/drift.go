package migratesqltest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// drift: what is wrong is told file by file, with what to do.
func drift(t *testing.T, e *env) {
	const first, second, third = "20260101000000_create.sql", "20260201000000_insert.sql", "20260301000000_more.sql"
	more := "INSERT INTO TABLE_a (n) VALUES (3)"
	up(t, e.migrator(t, e.set("s", first, createA, third, more), e.set("gone", "0001_b.sql", "CREATE TABLE TABLE_b (n bigint)")))
	for _, c := range []struct {
		files []string
		want  string
		is    error
	}{
		{[]string{first, createA, third, more}, "applied applied newer", nil},
		{[]string{first, createA}, "applied newer newer", nil},
		{[]string{first, createA, third, more, "20260401000000_x.sql", "x"}, "applied applied pending newer", nil},
		{[]string{first, createA + " ", third, more}, "changed applied newer", migrate.ErrChanged},
		{[]string{first, createA, second, insertA, third, more}, "applied skipped applied newer", migrate.ErrOrder},
		{[]string{third, more}, "applied newer missing", migrate.ErrMissing},
	} {
		m := e.migrator(t, e.set("s", c.files...))
		all, err := m.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var states []string
		for _, s := range all {
			states = append(states, string(s.State))
			wrong := s.State == migrate.Changed || s.State == migrate.Skipped || s.State == migrate.Missing
			if wrong != (s.Fix != "") || (s.State == migrate.Pending) != s.AppliedAt.IsZero() && s.State != migrate.Skipped {
				t.Errorf("%+v", s)
			}
		}
		if got := strings.Join(states, " "); got != c.want {
			t.Errorf("%q: %s, want %s", c.files, got, c.want)
		}
		if _, err := m.Pending(t.Context()); !errors.Is(err, c.is) || err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %v", c.files, err, c.is)
		}
		applied, err := m.Up(t.Context())
		if c.is != nil && (!errors.Is(err, c.is) || len(applied) > 0) {
			t.Errorf("%q: applied %s, %v", c.files, names(applied), err)
		}
	}
}

func ready(t *testing.T, e *env) {
	set := e.set("s", "0001_create.sql", createA, "0002_insert.sql", insertA)
	m := e.migrator(t, set)
	if r := m.CheckHealth(t.Context()); r.Status != health.Unhealthy || r.Details["pending"] != "2" || !strings.Contains(r.Message, "the first is s 0001_create.sql: run migrate up") {
		t.Errorf("%+v", r)
	}
	up(t, m)
	for _, older := range []*migrate.Migrator{m, e.migrator(t, e.set("s", "0001_create.sql", createA))} {
		if r := older.CheckHealth(t.Context()); r.Status != health.Healthy || r.Details["pending"] != "0" || r.Message != "" {
			t.Errorf("%+v", r)
		}
	}
	if r := e.migrator(t, e.set("s", "0001_create.sql", "x")).CheckHealth(t.Context()); r.Status != health.Unhealthy || !strings.Contains(r.Message, "0001_create.sql") {
		t.Errorf("%+v", r)
	}
}

// hostile files are of Windows, begin with a byte order mark, and end what is not theirs.
func hostile(t *testing.T, e *env) {
	windows := func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") }
	script := "-- +goose Up\n" + createA + "\nINSERT INTO TABLE_a (n)\nVALUES (1);\n-- +goose Down\n" + dropA + "\n"
	if got := up(t, e.migrator(t, e.set("s", "0001_create.sql", windows(script)))); got != "s/0001_create.sql" || e.count(t, "a") != 1 {
		t.Errorf("applied %s, %d rows", got, e.count(t, "a"))
	}
	m := e.migrator(t, e.set("s", "0001_create.sql", script))
	if got := up(t, m); got != "" {
		t.Errorf("line ends made another file of it: %s", got)
	}
	if got := down(t, m, "s", 0); got != "s/0001_create.sql" {
		t.Errorf("undone %s", got)
	}
	for name, files := range map[string][]string{
		"ends the transaction": {"0001_create.sql", createA + "COMMIT; DROP TABLE x; BEGIN"},
		"one version twice":    {"0001_a.sql", "x", "0001_b.sql", "y"},
		"gap":                  {"0001_a.sql", "x", "0003_b.sql", "y"},
		"two ways back":        {"0001_a.sql", "-- +goose Up\nx\n-- +goose Down\ny", "0001_a.down.sql", "z"},
		"a way back of none":   {"0001_a.sql", "x", "0002_b.down.sql", "z"},
		"one way back twice":   {"0001_a.sql", "x", "0001_a.down.sql", "y", "0001_b.down.sql", "z"},
	} {
		if _, err := migrate.New(e.db, migrate.Options{}, e.set("s", files...)); !errors.Is(err, migrate.ErrFile) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
