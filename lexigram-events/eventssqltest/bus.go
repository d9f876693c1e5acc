package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/events/eventstest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/router"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
)

var _ router.Inbox = (*outbox.Inbox)(nil)

// runBus checks the bus over SQL: the contract, and what is its own.
func runBus(t *testing.T, open func(t *testing.T) sqldb.DB) {
	for name, bus := range map[string]func(*testing.T, sqldb.DB) eventstest.Bus{
		"contract": func(t *testing.T, db sqldb.DB) eventstest.Bus {
			return durable{newBus(t, db, sqlevents.Options{Poll: tick / 3}), db}
		},
		"contract over two processes": func(t *testing.T, db sqldb.DB) eventstest.Bus {
			o := sqlevents.Options{Poll: tick / 3}
			return &pair{durable{newBus(t, db, o), db}, newBus(t, db, o), 0}
		},
	} {
		t.Run(name, func(t *testing.T) {
			eventstest.Run(t, func(t *testing.T) eventstest.Bus { return bus(t, migrated(t, open)) },
				eventstest.Tick(tick), eventstest.Keeps(), eventstest.Restarts(func(t *testing.T, b eventstest.Bus) eventstest.Bus {
					old := b.(interface {
						database() sqldb.DB
						Close(context.Context) error
					})
					if err := old.Close(t.Context()); err != nil {
						t.Error(err)
					}
					return bus(t, old.database())
				}))
		})
	}
	for name, check := range map[string]func(*testing.T, sqldb.DB){
		"publish joins the transaction":         busJoins,
		"a group outlives its process":          busRestarts,
		"processes share a group":               busShares,
		"a publisher knows what others changed": busKnows,
		"the same event for a later group":      busSameForLater,
		"a group may change when nobody is in":  busChanges,
		"a crashed consumer":                    busCrash,
		"a group without a name is swept":       busSweeps,
		"a group that has gone ends consumers":  busGone,
		"earliest among publishers":             busEarliest,
		"dead letters":                          busDead,
		"a dropped event":                       busDrops,
		"forget":                                busForgets,
		"retention":                             busRetains,
		"health":                                busHealth,
		"effects once through the inbox":        busInbox,
		"at the command line":                   busCommands,
		"observed":                              busObserved,
		"closed while it subscribes":            busCloses,
		"tables go back and forth":              busTables,
	} {
		t.Run(name, func(t *testing.T) { check(t, migrated(t, open)) })
	}
}

// tick is what the suite of the contract waits in.
const tick = 150 * time.Millisecond

// A durable bus is in a database that outlives it.
type durable struct {
	*sqlevents.Bus
	db sqldb.DB
}

func (d durable) database() sqldb.DB { return d.db }

// A pair is two buses on one database, as of two processes: one publishes, and
// they take turns to subscribe.
type pair struct {
	durable
	other *sqlevents.Bus
	n     int
}

func (p *pair) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	if p.n++; p.n%2 == 1 {
		return p.other.Subscribe(ctx, s, h)
	}
	return p.durable.Subscribe(ctx, s, h)
}

func (p *pair) Close(ctx context.Context) error {
	return errors.Join(p.durable.Close(ctx), p.other.Close(ctx))
}

// migrated returns a database with the tables of the bus.
func migrated(t *testing.T, open func(t *testing.T) sqldb.DB) sqldb.DB {
	t.Helper()
	db := open(t)
	applyFiles(t, db, sqlevents.Migrations(), ".sql")
	return db
}

func newBus(t *testing.T, db sqldb.DB, o sqlevents.Options) *sqlevents.Bus {
	t.Helper()
	if o.Poll == 0 {
		o.Poll = 5 * time.Millisecond
	}
	b, err := sqlevents.New(db, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return b
}

// subscribe has s get the events of the group.
func subscribe(t *testing.T, b *sqlevents.Bus, group string, s *sink, change ...func(*events.Subscription)) events.Consumer {
	t.Helper()
	sub := events.Subscription{Types: []string{"test.>"}, Group: group, Retry: events.Retry{Base: time.Microsecond, Cap: time.Microsecond}}
	for _, c := range change {
		c(&sub)
	}
	c, err := b.Subscribe(t.Context(), sub, func(ctx context.Context, ev events.Event) error { return s.Publish(ctx, ev) })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func publish(t *testing.T, b *sqlevents.Bus, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := b.Publish(t.Context(), event(id, "k")); err != nil {
			t.Fatal(err)
		}
	}
}

func closed(t *testing.T, c events.Consumer) {
	t.Helper()
	select {
	case <-c.Closed():
	case <-time.After(patience):
		t.Fatalf("not closed within %v", patience)
	}
}

func rowCount(t *testing.T, db sqldb.DB, from string) (n int) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, "SELECT COUNT(*) FROM "+from).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func busJoins(t *testing.T, db sqldb.DB) {
	b, s := newBus(t, db, sqlevents.Options{}), newSink(nil)
	subscribe(t, b, "g", s)
	for id, end := range map[string]error{"rolled back": errors.New("no"), "committed": nil} {
		err := db.InTx(t.Context(), func(ctx context.Context) error {
			return errors.Join(b.Publish(ctx, event(id, "")), end)
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	s.wants(t, "committed")
	until(t, "marked", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 0") == 0 })
	s.silent(t)
}

func busRestarts(t *testing.T, db sqldb.DB) {
	s := newSink(nil)
	first := newBus(t, db, sqlevents.Options{})
	subscribe(t, first, "g", s)
	publish(t, first, "1")
	s.wants(t, "1")
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	publisher := newBus(t, db, sqlevents.Options{})
	publish(t, publisher, "2", "3")
	subscribe(t, newBus(t, db, sqlevents.Options{}), "g", s)
	s.wants(t, "2", "3")
	s.silent(t)
}

func busShares(t *testing.T, db sqldb.DB) {
	o := newOrderly(t, func(_ string, i, attempt int) bool { return i%7 == 0 && attempt == 1 })
	for range 2 {
		subscribe(t, newBus(t, db, sqlevents.Options{Batch: 4}), "g", newSink(o.reply), func(s *events.Subscription) { s.Lanes = 4 })
	}
	b := newBus(t, db, sqlevents.Options{})
	for i := 1; i <= 30; i++ {
		var evs []events.Event
		for k := range 5 {
			evs = append(evs, event(fmt.Sprintf("k%d-%d", k, i), fmt.Sprintf("k%d", k)))
		}
		if err := b.Publish(t.Context(), evs...); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all are handled", func() bool { return o.taken() == 150 })
}

// busKnows: a publisher that has published before gives a new group its
// events, although nobody tells it of the group.
func busKnows(t *testing.T, db sqldb.DB) {
	publisher, other := newBus(t, db, sqlevents.Options{}), newBus(t, db, sqlevents.Options{})
	publish(t, publisher, "before")
	s := newSink(nil)
	c := subscribe(t, other, "", s)
	publish(t, publisher, "1", "2")
	s.wants(t, "1", "2")
	c.Stop()
	closed(t, c)
	publish(t, publisher, "after")
	if n := rowCount(t, db, "lexigram_event_queue WHERE group_id <> 0"); n != 0 {
		t.Errorf("%d rows of a group that has ended", n)
	}
}

func busSameForLater(t *testing.T, db sqldb.DB) {
	b, s := newBus(t, db, sqlevents.Options{}), newSink(nil)
	publish(t, b, "1", "1")
	subscribe(t, b, "g", s)
	publish(t, b, "1", "2")
	if err := b.Publish(t.Context(), event("3", ""), event("1", "k"), event("3", ""), event("4", "")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		got = append(got, s.next(t).ID)
	}
	if slices.Sort(got); strings.Join(got, " ") != "2 3 4" {
		t.Errorf("got %q", got)
	}
	until(t, "marked", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 0") == 0 })
	s.silent(t)
}

func busChanges(t *testing.T, db sqldb.DB) {
	one, two, s := newBus(t, db, sqlevents.Options{}), newBus(t, db, sqlevents.Options{}), newSink(nil)
	c := subscribe(t, one, "g", s)
	other := events.Subscription{Types: []string{"other.>", "test.>"}, Group: "g"}
	h := func(ctx context.Context, ev events.Event) error { return s.Publish(ctx, ev) }
	if _, err := two.Subscribe(t.Context(), other, h); !errors.Is(err, events.ErrGroup) {
		t.Fatalf("Subscribe otherwise = %v, want ErrGroup", err)
	}
	publish(t, two, "1")
	s.wants(t, "1")
	c.Stop()
	closed(t, c)
	publish(t, two, "2")
	if _, err := two.Subscribe(t.Context(), other, h); err != nil {
		t.Fatal(err)
	}
	ev := event("3", "k")
	ev.Type = "other.happened"
	if err := one.Publish(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	s.wants(t, "2", "3")
}

// hung returns a bus whose consumer claims n events and hangs, as one does whose
// process was killed. Its clock stands still, so that it extends nothing.
func hung(t *testing.T, db sqldb.DB, group string, n int) (b *sqlevents.Bus, release func()) {
	t.Helper()
	reply, release := blocking()
	b = newBus(t, db, sqlevents.Options{Clock: new(clocktest.Fake), Lease: time.Hour, Batch: n, Poll: time.Hour})
	t.Cleanup(release) // before the bus closes
	subscribe(t, b, group, newSink(reply), func(s *events.Subscription) { s.Lanes = 1; s.Timeout = time.Hour })
	return b, release
}

func busCrash(t *testing.T, db sqldb.DB) {
	dead, _ := hung(t, db, "g", 2)
	if err := dead.Publish(t.Context(), event("1", "k"), event("2", "k")); err != nil {
		t.Fatal(err)
	}
	until(t, "claimed", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE owner <> ''") == 2 })
	c, s := new(clocktest.Fake), newSink(nil)
	b := newBus(t, db, sqlevents.Options{Clock: c, Lease: time.Hour})
	subscribe(t, b, "g", s, func(s *events.Subscription) { s.Lanes = 1; s.Timeout = time.Hour })
	if err := b.Publish(t.Context(), event("3", "k"), event("other", "")); err != nil {
		t.Fatal(err)
	}
	s.wants(t, "other") // and nothing of k
	s.silent(t)
	c.Advance(2 * time.Hour)
	s.wants(t, "1", "2", "3")
}

func busSweeps(t *testing.T, db sqldb.DB) {
	dead, release := hung(t, db, "", 1)
	publish(t, dead, "1", "2")
	until(t, "claimed", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE owner <> ''") == 1 })
	c := new(clocktest.Fake)
	b := newBus(t, db, sqlevents.Options{Clock: c})
	purge := func() {
		t.Helper()
		if err := b.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	purge()
	if n := rowCount(t, db, "lexigram_event_queue WHERE group_id <> 0"); n != 2 {
		t.Fatalf("%d rows of a group that lives, want 2", n)
	}
	c.Advance(3 * time.Hour)
	purge()
	if n := rowCount(t, db, "lexigram_event_queue WHERE group_id <> 0"); n != 0 {
		t.Errorf("%d rows of a group without a consumer", n)
	}
	publish(t, b, "3")
	if n := rowCount(t, db, "lexigram_event_queue WHERE group_id <> 0"); n != 0 {
		t.Errorf("%d rows of a group that has gone", n)
	}
	c.Advance(3 * time.Hour)
	purge()
	if n := rowCount(t, db, "lexigram_event_groups") + rowCount(t, db, "lexigram_event_queue_claim"); n != 0 {
		t.Errorf("%d rows of groups that went long ago", n)
	}
	release()
}

func busGone(t *testing.T, db sqldb.DB) {
	b := newBus(t, db, sqlevents.Options{Lease: 300 * time.Millisecond})
	c := subscribe(t, b, "", newSink(nil))
	if _, err := db.Exec(t.Context(), "UPDATE lexigram_event_groups SET gone_at = 1"); err != nil { // as others do after two leases
		t.Fatal(err)
	}
	closed(t, c)
	if err := c.Err(); !errors.Is(err, events.ErrClosed) || !strings.Contains(err.Error(), "silent for two leases") {
		t.Errorf("Err = %v", err)
	}
}

// busEarliest: a group that begins with the earliest, while others publish, in
// transactions too, gets all there is, in the order of keys.
func busEarliest(t *testing.T, db sqldb.DB) {
	const writers, each = 4, 40
	o := newOrderly(t, nil)
	var all sync.WaitGroup
	half := make(chan struct{}, writers)
	for w := range writers {
		b := newBus(t, db, sqlevents.Options{})
		all.Go(func() {
			for i := 1; i <= each; i++ {
				ev := event(fmt.Sprintf("k%d-%d", w, i), fmt.Sprintf("k%d", w))
				err := db.InTx(t.Context(), func(ctx context.Context) error { return b.Publish(ctx, ev) })
				if err != nil {
					t.Error(err)
				}
				if i == each/2 {
					half <- struct{}{}
				}
			}
		})
	}
	<-half
	earliest := func(s *events.Subscription) { s.Begin = events.Earliest }
	subscribe(t, newBus(t, db, sqlevents.Options{}), "g", newSink(o.reply), earliest)
	all.Wait()
	until(t, "all are handled", func() bool { return o.taken() == writers*each })
	again := newSink(nil)
	subscribe(t, newBus(t, db, sqlevents.Options{}), "h", again, earliest)
	for range writers * each {
		again.next(t)
	}
}
