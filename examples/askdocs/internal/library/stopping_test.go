package library

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/lexigram-ai/extractive"
	"github.com/lexigram/lexigram-go/lexigram-ai/hashembed"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/lexigram-storage/memorystorage"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantevents"
	"github.com/lexigram/lexigram-go/lexigram-vector/memorysearch"
	"github.com/lexigram/lexigram-go/lexigram-vector/memoryvector"
)

// TestStoppingPutsBack has the application drain while a document is about to
// be indexed: the document waits for its next turn, and none of its attempts,
// of which it has one, is used up.
func TestStoppingPutsBack(t *testing.T) {
	var lib *Library
	var claims atomic.Int32
	at := func(_ context.Context, point string) error {
		if point == "after the claim" {
			lib.stopping.Store(claims.Add(1) == 1) // what Drain does
		}
		return nil
	}
	app := boot.New(boot.Options{}).Add(
		sqlite.Module(sqlite.Config{Path: filepath.Join(t.TempDir(), "a.db")}), memorycache.Module(memorycache.Config{}),
		memoryevents.Module(memoryevents.Config{}), memorystorage.Module(), memoryvector.Module(memoryvector.Config{}),
		memorysearch.Module(memorysearch.Config{Weights: Weights()}), hashembed.Module(hashembed.Config{}),
		extractive.Module(extractive.Config{}), sqltenants.Module(), migrate.Module(migrate.Config{}),
		outbox.Module(outbox.Config{MaxAttempts: 1}), Module(slog.New(slog.DiscardHandler), at),
	)
	if err := app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	lib, err := di.Get[*Library](t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	bus, err := di.Get[events.Subscriber](t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	indexed := make(chan struct{})
	c, err := tenantevents.New(nil, bus).Subscribe(t.Context(), events.Subscription{Types: []string{EventIndexed}},
		func(context.Context, events.Event) error { close(indexed); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lib.Add(tenancy.With(t.Context(), "golang"), "a.txt", strings.NewReader("The answer is forty-two."), -1); err != nil {
		t.Fatal(err)
	}
	<-indexed
	if n := claims.Load(); n != 2 {
		t.Errorf("claimed %d times, want once to be put back and once to be indexed", n)
	}
	if err := c.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}
