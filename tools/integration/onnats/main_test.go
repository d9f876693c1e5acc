// Package onnats runs the suites of module natsevents on NATS JetStream.
package onnats

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

// open returns an empty bus, which is closed when t ends, and whose streams are
// deleted then.
func open(t *testing.T, url string, change ...func(*natsevents.Config)) *natsevents.Bus {
	t.Helper()
	b, c := connect(t, url, change)
	t.Cleanup(func() {
		end(t, b)
		forget(t, c)
	})
	return b
}

// openOther returns another bus of streams that open has made, and is called after it.
func openOther(t *testing.T, url string, change ...func(*natsevents.Config)) *natsevents.Bus {
	t.Helper()
	b, _ := connect(t, url, change)
	t.Cleanup(func() { end(t, b) })
	return b
}

func connect(t *testing.T, url string, change []func(*natsevents.Config)) (*natsevents.Bus, natsevents.Config) {
	t.Helper()
	name := "T" + rand.Text()[:12]
	c := natsevents.Config{URL: config.NewSecret(url), Options: natsevents.Options{Stream: name, Prefix: name}}
	if os.Getenv("LEXIGRAM_TEST_LOG") != "" {
		c.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	for _, f := range change {
		f(&c)
	}
	b, err := natsevents.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return b, c
}

func end(t *testing.T, b *natsevents.Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}
