package loading_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// A publisher keeps what is published.
type publisher struct{ published []events.Event }

func (p *publisher) Publish(_ context.Context, evs ...events.Event) error {
	for _, ev := range evs {
		if err := events.Check(ev); err != nil {
			return err
		}
	}
	p.published = append(p.published, evs...)
	return nil
}

func TestForgetOnCommitWithoutTransaction(t *testing.T) {
	s := newFull()
	c := newCache[string](t, s, loading.Options{Tags: []string{"g"}})
	for _, ch := range []loading.Change{{Keys: []string{"k"}}, {Tags: []string{"g"}}} {
		fill(t, c, "k", "old")
		if err := c.ForgetOnCommit(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		if v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (string, error) { return "new", nil }); v != "new" || err != nil {
			t.Errorf("Fetch after %+v = %q, %v", ch, v, err)
		}
		if err := c.Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ForgetOnCommit(t.Context(), loading.Change{Keys: []string{""}}); !errors.Is(err, cache.ErrKey) {
		t.Errorf("ForgetOnCommit of an empty key = %v", err)
	}
	if err := c.ForgetOnCommit(t.Context(), loading.Change{Tags: []string{""}}); err == nil {
		t.Error("ForgetOnCommit of an empty tag = nil")
	}
	sink := newSink()
	broken := newCache[string](t, s, loading.Options{Observer: sink.observer(), Logger: sink.logger()})
	s.before = func(string, string) error { return errors.New("connection refused") }
	if err := broken.ForgetOnCommit(t.Context(), loading.Change{Keys: []string{"k"}}); err != nil || sink.count("failed") != 1 || !strings.Contains(sink.text(), "refused") {
		t.Errorf("ForgetOnCommit over a broken store = %v, the log says %q", err, sink.text())
	}
}

func TestAnnounce(t *testing.T) {
	s := newFull()
	users := newCache[string](t, s, loading.Options{Name: "users", Prefix: "u:"})
	others := newCache[string](t, s, loading.Options{Name: "others", Prefix: "o:"})
	acme := tenancy.With(t.Context(), "acme")
	load := func(v string) func(context.Context, string) (string, error) {
		return func(context.Context, string) (string, error) { return v, nil }
	}
	for _, c := range []*loading.Cache[string]{users, others} {
		for _, ctx := range []context.Context{acme, t.Context()} {
			if _, err := c.Fetch(ctx, "k", load("old"), loading.Tag("g")); err != nil {
				t.Fatal(err)
			}
		}
	}
	var p publisher
	if err := users.Announce(acme, &p, loading.Change{Keys: []string{"k"}, Tags: []string{"x"}}); err != nil || len(p.published) != 1 {
		t.Fatal(err)
	}
	for range 2 { // a bus delivers at least once
		for _, c := range []*loading.Cache[string]{users, others} {
			if err := c.Heed(t.Context(), p.published[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if v, err := users.Fetch(acme, "k", load("new")); v != "new" || err != nil {
		t.Errorf("Fetch of what was announced = %q, %v", v, err)
	}
	for _, c := range []*loading.Cache[string]{users, others} {
		if v, err := c.Fetch(t.Context(), "k", never[string](t)); v != "old" || err != nil {
			t.Errorf("Fetch of another tenant = %q, %v", v, err)
		}
	}
	if v, err := others.Fetch(acme, "k", never[string](t)); v != "old" || err != nil {
		t.Errorf("Fetch of another cache = %q, %v", v, err)
	}
	if err := users.Announce(acme, &p, loading.Change{Keys: []string{""}}); !errors.Is(err, cache.ErrKey) {
		t.Errorf("Announce of an empty key = %v", err)
	}
	if err := users.Heed(t.Context(), events.New("s", loading.EventChanged, []byte("x"))); !errors.Is(err, cache.Err) {
		t.Errorf("Heed of a malformed event = %v", err)
	}
	if err := users.Heed(t.Context(), events.New("s", "orders.placed", []byte("x"))); err != nil {
		t.Errorf("Heed of another event = %v", err)
	}
}
