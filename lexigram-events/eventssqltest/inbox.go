package eventssqltest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// inboxOnce counts effects in the database, which a repeated attempt of a
// transaction does not double.
func inboxOnce(t *testing.T, b *bench) {
	in, err := outbox.NewInbox(b.db, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(t.Context(), "CREATE TABLE effects (n INTEGER NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	effect := func(ctx context.Context) error {
		_, err := b.db.Exec(ctx, "INSERT INTO effects (n) VALUES (1)")
		return err
	}
	var wg sync.WaitGroup
	for i := range 16 {
		consumer := []string{"mail", "stock"}[i%2]
		wg.Go(func() {
			if err := in.Once(t.Context(), consumer, event("1", "k"), effect); err != nil {
				t.Errorf("Once: %v", err)
			}
		})
	}
	wg.Wait()
	if got := b.text(t, "SELECT CAST(COUNT(*) AS text) FROM effects"); got != "2" {
		t.Errorf("%s effects of two consumers", got)
	}
	other, tenants := event("1", "k"), event("1", "k")
	other.Source, tenants.Headers = "/other", map[string]string{events.HeaderTenant: "other"}
	for range 2 {
		if err := errors.Join(in.Once(t.Context(), "mail", other, effect), in.Once(t.Context(), "mail", tenants, effect)); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.text(t, "SELECT CAST(COUNT(*) AS text) FROM effects"); got != "4" {
		t.Errorf("%s effects; what has another source or tenant is another event", got)
	}
	if err := in.Once(t.Context(), "", event("1", "k"), effect); !errors.Is(err, events.ErrInvalid) {
		t.Errorf("Once without a consumer = %v, want ErrInvalid", err)
	}
}

func inboxRollsBack(t *testing.T, b *bench) {
	in, err := outbox.NewInbox(b.db, nil)
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	var calls atomic.Int32
	if err := in.Once(t.Context(), "mail", event("1", "k"), func(context.Context) error { calls.Add(1); return boom }); !errors.Is(err, boom) {
		t.Errorf("Once = %v, want boom", err)
	}
	err = b.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := in.Once(ctx, "mail", event("1", "k"), func(context.Context) error { calls.Add(1); return nil }); err != nil {
			return err
		}
		return boom // around it
	})
	if !errors.Is(err, boom) {
		t.Errorf("InTx = %v, want boom", err)
	}
	for range 2 {
		if err := in.Once(t.Context(), "mail", event("1", "k"), func(context.Context) error { calls.Add(1); return nil }); err != nil {
			t.Error(err)
		}
	}
	if n := calls.Load(); n != 3 {
		t.Errorf("called %d times, want 3", n)
	}
}
