package datasqltest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
	"github.com/lexigram/lexigram-go/lexigram-sql/unitofwork"
)

// An account is an aggregate.
type account struct {
	ID      int64
	Owner   string
	Amount  int64
	Version int64

	pending []events.Event
}

func (a *account) PendingEvents() []events.Event { return a.pending }

func (a *account) DrainEvents() []events.Event {
	all := a.pending
	a.pending = nil
	return all
}

func (a *account) pay(n int64) {
	a.Amount += n
	a.pending = append(a.pending, events.New("bank", "bank.paid", fmt.Appendf(nil, "%s %d", a.Owner, n)))
}

// A bank has accounts, and a table of events that stands for an outbox.
type bank struct {
	db       sqldb.DB
	accounts *sqlrepo.Repository[account, int64]
	log      string
	fail     error // of the publisher
}

func newBank(t *testing.T, db sqldb.DB) *bank {
	name := table(t, db, idColumn(db.Dialect())+", owner text NOT NULL UNIQUE, amount bigint NOT NULL, version bigint NOT NULL")
	return &bank{
		db:       db,
		accounts: newRepo[account, int64](t, db, sqlrepo.Options{Table: name, Generated: true, Version: "version", Sort: []string{"owner"}}),
		log:      table(t, db, idColumn(db.Dialect())+", event_id text NOT NULL UNIQUE, line text NOT NULL"),
	}
}

func (b *bank) Publish(ctx context.Context, evs ...events.Event) error {
	if b.fail != nil {
		return b.fail
	}
	for _, ev := range evs {
		if _, err := b.db.Exec(ctx, "INSERT INTO "+b.log+" (event_id, line) VALUES ($1, $2) ON CONFLICT DO NOTHING", ev.ID, string(ev.Data)); err != nil {
			return err
		}
	}
	return nil
}

func (b *bank) do(ctx context.Context, fn func(context.Context, *unitofwork.Unit, *unitofwork.Set[account, int64]) error, opts ...unitofwork.Option) error {
	return unitofwork.Do(ctx, b.db, func(ctx context.Context, u *unitofwork.Unit) error {
		return fn(ctx, u, unitofwork.Of(u, b.accounts, key))
	}, append([]unitofwork.Option{unitofwork.Publish(b)}, opts...)...)
}

func key(a *account) int64 { return a.ID }

type set = unitofwork.Set[account, int64]

// has checks the accounts and the events, as "owner amount, …" and lines.
func (b *bank) has(t *testing.T, accounts, log string) {
	t.Helper()
	var all []string
	for a, err := range b.accounts.Find(t.Context(), repo.Query{Sort: []repo.Sort{{Field: "owner"}}}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(a.Owner, " ", a.Amount))
	}
	if got := strings.Join(all, ", "); got != accounts {
		t.Errorf("accounts: %q, want %q", got, accounts)
	}
	var lines []string
	for s, err := range sqldb.Select(t.Context(), b.db, func(r sqldb.Rows) (s string, err error) { err = r.Scan(&s); return s, err }, "SELECT line FROM "+b.log+" ORDER BY id") {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, s)
	}
	if got := strings.Join(lines, ", "); got != log {
		t.Errorf("events: %q, want %q", got, log)
	}
}

// open makes an account.
func (b *bank) open(t *testing.T, owner string, amount int64) int64 {
	t.Helper()
	a := account{Owner: owner, Amount: amount}
	if err := b.accounts.Save(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	return a.ID
}
