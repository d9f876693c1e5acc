package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/audit/audittest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlaudit"
)

// RunAudit checks package sqlaudit, with the suite of its contract, on the databases
// that open returns, each of them empty. open registers its own cleanup on t.
func RunAudit(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("contract", func(t *testing.T) {
		audittest.RunStore(t, func(t *testing.T) audit.Store { return newAudit(t, open(t)) })
	})
	for name, check := range map[string]func(*testing.T, sqldb.DB, *sqlaudit.Store){
		"entries join a transaction": auditJoins,
		"append-only":                auditAppendOnly,
		"many pages":                 auditPages,
		"times between microseconds": auditTimes,
		"texts that no entry has":    auditHostile,
		"many expire":                auditExpires,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			check(t, db, newAudit(t, db))
		})
	}
}

func newAudit(t *testing.T, db sqldb.DB) *sqlaudit.Store {
	t.Helper()
	migrated(t, db, sqlaudit.Migrations())
	s, err := sqlaudit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// happened returns an entry of a second.
func happened(id string, second int) audit.Entry {
	return audit.Entry{
		ID: id, Time: began.Add(time.Duration(second) * time.Second), Action: "test", Actor: "system",
		Outcome: audit.Success, Severity: audit.Low,
	}
}

func record(t *testing.T, s audit.Appender, entries ...audit.Entry) {
	t.Helper()
	for _, e := range entries {
		if err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func recorded(t *testing.T, s audit.Reader, q audit.Query) (ids []string) {
	t.Helper()
	for e, err := range s.Query(t.Context(), q) {
		if err != nil {
			t.Fatalf("Query(%+v): %v", q, err)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func auditJoins(t *testing.T, db sqldb.DB, s *sqlaudit.Store) {
	for _, outcome := range []error{errLeft, nil} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			if err := s.Append(ctx, happened("a", 1)); err != nil {
				return err
			}
			if err := s.Append(ctx, happened("a", 2)); !errors.Is(err, audit.ErrDuplicate) {
				t.Errorf("a duplicate = %v", err)
			}
			if n, err := s.Count(ctx, audit.Query{}); err != nil || n != 1 { // the refusal left the transaction as it was
				t.Errorf("inside the transaction Count = %d, %v", n, err)
			}
			for _, err := range s.Query(ctx, audit.Query{}) {
				if err == nil { // the loop's body may run statements of the transaction
					_, err = s.Count(ctx, audit.Query{})
				}
				if err != nil {
					t.Error(err)
				}
			}
			return outcome
		})
		if !errors.Is(err, outcome) {
			t.Error(err)
		}
		if n := len(recorded(t, s, audit.Query{})); (n == 1) != (outcome == nil) {
			t.Errorf("after %v there are %d entries", outcome, n)
		}
	}
}

func auditAppendOnly(t *testing.T, db sqldb.DB, s *sqlaudit.Store) {
	mortal := happened("mortal", 1)
	mortal.Expires = mortal.Time
	record(t, s, happened("a", 1), mortal)
	statements := []string{
		"UPDATE lexigram_audit SET actor = 'somebody else'",
		"UPDATE lexigram_audit SET actor = 'somebody else' WHERE id = 'mortal'",
		"DELETE FROM lexigram_audit WHERE id = 'a'",
		"DELETE FROM lexigram_audit",
	}
	if db.Dialect() == sqldb.Postgres {
		statements = append(statements, "TRUNCATE lexigram_audit")
	}
	for _, sql := range statements {
		if _, err := db.Exec(t.Context(), sql); !errors.Is(err, sqldb.ErrConstraint) || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want that it is refused", sql, err)
		}
	}
	if db.Dialect() == sqldb.SQLite { // it is passed over, in silence: what fires there cannot tell it from ON CONFLICT
		_, err := db.Exec(t.Context(), `REPLACE INTO lexigram_audit SELECT id, occurred_at, action, 'somebody else', outcome, severity, resource_type,
			resource_id, source, tenant, correlation_id, causation_id, metadata, old_values, new_values, payload_hash, payload_size,
			NULL, chain, chain_seq, previous_sum, own_sum FROM lexigram_audit`)
		if err != nil {
			t.Error(err)
		}
	}
	if got := recorded(t, s, audit.Query{Actor: "system"}); len(got) != 2 {
		t.Errorf("%v are left", got)
	}
	if n, err := s.DeleteExpired(t.Context(), began.Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("DeleteExpired = %d, %v, want 1", n, err)
	}
}

// auditPages has entries of few times, so that pages end inside of one.
func auditPages(t *testing.T, db sqldb.DB, s *sqlaudit.Store) {
	const count = 450
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		for i := range count {
			if err := s.Append(ctx, happened(fmt.Sprintf("%04d", i), i/130)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{0, 1, 99, 100, 101, 200, 449, 450, 451} {
		got, want := recorded(t, s, audit.Query{Limit: limit}), count
		if limit > 0 {
			want = min(limit, count)
		}
		if len(got) != want {
			t.Errorf("a limit of %d has %d entries", limit, len(got))
			continue
		}
		for i, id := range got {
			if id != fmt.Sprintf("%04d", count-1-i) {
				t.Fatalf("limit %d: entry %d is %s", limit, i, id)
			}
		}
	}
}

func auditTimes(t *testing.T, _ sqldb.DB, s *sqlaudit.Store) {
	record(t, s, happened("a", 0), happened("b", 1))
	a, b := began, began.Add(time.Second)
	for _, c := range []struct {
		query audit.Query
		want  string
	}{
		{audit.Query{Since: a.Add(1)}, "[b]"},
		{audit.Query{Since: b.Add(1)}, "[]"},
		{audit.Query{Until: b.Add(-1)}, "[a]"},
		{audit.Query{Until: b.Add(1)}, "[b a]"},
		{audit.Query{Before: audit.Position{Time: b.Add(1)}}, "[b a]"},
		{audit.Query{Before: audit.Position{Time: b.Add(-1), ID: "z"}}, "[a]"},
		{audit.Query{Before: audit.Position{Time: b}}, "[a]"},
		{audit.Query{Before: audit.Position{Time: b, ID: "c"}}, "[b a]"},
	} {
		if got := fmt.Sprint(recorded(t, s, c.query)); got != c.want {
			t.Errorf("Query(%+v) = %s, want %s", c.query, got, c.want)
		}
	}
}

func auditHostile(t *testing.T, _ sqldb.DB, s *sqlaudit.Store) {
	record(t, s, happened("a", 0))
	for _, text := range []string{"\xff", "\x00", "' OR 1=1 --", "%", "$1"} {
		for _, q := range []audit.Query{
			{Actor: text},
			{Source: text},
			{CorrelationID: text},
			{ResourceType: text},
			{ResourceID: text},
			{Action: text},
			{Before: audit.Position{Time: began.Add(-time.Hour), ID: text}},
		} {
			if got := recorded(t, s, q); len(got) != 0 {
				t.Errorf("Query(%+v) = %v", q, got)
			}
			if n, err := s.Count(t.Context(), q); err != nil || n != 0 {
				t.Errorf("Count(%+v) = %d, %v", q, n, err)
			}
		}
	}
}

func auditExpires(t *testing.T, db sqldb.DB, s *sqlaudit.Store) {
	const count = 1100 // more than two statements delete
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		for i := range count {
			e := happened(fmt.Sprint(i), i)
			e.Expires = e.Time.Add(time.Hour)
			if err := s.Append(ctx, e); err != nil {
				return err
			}
		}
		return s.Append(ctx, happened("never", 0))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{count - 1, 0} {
		if n, err := s.DeleteExpired(t.Context(), began.Add(time.Hour+(count-2)*time.Second)); err != nil || n != want {
			t.Errorf("DeleteExpired = %d, %v, want %d", n, err, want)
		}
	}
	if got := fmt.Sprint(recorded(t, s, audit.Query{})); got != "[1099 never]" {
		t.Errorf("%s are left", got)
	}
}
