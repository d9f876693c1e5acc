package sourcing_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/router"
	"github.com/lexigram/lexigram-go/lexigram-events/sourcing"
)

func TestSaveAndLoad(t *testing.T) {
	store := memoryeventstore.New()
	r := repository(t, store)
	if _, err := r.Load(t.Context(), "7"); !errors.Is(err, eventstore.ErrNoStream) {
		t.Fatalf("Load of none = %v, want ErrNoStream", err)
	}
	a := r.Make("7")
	a.Open("ann")
	if err := a.Deposit(0); !errors.Is(err, errAmount) {
		t.Errorf("Deposit(0) = %v", err)
	}
	if err := a.Deposit(5); err != nil {
		t.Fatal(err)
	}
	if p := a.Pending(); len(p) != 2 || p[0].Type != opened.Type || p[1].Value != (Deposited{5}) || p[1].Schema != 2 || a.Balance != 5 || a.Version() != 0 {
		t.Errorf("pending %+v of %+v", p, a)
	}
	if err := r.Save(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if len(a.Pending()) != 0 || a.Version() != 2 || a.Position() == "" || a.ID() != "7" {
		t.Errorf("after Save: %+v", a)
	}
	if err := r.Save(t.Context(), a); err != nil { // nothing is pending
		t.Fatal(err)
	}
	b, err := r.Load(t.Context(), "7")
	if err != nil || b.Owner != "ann" || b.Balance != 5 || b.Version() != 2 || b.Position() != a.Position() || b.ID() != "7" || b.applied != 2 {
		t.Errorf("Load = %+v, %v", b, err)
	}
	for rec, err := range store.Read(t.Context(), "account-7", 1) {
		if err != nil || rec.Source != "/bank" || rec.Type != deposited.Type || rec.Schema != 2 || rec.Key != "account-7" || string(rec.Data) != `{"Amount":5}` {
			t.Errorf("stored %+v, %v", rec, err)
		}
	}
}

func TestSaveConflict(t *testing.T) {
	r := repository(t, memoryeventstore.New())
	a, b := r.Make("7"), r.Make("7")
	a.Open("ann")
	b.Open("bob")
	if err := errors.Join(b.Deposit(1), r.Save(t.Context(), a)); err != nil {
		t.Fatal(err)
	}
	if err := r.Save(t.Context(), b); !errors.Is(err, eventstore.ErrConflict) || len(b.Pending()) != 2 || b.Version() != 0 {
		t.Errorf("Save of a stale one = %v, %+v", err, b)
	}
}

func TestSaveRefuses(t *testing.T) {
	store := memoryeventstore.New()
	r := repository(t, store)
	other := repository(t, store, func(o *sourcing.Options[*Account]) { o.Prefix = "other-" })
	stray := sourcing.Fact[*Account, string]{Type: "stray", Apply: func(*Account, string) {}}
	unencodable := repository(t, store, func(o *sourcing.Options[*Account]) {
		o.Facts = append(o.Facts, sourcing.Fact[*Account, func()]{Type: "f", Apply: func(*Account, func()) {}})
	})
	of := func(r *sourcing.Repository[*Account], id string) *Account {
		a := r.Make(id)
		a.Open("ann")
		return a
	}
	strayed, function := of(r, "7"), of(unencodable, "7")
	stray.Raise(strayed, "x")
	sourcing.Fact[*Account, func()]{Type: "f", Apply: func(*Account, func()) {}}.Raise(function, func() {})
	for name, c := range map[string]struct {
		r    *sourcing.Repository[*Account]
		a    *Account
		want error
	}{
		"made by nobody":         {r, new(Account), eventstore.ErrInvalid},
		"made by another":        {r, of(other, "7"), eventstore.ErrInvalid},
		"a fact that is none":    {r, strayed, sourcing.ErrFact},
		"what is no stream":      {r, of(r, "\x00"), eventstore.ErrInvalid},
		"what cannot be encoded": {unencodable, function, eventstore.Err},
	} {
		if err := c.r.Save(t.Context(), c.a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, err := range store.ReadAll(t.Context(), "") {
		t.Errorf("something was saved: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	good := events.New("/bank", deposited.Type, []byte(`{"Amount":5}`))
	good.Schema = 2
	for name, c := range map[string]struct {
		spoil func(*events.Event)
		says  string
	}{
		"another type":   {func(ev *events.Event) { ev.Type = "other" }, "no fact has its type"},
		"earlier schema": {func(ev *events.Event) { ev.Schema = 0 }, "and schema 0: the fact has schema 2"},
		"later schema":   {func(ev *events.Event) { ev.Schema = 3 }, "the fact has schema 2"},
		"another format": {func(ev *events.Event) { ev.Format = "text/plain" }, `its format is "text/plain"`},
		"malformed":      {func(ev *events.Event) { ev.Data = []byte(`{`) }, "unexpected end of JSON"},
	} {
		store := memoryeventstore.New()
		bad := good
		c.spoil(&bad)
		if _, err := store.Append(t.Context(), "account-7", 0, good, bad, good); err != nil {
			t.Fatal(err)
		}
		_, err := repository(t, store).Load(t.Context(), "7")
		if !errors.Is(err, sourcing.ErrFact) || !strings.Contains(err.Error(), `stream "account-7" at version 2`) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want ErrFact that says %q", name, err, c.says)
		}
		others := 0
		r := repository(t, store, func(o *sourcing.Options[*Account]) {
			o.Other = func(_ *Account, rec eventstore.Recorded) error { others++; return nil }
		})
		a, err := r.Load(t.Context(), "7")
		if name == "malformed" {
			continue
		}
		if err != nil || others != 1 || a.Balance != 10 || a.Version() != 3 {
			t.Errorf("%s: with Other: %+v, %v, called %d times", name, a, err, others)
		}
	}
	ok := good
	ok.Format = "application/json; charset=utf-8"
	store := memoryeventstore.New()
	if _, err := store.Append(t.Context(), "account-7", 0, ok); err != nil {
		t.Fatal(err)
	}
	if _, err := repository(t, store).Load(t.Context(), "7"); err != nil {
		t.Errorf("a parameter of the format: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	store := memoryeventstore.New()
	for name, c := range map[string]struct {
		edit func(*sourcing.Options[*Account])
		says string
	}{
		"source":    {func(o *sourcing.Options[*Account]) { o.Source = "" }, "Source is empty"},
		"new":       {func(o *sourcing.Options[*Account]) { o.New = nil }, "New is nil"},
		"codec":     {func(o *sourcing.Options[*Account]) { o.Codec = nil }, "Codec is nil"},
		"facts":     {func(o *sourcing.Options[*Account]) { o.Facts = nil }, "Facts are none"},
		"nil fact":  {func(o *sourcing.Options[*Account]) { o.Facts[1] = nil }, "Facts[1] is nil"},
		"no apply":  {func(o *sourcing.Options[*Account]) { o.Facts[1] = sourcing.Fact[*Account, int]{Type: "x"} }, "Facts[1] has no Apply"},
		"no type":   {func(o *sourcing.Options[*Account]) { o.Facts[1] = sourcing.Fact[*Account, int]{Type: "x."} }, "not dot-separated words"},
		"twice":     {func(o *sourcing.Options[*Account]) { o.Facts[1] = o.Facts[0] }, `is a second one of type "bank.account.opened"`},
		"publisher": {func(o *sourcing.Options[*Account]) { o.Publisher = memoryevents.New(memoryevents.Options{}) }, "Publisher and Tx come together"},
		"every":     {func(o *sourcing.Options[*Account]) { o.SnapshotEvery = -1 }, "SnapshotEvery is negative"},
		"attempts":  {func(o *sourcing.Options[*Account]) { o.Attempts = -1 }, "Attempts is negative"},
	} {
		o := options()
		c.edit(&o)
		if _, err := sourcing.New(store, o); !errors.Is(err, eventstore.ErrInvalid) || !errors.Is(err, errs.ErrValidation) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want one that says %q", name, err, c.says)
		}
	}
	if _, err := sourcing.New(nil, options()); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("no store: %v", err)
	}
}

func TestUpdateConcurrentSafe(t *testing.T) {
	r := repository(t, memoryeventstore.New(), func(o *sourcing.Options[*Account]) { o.Attempts = 1000 })
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				if _, err := r.Update(t.Context(), "7", deposit(1)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	a, err := r.Load(t.Context(), "7")
	if err != nil || a.Balance != writers*each || a.Version() != writers*each {
		t.Errorf("balance %d at version %d, %v, want %d", a.Balance, a.Version(), err, writers*each)
	}
}

// contested is a store to which another appends just before each append.
type contested struct {
	eventstore.Log
	others int
}

func (c *contested) Append(ctx context.Context, stream string, expected eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	if c.others > 0 {
		c.others--
		ev := events.New("/bank", deposited.Type, []byte(`{"Amount":100}`))
		ev.Schema = 2
		if _, err := c.Log.Append(ctx, stream, eventstore.Any, ev); err != nil {
			return eventstore.Appended{}, err
		}
	}
	return c.Log.Append(ctx, stream, expected, evs...)
}

func TestUpdateTriesAgain(t *testing.T) {
	store := &contested{Log: memoryeventstore.New(), others: 3}
	r := repository(t, store, func(o *sourcing.Options[*Account]) { o.Attempts = 4 })
	if a, err := r.Update(t.Context(), "7", deposit(1)); err != nil || a.Balance != 301 {
		t.Errorf("Update = %+v, %v, want 301", a, err)
	}
	store.others = 4
	if _, err := r.Update(t.Context(), "7", deposit(1)); !errors.Is(err, eventstore.ErrConflict) {
		t.Errorf("after its attempts: %v, want ErrConflict", err)
	}
	boom := errors.New("boom")
	if _, err := r.Update(t.Context(), "7", func(context.Context, *Account) error { return boom }); err != boom {
		t.Errorf("an error of change becomes %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	store.others = 1 << 20
	many := repository(t, store, func(o *sourcing.Options[*Account]) { o.Attempts = 1 << 20 })
	n := 0
	_, err := many.Update(ctx, "7", func(_ context.Context, a *Account) error {
		if n++; n == 3 {
			cancel(boom)
		}
		return a.Deposit(1)
	})
	if !errors.Is(err, boom) {
		t.Errorf("when ctx has ended: %v, want its cause", err)
	}
}

func TestHeadersOfTheCause(t *testing.T) {
	store, bus := memoryeventstore.New(), memoryevents.New(memoryevents.Options{})
	r := repository(t, store, func(o *sourcing.Options[*Account]) {
		o.Edit = func(_ context.Context, ev *events.Event) { ev.Headers["edited"] = "yes" }
	})
	routes, err := router.New(bus, bus, router.Options{Source: "/orders", Codec: jsons{}})
	if err != nil {
		t.Fatal(err)
	}
	topic := router.Topic[int]{Type: "orders.paid"}
	if _, err := router.Handle(t.Context(), routes, topic, events.Subscription{}, func(ctx context.Context, n int) error {
		_, err := r.Update(ctx, "7", deposit(n))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	ev, err := router.Make(t.Context(), routes, topic, 3, func(ev *events.Event) {
		ev.Headers = map[string]string{events.HeaderTenant: "t", events.HeaderCorrelation: "c"}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(routes.Deliver(t.Context(), ev), bus.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	for rec, err := range store.ReadAll(t.Context(), "") {
		h := rec.Headers
		if err != nil || h[events.HeaderTenant] != "t" || h[events.HeaderCorrelation] != "c" || h[events.HeaderCausation] != ev.ID || h["edited"] != "yes" {
			t.Errorf("headers %v, %v", h, err)
		}
	}
}
