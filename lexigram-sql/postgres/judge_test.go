package postgres

import "testing"

func TestJudge(t *testing.T) {
	for sql, want := range map[string]verdict{
		"SELECT 1": reads, "select count(*) from t where a in (1,2) and lower(b) = $1": reads, "VALUES (1)": reads, "TABLE t": reads,
		"WITH x AS (SELECT 1) SELECT * FROM x": reads, "(SELECT 1) UNION (SELECT 2)": reads, "-- x\nSELECT ';'": reads,
		"SELECT CAST(a AS numeric(10,2)), b FROM t JOIN u USING (id) ORDER BY row_number() OVER (PARTITION BY a)": reads,
		"SELECT 'INSERT', \"update\" FROM t": reads,

		"INSERT INTO t VALUES (1)": mayWrite, "": mayWrite, "EXPLAIN ANALYZE DELETE FROM t": mayWrite, "CREATE TABLE t (n int)": mayWrite,
		"WITH x AS (DELETE FROM t RETURNING n) SELECT * FROM x":          mayWrite,
		"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x":             mayWrite,
		"SELECT n INTO u FROM t":                                         mayWrite,
		"SELECT n FROM t FOR UPDATE":                                     mayWrite,
		"SELECT n FROM t FOR /**/ no key update":                         mayWrite,
		"SELECT n FROM t FOR SHARE":                                      mayWrite,
		"SELECT nextval('s')":                                            mayWrite,
		"SELECT pg_advisory_lock(1)":                                     mayWrite,
		"SELECT pg_notify('c', '')":                                      mayWrite,
		"SELECT my_function(1)":                                          mayWrite,
		"SELECT public.lower(a) FROM t":                                  mayWrite,
		"SELECT \"COUNT\" (1)":                                           mayWrite,
		"SELECT set_config('a.b', 'c', false)":                           mayWrite,
		"MERGE INTO t USING u ON t.n = u.n WHEN MATCHED THEN DO NOTHING": mayWrite,
		"LOCK TABLE t":                                                   mayWrite, "SET x = 1": mayWrite, "CALL p()": mayWrite, "COPY t FROM STDIN": mayWrite,

		"SAVEPOINT a": controls, "RELEASE SAVEPOINT a": controls, "ROLLBACK TO SAVEPOINT a": controls,
	} {
		var j judge
		if got := j.of(sql); got != want || j.of(sql) != want {
			t.Errorf("%q: %d, want %d", sql, got, want)
		}
	}
}

func TestBefore(t *testing.T) {
	for _, c := range []struct {
		xid, next string
		want      bool
	}{
		{"733", "0:734", true},
		{"734", "0:734", false},
		{"4294967296", "0:734", false},
		{"4294967296", "1:1", true},
		{"", "0:1", false},
		{"1", "", false},
		{"1", "0:x", false},
	} {
		if before(c.xid, c.next) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

// What is left of a transaction after the server was started again.
func TestSurvived(t *testing.T) {
	for name, c := range map[string]struct {
		m                mark
		status, timeline string
		recovered        bool
		want             outcome
	}{
		"of this life or another":    {mark{xid: "700", timeline: "A"}, "committed", "A", true, lost}, // after two crashes it may be of a life between
		"no trace, its number given": {mark{xid: "734", timeline: "A"}, "committed", "A", true, aborted},
		"no trace, given and open":   {mark{xid: "734", timeline: "A"}, "in progress", "A", true, aborted},
		"rolled back":                {mark{xid: "700", timeline: "A"}, "aborted", "A", false, aborted},
		"a checkpoint came since":    {mark{xid: "700", timeline: "A"}, "committed", "A", false, lost},
		"another server":             {mark{xid: "700", timeline: "A"}, "committed", "B", true, lost},
		"a pooler between":           {mark{xid: "700"}, "committed", "A", true, lost},
	} {
		if got := c.m.survived(c.status, c.timeline, c.recovered, "0:734"); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
