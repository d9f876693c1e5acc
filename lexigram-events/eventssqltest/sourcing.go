package eventssqltest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/sourcing"
)

// A counter is the smallest aggregate.
type counter struct {
	sourcing.Root
	N int
}

var counted = sourcing.Fact[*counter, int]{Type: "test.counted", Apply: func(c *counter, n int) { c.N += n }}

type jsons struct{}

func (jsons) Marshal(v any) ([]byte, error)         { return json.Marshal(v) }
func (jsons) Unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }

func counters(t *testing.T, j joined, box *outbox.Outbox) *sourcing.Repository[*counter] {
	t.Helper()
	r, err := sourcing.New(j, sourcing.Options[*counter]{
		Source: "/test", Prefix: "counter-", Codec: jsons{}, New: func() *counter { return new(counter) },
		Facts: []sourcing.AnyFact[*counter]{counted}, Publisher: box, Tx: j.db,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// storeSourcing saves aggregates: what is in the store is in the outbox, and
// nothing else.
func storeSourcing(t *testing.T, j joined) {
	migrate(t, j.db, ".sql")
	box, err := outbox.New(j.db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, b, ctx := counters(t, j, box), &bench{db: j.db}, t.Context()
	both := func(what string, n int) {
		t.Helper()
		if kept, out := len(j.all(t, "")), b.count(t, "status = 0"); kept != n || out != n {
			t.Errorf("%s: %d events in the store and %d in the outbox, want %d", what, kept, out, n)
		}
	}
	first, stale := r.Make("1"), r.Make("1")
	counted.Raise(first, 3)
	counted.Raise(first, 4)
	counted.Raise(stale, 9)
	if err := r.Save(ctx, first); err != nil {
		t.Fatal(err)
	}
	both("saved", 2)
	if err := r.Save(ctx, stale); !errors.Is(err, eventstore.ErrConflict) {
		t.Errorf("Save of a stale one = %v, want ErrConflict", err)
	}
	both("a conflict", 2)

	boom := errors.New("boom")
	counted.Raise(first, 1)
	err = j.db.InTx(ctx, func(ctx context.Context) error {
		err := r.Save(ctx, first)
		counted.Raise(first, 2)
		return errors.Join(err, r.Save(ctx, first), boom)
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	both("a rollback", 2)
	if p := first.Pending(); first.Version() != 2 || len(p) != 2 || p[0].Value != 1 || p[1].Value != 2 {
		t.Errorf("after a rollback: version %d, pending %+v", first.Version(), p)
	}
	if err := r.Save(ctx, first); err != nil {
		t.Fatal(err)
	}
	both("saved again", 4)
	// A conflict in a transaction leaves it usable: Update loads again in it.
	err = j.db.InTx(ctx, func(ctx context.Context) error {
		if err := r.Save(ctx, stale); !errors.Is(err, eventstore.ErrConflict) {
			return errors.Join(errors.New("a stale one is saved"), err)
		}
		_, err := r.Update(ctx, "1", func(_ context.Context, c *counter) error { counted.Raise(c, 10); return nil })
		return err
	}, sqldb.MaxAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	both("updated in a transaction", 5)
	if c, err := r.Load(ctx, "1"); err != nil || c.N != 20 || c.Version() != 5 {
		t.Errorf("loaded %+v, %v, want 20 at version 5", c, err)
	}
}
