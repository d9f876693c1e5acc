package projection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/mapstore"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A model is a read model in memory: by generation, the IDs of the events that were handled.
type model struct {
	mu   sync.Mutex
	rows map[Generation][]string
	fail func(g Generation, rec eventstore.Recorded) error
	gone []Generation
	dead []string
}

func newModel() *model { return &model{rows: map[Generation][]string{}} }

func (m *model) projection(version int) Projection {
	return Projection{
		Name: "orders", Version: version, Types: []string{"orders.>"},
		Handle: func(_ context.Context, g Generation, rec eventstore.Recorded) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.fail != nil {
				if err := m.fail(g, rec); err != nil {
					return err
				}
			}
			m.rows[g] = append(m.rows[g], rec.ID)
			return nil
		},
		Drop: func(_ context.Context, g Generation) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.gone = append(m.gone, g)
			delete(m.rows, g)
			return nil
		},
	}
}

func (m *model) of(g Generation) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Join(m.rows[g], " ")
}

func (m *model) failWith(fail func(Generation, eventstore.Recorded) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = fail
}

func appendTo(t *testing.T, log eventstore.Store, ids ...string) eventstore.Position {
	t.Helper()
	var evs []events.Event
	for _, id := range ids {
		typ := "orders.placed"
		if strings.HasPrefix(id, "x") {
			typ = "other"
		}
		evs = append(evs, events.Event{ID: id, Source: "/test", Type: typ, Time: time.Now()})
	}
	done, err := log.Append(t.Context(), "s", eventstore.Any, evs...)
	if err != nil {
		t.Fatal(err)
	}
	return done.Position
}

func projector(t *testing.T, log eventstore.AllReader, store *mapstore.Store, o Options, defs ...Projection) *Projector {
	t.Helper()
	p, err := NewInState(log, store, o, defs...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// start starts p until the test ends.
func start(t *testing.T, p *Projector) *Projector {
	t.Helper()
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return p
}

func statusOf(t *testing.T, p *Projector) Status {
	t.Helper()
	all, err := p.Status(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, store, m := memoryeventstore.New(), mapstore.New(), newModel()
		appendTo(t, log, "1", "x2", "3")
		p := projector(t, log, store, Options{Batch: 2}, m.projection(1))
		if s := statusOf(t, p); s.Generation != 0 || s.State != Following {
			t.Errorf("before it has run it is %+v", s)
		}
		start(t, p)
		at := appendTo(t, log, "4", "x5")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := p.WaitFor(ctx, "orders", at); err != nil {
			t.Fatal(err)
		}
		if got := m.of(1); got != "1 3 4" {
			t.Errorf("handled are %s", got)
		}
		if s := statusOf(t, p); s.Generation != 1 || s.Events != 3 || s.Position != at || s.Lag != 0 || s.State != Following {
			t.Errorf("it is %+v", s)
		}
		if res := p.CheckHealth(t.Context()); res.Status != health.Healthy {
			t.Errorf("%+v", res)
		}
		if err := p.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		at = appendTo(t, log, "6")
		time.Sleep(2 * time.Minute)
		if s := statusOf(t, p); s.Lag < 2*time.Minute {
			t.Errorf("it is %+v", s)
		}
		if res := p.CheckHealth(t.Context()); res.Status != health.Degraded {
			t.Errorf("%+v", res)
		}
		short, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		if err := p.WaitFor(short, "orders", at); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("WaitFor of nobody's work = %v", err)
		}
		start(t, projector(t, log, store, Options{}, m.projection(1)))
		if err := p.WaitFor(t.Context(), "orders", at); err != nil { // which another one does
			t.Error(err)
		}
		if got := m.of(1); got != "1 3 4 6" {
			t.Errorf("handled are %s", got)
		}
	})
}

func TestHalt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, store, m := memoryeventstore.New(), mapstore.New(), newModel()
		poison := errors.New("no such customer")
		m.failWith(func(_ Generation, rec eventstore.Recorded) error {
			switch rec.ID {
			case "3":
				return poison
			case "2":
				panic("so it is not the first")
			}
			return nil
		})
		def := m.projection(1)
		def.Retry = resilience.RetryConfig{MaxAttempts: 2}
		p := start(t, projector(t, log, store, Options{}, def))
		at := appendTo(t, log, "1", "2", "3", "4")
		err := p.WaitFor(t.Context(), "orders", at)
		if !errors.Is(err, ErrHalted) || !strings.Contains(err.Error(), `event "2"`) || !strings.Contains(err.Error(), "so it is not the first") {
			t.Errorf("WaitFor = %v, want that event 2 halted it", err)
		}
		if s := statusOf(t, p); s.State != Halted || m.of(1) != "1" || !strings.Contains(s.Reason, `event "2"`) {
			t.Errorf("it is %+v with %s", s, m.of(1))
		}
		if res := p.CheckHealth(t.Context()); res.Status != health.Unhealthy {
			t.Errorf("%+v", res)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		m.failWith(func(_ Generation, rec eventstore.Recorded) error {
			if rec.ID == "3" {
				return poison
			}
			return nil
		})
		def.Dead = func(_ context.Context, _ Generation, rec eventstore.Recorded, cause error) error {
			if !errors.Is(cause, poison) {
				t.Errorf("it is dead of %v", cause)
			}
			m.dead = append(m.dead, rec.ID)
			return nil
		}
		p = start(t, projector(t, log, store, Options{}, def))
		for statusOf(t, p).Position < at {
			time.Sleep(time.Second)
		}
		if s := statusOf(t, p); s.State != Following || m.of(1) != "1 2 4" || s.Dead != 1 || fmt.Sprint(m.dead) != "[3]" {
			t.Errorf("it is %+v with %s, dead %v", s, m.of(1), m.dead)
		}
	})
}

// TestPassing has a read model that is unavailable for an hour: no event is to blame.
func TestPassing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, store, m := memoryeventstore.New(), mapstore.New(), newModel()
		down := errs.New("LEX_ERR_TEST_001", errs.Unavailable, "down")
		m.failWith(func(Generation, eventstore.Recorded) error { return down })
		p := start(t, projector(t, log, store, Options{}, m.projection(1)))
		at := appendTo(t, log, "1", "2")
		time.Sleep(time.Hour)
		if s := statusOf(t, p); s.State != Following || s.Lag < time.Hour {
			t.Errorf("it is %+v", s)
		}
		if lag := p.lagOf("orders"); lag < 3600 {
			t.Errorf("the lag is %v s", lag)
		}
		m.failWith(nil)
		if err := p.WaitFor(t.Context(), "orders", at); err != nil || m.of(1) != "1 2" {
			t.Errorf("%v, %s", err, m.of(1))
		}
	})
}

func TestRebuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, store, m := memoryeventstore.New(), mapstore.New(), newModel()
		p := start(t, projector(t, log, store, Options{Batch: 2}, m.projection(1)))
		at := appendTo(t, log, "1", "2", "3")
		if err := p.WaitFor(t.Context(), "orders", at); err != nil {
			t.Fatal(err)
		}
		m.failWith(func(g Generation, rec eventstore.Recorded) error {
			if g == 2 && rec.ID == "1" { // while it is built the other one goes on
				at = appendTo(t, log, "4")
				m.fail = nil
			}
			return nil
		})
		var steps []int64
		if err := p.Rebuild(t.Context(), "orders", func(pr Progress) { steps = append(steps, pr.Events) }); err != nil {
			t.Fatal(err)
		}
		if g, err := p.Live(t.Context(), "orders"); g != 2 || err != nil {
			t.Errorf("read is generation %d, %v", g, err)
		}
		if err := p.WaitFor(t.Context(), "orders", at); err != nil || m.of(2) != "1 2 3 4" || m.of(1) != "" {
			t.Errorf("%v: handled are %q and %q", err, m.of(2), m.of(1))
		}
		if len(steps) < 2 || fmt.Sprint(m.gone) != "[1]" {
			t.Errorf("progress %v, dropped %v", steps, m.gone)
		}
		at = appendTo(t, log, "5") // the follower goes over to it
		if err := p.WaitFor(t.Context(), "orders", at); err != nil || m.of(2) != "1 2 3 4 5" {
			t.Errorf("%v: handled are %q", err, m.of(2))
		}
	})
}

// TestNewVersion has a process with a newer version take over from one that runs.
func TestNewVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, store, m := memoryeventstore.New(), mapstore.New(), newModel()
		before := start(t, projector(t, log, store, Options{}, m.projection(1)))
		at := appendTo(t, log, "1", "2")
		if err := before.WaitFor(t.Context(), "orders", at); err != nil {
			t.Fatal(err)
		}
		start(t, projector(t, log, store, Options{}, m.projection(2)))
		time.Sleep(time.Minute)
		at = appendTo(t, log, "3")
		if err := before.WaitFor(t.Context(), "orders", at); err != nil { // of the newer one
			t.Fatal(err)
		}
		if s := statusOf(t, before); s.Version != 2 || s.Generation != 2 || m.of(2) != "1 2 3" {
			t.Errorf("it is %+v with %q", s, m.of(2))
		}
		time.Sleep(time.Hour)
		if err := before.Rebuild(t.Context(), "orders", nil); !errors.Is(err, ErrNewer) {
			t.Errorf("a process of the old version rebuilds the new one: %v", err)
		}
	})
}

// TestRestored has the log lose what the read model shows.
func TestRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full, restored, store, m := memoryeventstore.New(), memoryeventstore.New(), mapstore.New(), newModel()
		p := start(t, projector(t, full, store, Options{}, m.projection(1)))
		if err := p.WaitFor(t.Context(), "orders", appendTo(t, full, "1", "2", "3")); err != nil {
			t.Fatal(err)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		appendTo(t, restored, "1")
		p = start(t, projector(t, restored, store, Options{}, m.projection(1)))
		time.Sleep(time.Minute)
		if s := statusOf(t, p); s.State != Restored || s.Reason == "" {
			t.Errorf("it is %+v", s)
		}
		if res := p.CheckHealth(t.Context()); res.Status != health.Unhealthy {
			t.Errorf("%+v", res)
		}
		if err := p.WaitFor(t.Context(), "orders", ""); !errors.Is(err, ErrRestored) {
			t.Errorf("WaitFor = %v", err)
		}
		if err := p.Rebuild(t.Context(), "orders", nil); err != nil {
			t.Fatal(err)
		}
		at := appendTo(t, restored, "9")
		if err := p.WaitFor(t.Context(), "orders", at); err != nil || m.of(2) != "1 9" {
			t.Errorf("%v with %q", err, m.of(2))
		}
	})
}

func TestRefuses(t *testing.T) {
	log, m := memoryeventstore.New(), newModel()
	good := m.projection(1)
	for name, spoil := range map[string]func(*Projection){
		"name":    func(p *Projection) { p.Name = "A" },
		"version": func(p *Projection) { p.Version = 0 },
		"handle":  func(p *Projection) { p.Handle = nil },
		"types":   func(p *Projection) { p.Types = []string{""} },
		"retry":   func(p *Projection) { p.Retry.MaxAttempts = -1 },
	} {
		bad := good
		spoil(&bad)
		if _, err := NewInState(log, mapstore.New(), Options{}, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewInState(log, mapstore.New(), Options{}, good, good); !errors.Is(err, ErrInvalid) {
		t.Errorf("twice: %v", err)
	}
	for _, o := range []Options{{Batch: -1}, {Lag: -1}, {Poll: 1}, {Lease: 1}} {
		if _, err := NewInState(log, mapstore.New(), o, good); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	_, one := NewInState(nil, mapstore.New(), Options{})
	_, two := NewInState(log, nil, Options{})
	_, three := New(log, nil, Options{})
	for _, err := range []error{one, two, three} {
		if !errors.Is(err, ErrInvalid) {
			t.Error(err)
		}
	}
	p := projector(t, log, mapstore.New(), Options{}, good)
	_, live := p.Live(t.Context(), "nothing")
	for _, err := range []error{live, p.WaitFor(t.Context(), "nothing", ""), p.Rebuild(t.Context(), "nothing", nil)} {
		if !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
	if err := errors.Join(p.Stop(t.Context()), p.Drain(t.Context())); err != nil {
		t.Error(err)
	}
	if err := p.Start(t.Context()); !errors.Is(err, ErrInvalid) {
		t.Errorf("Start after Stop = %v", err)
	}
}
