package browser_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/lexigram/lexigram-go/tools/integration/browser"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

func TestPage(t *testing.T) {
	ctx := browser.New(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if _, err := w.Write([]byte(`<input id=who><button onclick="said.textContent='hello '+who.value">say</button><p id=said></p>`)); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	err := chromedp.Do(ctx,
		chromedp.Navigate(srv.URL),
		chromedp.SendKeys(chromedp.CSS("#who"), "world"),
		chromedp.Click(chromedp.CSS("button")),
	)
	if err != nil {
		t.Fatal(err)
	}
	said, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("#said")))
	if err != nil || strings.TrimSpace(said) != "hello world" {
		t.Errorf("the page says %q, %v", said, err)
	}
}

func TestNewDoesNotStartWhatIsNoBrowser(t *testing.T) {
	t.Setenv("LEXIGRAM_TEST_BROWSER", "/nonexistent/browser")
	rec := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		browser.New(rec)
	}()
	<-done
	if !rec.failed {
		t.Error("New = success with a browser that does not exist")
	}
}

// A recorder notes that a test would have failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = true
	r.Logf(format, args...)
	runtime.Goexit()
}
