package sqlite

import (
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		sql, text string
		kind      string // r: reads, w: writes, -: neither
		params    int
	}{
		{"SELECT 1", "", "r", 0},
		{" -- x\n select $1", " -- x\n select ?", "r", 1},
		{"VALUES ($1, $2)", "VALUES (?, ?)", "r", 2},
		{"EXPLAIN QUERY PLAN DELETE FROM t", "", "r", 0},
		{"WITH a AS (DELETE FROM t) SELECT 1", "", "r", 0},
		{"WITH RECURSIVE a(x) AS NOT MATERIALIZED (SELECT 1), b AS (SELECT 2) INSERT INTO t SELECT * FROM a", "", "w", 0},
		{"with a as (select 1) update t set x = $1", "with a as (select 1) update t set x = ?", "w", 1},
		{"INSERT INTO t VALUES ($2, $1)", "INSERT INTO t VALUES (?2, ?1)", "w", 2},
		{"REPLACE INTO t VALUES ($1, $1)", "REPLACE INTO t VALUES (?1, ?1)", "w", 1},
		{"DELETE FROM t WHERE a = '$1' AND b = $1 -- $2", "DELETE FROM t WHERE a = '$1' AND b = ? -- $2", "w", 1},
		{"UPDATE t SET x = 1;", "", "w", 0},
		{"CREATE TABLE t (a int)", "", "-", 0},
		{"PRAGMA user_version", "", "-", 0},
		{"CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;", "", "-", 0},
		{"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT 2; END;", "", "-", 0},
		{"CREATE TRIGGER t BEFORE UPDATE ON a WHEN CASE WHEN new.begin THEN 1 END BEGIN SELECT CASE new.end WHEN 1 THEN 2 END; END", "", "-", 0},
		{"PRAGMA foreign_key_list(query_onl)", "", "-", 0},
	} {
		st, err := parse(c.sql)
		if err != nil {
			t.Errorf("%q: %v", c.sql, err)
			continue
		}
		kind := "-"
		if st.reads {
			kind = "r"
		} else if st.writes {
			kind = "w"
		}
		if c.text == "" {
			c.text = c.sql
		}
		if st.text != c.text || kind != c.kind || st.params != c.params {
			t.Errorf("%q is %+v, want %s %q with %d", c.sql, st, c.kind, c.text, c.params)
		}
	}
	for _, sql := range []string{
		"", " -- only\n", "SELECT 1; SELECT 2", "DELETE FROM t; DROP TABLE t", "CREATE TABLE a (trigger int); DROP TABLE b", "PRAGMA x; DROP TABLE b", "(SELECT 1; SELECT 2", "SELECT ?", "SELECT $0", "SELECT $99999", "SELECT \x00",
		"CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; DROP TABLE b", "\ufeff\ufeffSELECT 1; DROP TABLE b",
	} {
		if st, err := parse(sql); err == nil {
			t.Errorf("%q: %+v", sql, st)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"SELECT $1", "INSERT INTO t VALUES ($2,$1,'$3')", "WITH a AS (SELECT 1) SELECT $1", "/*$1*/ \"$2\" [$3] `$4`", "SELECT 1;;", "$1$2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		st, err := parse(sql)
		if err != nil {
			return
		}
		if st.reads && st.writes {
			t.Fatalf("%q reads and writes", sql)
		}
		text := st.text
		back := sqllex.New(text, sqldb.SQLite)
		for lex := sqllex.New(sql, sqldb.SQLite); ; {
			tok, ok := lex.Next()
			if !ok {
				return
			}
			got, _ := back.Next()
			if tok.Kind != sqllex.Placeholder {
				if got.Text != tok.Text {
					t.Fatalf("%q became %q", sql, st.text)
				}
				continue
			}
			if got.Text != "?" {
				t.Fatalf("%q became %q: a placeholder became %q", sql, st.text, got.Text)
			}
			text = strings.TrimLeft(text[got.At+1:], "0123456789")
			back = sqllex.New(text, sqldb.SQLite)
		}
	})
}
