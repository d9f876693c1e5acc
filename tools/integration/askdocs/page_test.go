package askdocs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lexigram/lexigram-go/tools/integration/browser"
)

// A person opens the page, enters a tenant's key, uploads a file, sees it being
// read, asks, and gets a streamed answer with a citation that leads to the text.
func TestPageInABrowser(t *testing.T) {
	ctx := browser.New(t)
	l := newLibrary(t, "")
	key := l.importFiles(t, "acme", map[string]string{"handbook.md": handbook})
	url := l.serve(t)
	file := filepath.Join(t.TempDir(), "menu.html")
	if err := os.WriteFile(file, []byte("<h2 id=soup>Soup</h2><p>The soup of the day is leek and potato.</p>"), 0o600); err != nil {
		t.Fatal(err)
	}

	p := person{t: t, ctx: ctx}
	p.does("open the page of the public tenant, which nobody writes to",
		chromedp.Navigate(url), visible("#q"), chromedp.WaitNotPresent(chromedp.CSS("form.upload")))

	p.does("enter a wrong key", set("input[name=tenant]", "acme"), set("input[name=key]", "wrong"), click(".tenant button"), visible(".problem"))
	p.sees(".problem", "needs its key")

	p.does("enter the key", set("input[name=tenant]", "acme"), set("input[name=key]", key), click(".tenant button"), visible("form.upload"))
	p.sees(".tally", "acme: 1 documents")

	p.does("upload a file", chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}),
		click("form.upload button"), visible(`#documents a[href="/documents/menu.html"]`))
	for strings.Contains(p.text("#documents"), "pending") {
		p.does("look again", chromedp.Reload(), visible("#documents"))
	}

	p.does("ask", set("#q", "what is the soup of the day?"), click("#ask button"), visible("#answer[data-done=true]"))
	p.sees("#answer-text", "The soup of the day is leek and potato. [1]")
	p.sees("#citations li a", "[1] menu.html#soup")
	p.does("wait for the activity", chromedp.WaitNotPresent(chromedp.CSS("#activity .none")))
	p.sees("#activity", "asked “what is the soup of the day?”: 1 citations")

	p.does("follow the citation", click("#citations li a"), visible("section#soup"))
	p.sees("section#soup", "leek and potato")
}

func visible(css string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(css))
}
func click(css string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(css)) }
func set(css, value string) chromedp.Action[chromedp.Void] {
	return chromedp.SetValue(chromedp.CSS(css), value)
}

// A person works in a browser and gives up after half a minute.
type person struct {
	t   *testing.T
	ctx context.Context
}

func (p person) does(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

func (p person) text(css string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(css)))
	if err != nil {
		p.t.Fatalf("read %s: %v", css, err)
	}
	return text
}

func (p person) sees(css, want string) {
	p.t.Helper()
	if got := p.text(css); !strings.Contains(got, want) {
		p.t.Errorf("%s says %q, want %q", css, got, want)
	}
}
