package postgres

import (
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// A verdict is what a statement is known to do.
type verdict uint8

const (
	mayWrite verdict = iota
	reads            // it only reads: a replica gives the same answer
	controls         // SAVEPOINT and what ends it
)

// A judge remembers its verdicts.
type judge struct{ known sqldriver.Memo[verdict] }

func (j *judge) of(sql string) verdict {
	v, _ := j.known.Of(sql, judged) // which returns no error
	return v
}

func judged(sql string) (verdict, error) { return pass(sql), nil }

// pass judges sql. It takes no risk: whatever is not known to be harmless may write.
func pass(sql string) verdict {
	first, word, dot := true, "", false
	for lex := sqllex.New(sql, sqldb.Postgres); ; {
		t, ok := lex.Next()
		switch {
		case !ok && first:
			return mayWrite
		case !ok:
			return reads
		case t.Blank():
			continue
		case first:
			if v := begins(t); v != reads {
				return v
			}
		case t.Kind == sqllex.Word && writing[strings.ToUpper(t.Text)]:
			return mayWrite
		case t.Text == "(" && word != "" && !harmless[word]:
			return mayWrite
		}
		if word = called(t); dot && word != "" {
			word = "." + word // of a schema: nobody knows what it does
		}
		first, dot = false, t.Text == "."
	}
}

// begins judges a statement by its first word, which is t.
func begins(t sqllex.Token) verdict {
	switch {
	case t.Is("SELECT"), t.Is("VALUES"), t.Is("TABLE"), t.Is("WITH"), t.Text == "(":
		return reads
	case t.Is("SAVEPOINT"), t.Is("RELEASE"), t.Is("ROLLBACK"):
		return controls
	}
	return mayWrite
}

// called returns the function that t names if a parenthesis follows it.
func called(t sqllex.Token) string {
	switch t.Kind {
	case sqllex.Word:
		return strings.ToUpper(t.Text)
	case sqllex.Identifier:
		return t.Text // quoted: none that is harmless
	}
	return ""
}

// writing are words that stand in statements which write or lock. FOR is the
// one of FOR UPDATE; that of substring(a FOR b) is taken for it.
var writing = set("INSERT UPDATE DELETE MERGE INTO FOR CALL TRUNCATE")

// harmless are the words that a parenthesis may follow: keywords, and
// functions that neither write nor lock and give the same on a replica.
var harmless = set(`SELECT VALUES TABLE WITH AS IN AND OR NOT ON WHERE FROM HAVING BY ANY ALL SOME EXISTS CASE WHEN THEN ELSE
	JOIN USING UNION INTERSECT EXCEPT OVER FILTER DISTINCT LIMIT OFFSET CAST LATERAL MATERIALIZED BETWEEN LIKE ILIKE IS ARRAY ROW
	ROLLUP CUBE SETS GROUP WITHIN INTERVAL WINDOW RECURSIVE
	COUNT SUM MIN MAX AVG COALESCE NULLIF GREATEST LEAST ABS CEIL CEILING FLOOR ROUND TRUNC MOD POWER SQRT SIGN EXP LN LOG
	LENGTH CHAR_LENGTH OCTET_LENGTH LOWER UPPER INITCAP TRIM BTRIM LTRIM RTRIM LEFT RIGHT LPAD RPAD SUBSTR SUBSTRING REPLACE
	POSITION STRPOS CONCAT CONCAT_WS FORMAT REPEAT REVERSE SPLIT_PART TRANSLATE STARTS_WITH MD5 SHA256 ENCODE DECODE TO_HEX
	REGEXP_REPLACE REGEXP_MATCH REGEXP_MATCHES REGEXP_SPLIT_TO_ARRAY STRING_AGG ARRAY_AGG BOOL_AND BOOL_OR EVERY
	ROW_NUMBER RANK DENSE_RANK PERCENT_RANK CUME_DIST NTILE LAG LEAD FIRST_VALUE LAST_VALUE NTH_VALUE PERCENTILE_CONT PERCENTILE_DISC MODE
	NOW DATE_TRUNC DATE_PART DATE_BIN EXTRACT AGE MAKE_DATE MAKE_INTERVAL MAKE_TIMESTAMP TO_CHAR TO_DATE TO_NUMBER TO_TIMESTAMP
	JSON_AGG JSONB_AGG JSON_OBJECT_AGG JSONB_OBJECT_AGG JSON_BUILD_OBJECT JSONB_BUILD_OBJECT JSON_BUILD_ARRAY JSONB_BUILD_ARRAY
	TO_JSON TO_JSONB ROW_TO_JSON JSONB_ARRAY_ELEMENTS JSONB_ARRAY_ELEMENTS_TEXT JSONB_ARRAY_LENGTH JSONB_EACH JSONB_EACH_TEXT
	JSONB_OBJECT_KEYS JSONB_TYPEOF JSONB_SET JSONB_STRIP_NULLS JSONB_EXTRACT_PATH JSONB_EXTRACT_PATH_TEXT JSONB_PATH_EXISTS JSONB_PATH_QUERY
	UNNEST GENERATE_SERIES CARDINALITY ARRAY_LENGTH ARRAY_POSITION ARRAY_TO_STRING STRING_TO_ARRAY
	TO_TSVECTOR TO_TSQUERY PLAINTO_TSQUERY PHRASETO_TSQUERY WEBSEARCH_TO_TSQUERY TS_RANK TS_RANK_CD TS_HEADLINE CURRENT_SETTING
	NUMERIC DECIMAL VARCHAR CHAR CHARACTER VARYING TIMESTAMP TIMESTAMPTZ TIME BIT FLOAT`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
