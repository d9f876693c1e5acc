// Package browser gives tests a Chromium that obeys them.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

const missing = "Chromium: run make servers, or name a binary with LEXIGRAM_TEST_BROWSER"

// New starts a headless browser with an empty profile and returns the context
// in which chromedp.Do and chromedp.Run drive its only page. The browser ends, and its
// profile is deleted, when t ends. Where there is no browser the test is
// skipped and counted, see [servers.Missing].
func New(t testing.TB) context.Context {
	t.Helper()
	path := find()
	if path == "" {
		servers.Missing(t, missing, true)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(time.Minute),
		chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-dev-shm-usage", true),
	)
	if os.Getuid() == 0 { // the sandbox refuses to run as root
		opts = append(opts, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithErrorf(t.Logf))
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		t.Fatalf("browser: start %s: %v", path, err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("browser: close: %v", err)
		}
		cancel()
		stop()
	})
	return ctx
}

// find returns the binary of a browser, "" if there is none.
func find() string {
	if path := os.Getenv("LEXIGRAM_TEST_BROWSER"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
