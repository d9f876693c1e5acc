package migrate

import (
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		up, down   []string
		hasDown    bool
		noTx       bool
	}{
		{name: "plain", text: "a;\nb", up: []string{"a", "b"}},
		{name: "empty", text: ""},
		{name: "goose", text: "-- +goose Up\na;\nb;\n\n-- +goose Down\nc;\n", up: []string{"a", "b"}, down: []string{"c"}, hasDown: true},
		{name: "goose, as people write it", text: "--+goose up\na\n  --  +GOOSE   Down\nc", up: []string{"a"}, down: []string{"c"}, hasDown: true},
		{name: "no way back", text: "-- +goose Up\na;", up: []string{"a"}},
		{name: "a way back that does nothing", text: "-- +goose Up\na;\n-- +goose Down\n", up: []string{"a"}, hasDown: true},
		{
			name: "blocks", text: "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() AS $$ BEGIN a; END $$;\n-- +goose StatementEnd\n" +
				"-- +goose StatementBegin\na; b\n-- +goose StatementEnd\nc",
			up: []string{"CREATE FUNCTION f() AS $$ BEGIN a; END $$", "a", "b", "c"},
		},
		{
			name: "a block ends what does not look as if it ended", text: "-- +goose StatementBegin\nCREATE TRIGGER begin BEGIN a; END;\n-- +goose StatementEnd\nb;",
			up: []string{"CREATE TRIGGER begin BEGIN a; END;", "b"},
		},
		{name: "no transaction", text: "-- +goose NO TRANSACTION\n-- +goose Up\na", up: []string{"a"}, noTx: true},
		{name: "no transaction, in our words", text: "-- why\n-- +lexigram no-transaction\na", up: []string{"a"}, noTx: true},
		{name: "marks in literals", text: "INSERT INTO t VALUES ('\n-- +goose Down\n');\nSELECT $$\n-- +goose Down\n$$", up: []string{"INSERT INTO t VALUES ('\n-- +goose Down\n')", "SELECT $$\n-- +goose Down\n$$"}},
		{name: "marks in comments", text: "/*\n-- +goose Down\n*/ a; -- see +goose Down\n-- about +goose", up: []string{"a"}},
		{name: "ENVSUB OFF", text: "-- +goose ENVSUB OFF\na", up: []string{"a"}},
	} {
		got, err := parse(c.text, sqldb.Postgres)
		up, down := action{statements: got.up}.texts(), action{statements: got.down}.texts()
		if err != nil || !slices.Equal(up, c.up) || !slices.Equal(down, c.down) || got.hasDown != c.hasDown || got.noTx != c.noTx {
			t.Errorf("%s: %q, %q, %+v, %v", c.name, up, down, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a;\nBEGIN;\nb;\nCOMMIT":        "line 2: BEGIN would begin or end a transaction",
		"a;\n\ncommit":                  "line 3: COMMIT would",
		"ROLLBACK TO x":                 "ROLLBACK would",
		"-- +goose Up\n-- +goose Up\na": "line 2: annotation \"up\" comes twice",
		"a;\n-- +goose Up\nb":           "line 2: annotation \"up\" has statements before it",
		"a;\n-- +goose Down\nb":         "line 2: annotation \"down\" comes twice, or without Up",
		"-- +goose Up\na;\n-- +goose Down\nb;\n-- +goose Down\nc":                              "line 5",
		"-- +goose Up\na;\n-- +goose Down\nb;\n-- +goose Up\nc":                                "line 5",
		"-- +goose StatementBegin\na":                                                          "has no StatementEnd",
		"-- +goose StatementEnd\na":                                                            "has no partner",
		"-- +goose Up\n-- +goose StatementBegin\na\n-- +goose Down\nb\n-- +goose StatementEnd": "stands between",
		"-- +goose ENVSUB ON\na":                                                               "is not one of",
		"-- +goose Upp\na":                                                                     "is not one of",
		"DROP TABLE a; -- +lexigram allow scan":                                                "give it a line of its own",
		"-- +lexigram allow scam\na":                                                           `no rule "scam"`,
		"-- +lexigram notransaction\na":                                                        "is neither",
		"-- +migrate Up\na\n-- +migrate Down\n":                                                "another tool's",
		"-- migrate:up\na":                                                                     "another tool's",
		"a;\n---- create above / drop below ----\nb":                                           "another tool's",
		"a\x00b":  "UTF-8",
		"a\xff":   "UTF-8",
		"a;\n'b;": "line 2: the text that begins with",
	} {
		got, err := parse(text, sqldb.Postgres)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %+v, %v, want %s", text, got, err, want)
		}
	}
}

func TestAllow(t *testing.T) {
	got, err := parse("-- +lexigram allow scan, rewrite\n-- +lexigram allow rename\na\n-- +lexigram allow drop-table\n;\n\nb", sqldb.Postgres)
	if err != nil || len(got.up) != 2 || !slices.Equal(got.up[0].allow, []string{scan, rewrite, rename, dropTable}) || got.up[1].allow != nil || got.up[0].line != 3 || got.up[1].line != 7 {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is read stands in the text, in order, and none of it begins or ends a transaction.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a;b", "CREATE TRIGGER x BEGIN a; END; b", "';'", "$$;$$;", "/*;*/;--;", "CREATE FUNCTION f BEGIN CASE END END;END",
		"-- +goose Up\na;\n-- +goose StatementBegin\nb;c\n-- +goose StatementEnd\n-- +goose Down\nd", "-- +goose NO TRANSACTION\na",
		"-- +lexigram allow scan\nALTER TABLE a ADD CHECK (b > 0)", "a;/**/COMMIT", "\ufeffa", "(;);a", "a\r\n;--\r+goose Up\n",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, postgres bool) {
		d := sqldb.SQLite
		if postgres {
			d = sqldb.Postgres
		}
		got, err := parse(text, d)
		if err != nil {
			return
		}
		rest := text
		for _, s := range slices.Concat(got.up, got.down) {
			_, after, ok := strings.Cut(rest, s.text)
			if !ok || s.text == "" {
				t.Fatalf("%q is not in what is left of %q", s.text, text)
			}
			rest = after
			if c := clauseOf(s.text, d); len(c) == 0 || slices.Contains(controls[:], c[0].text) && c[0].kind == sqllex.Word {
				t.Fatalf("statement %q", s.text)
			}
			if s.line < 1 || s.line > strings.Count(text, "\n")+1 {
				t.Fatalf("line %d", s.line)
			}
		}
		if len(got.down) > 0 && !got.hasDown {
			t.Fatal("a way back without Down")
		}
		lint(d, []Migration{{up: action{statements: got.up}}}, false)
	})
}
