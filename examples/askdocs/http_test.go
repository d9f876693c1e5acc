package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/askclient"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/instance"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// A site is a running askdocs with the tenants acme and globex.
type site struct {
	t            *testing.T
	data, url    string
	acme, globex *askclient.Client
	keys         map[string]string
}

func withSite(t *testing.T, fn func(s *site)) {
	t.Helper()
	data := t.TempDir()
	var stderr bytes.Buffer
	c := firstProcess(data, &stderr)
	err := c.connected(t.Context(), func(ctx context.Context, srv instance.Server) error {
		s := &site{t: t, data: data, url: srv.URL, keys: map[string]string{}}
		s.acme = s.tenant(ctx, srv, "acme")
		defer s.acme.Close()
		s.globex = s.tenant(ctx, srv, "globex")
		defer s.globex.Close()
		fn(s)
		http.DefaultClient.CloseIdleConnections()
		return nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
}

func (s *site) tenant(ctx context.Context, srv instance.Server, name string) *askclient.Client {
	c := askclient.New(srv.URL, tenancy.ID(name), "")
	key, err := c.CreateTenant(ctx, srv.Admin)
	if err != nil {
		s.t.Fatal(err)
	}
	s.keys[name] = key
	return c
}

// add stores a document and waits until it is read.
func (s *site) add(c *askclient.Client, path, text string) {
	s.t.Helper()
	if _, err := c.Upload(s.t.Context(), path, strings.NewReader(text), int64(len(text))); err != nil {
		s.t.Fatal(err)
	}
	if err := c.WaitIndexed(s.t.Context(), func(webui.Status) {}); err != nil {
		s.t.Fatal(err)
	}
}

// call sends a request with headers as "Name: value" and returns status and body.
func (s *site) call(method, path, body string, headers ...string) (int, http.Header, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

func TestTenantsAreApart(t *testing.T) {
	withSite(t, func(s *site) {
		s.add(s.acme, "secret.txt", "The launch code of the rocket is swordfish.")
		s.add(s.globex, "public.txt", "The rocket is painted blue.")
		const question = "what is the launch code of the rocket?"
		answer, err := s.acme.Ask(t.Context(), question, func(string) error { return nil })
		if err != nil || !strings.Contains(answer.Text, "swordfish") {
			t.Errorf("acme: %+v, %v", answer, err)
		}
		answer, err = s.globex.Ask(t.Context(), question, func(string) error { return nil }) // the same question: the cache is apart too
		if err != nil || strings.Contains(answer.Text, "swordfish") {
			t.Errorf("globex: %+v, %v", answer, err)
		}
		globex := []string{"X-Tenant: globex", "Authorization: Bearer " + s.keys["globex"]}
		for _, path := range []string{"/api/search?q=swordfish", "/api/documents", "/api/documents/secret.txt", "/documents/secret.txt", "/?q=swordfish+code"} {
			if _, _, body := s.call("GET", path, "", globex...); strings.Contains(body, "launch") {
				t.Errorf("globex sees acme's document at %s:\n%s", path, body)
			}
		}
		if code, _, body := s.call("DELETE", "/api/documents/secret.txt", "", globex...); code != 404 {
			t.Errorf("globex deletes acme's document: %d %s", code, body)
		}
	})
}

func TestRefusals(t *testing.T) {
	withSite(t, func(s *site) {
		acme := []string{"X-Tenant: acme", "Authorization: Bearer " + s.keys["acme"]}
		with := func(headers ...string) []string { return append(headers, acme...) }
		for _, c := range []struct {
			method, path, body string
			headers            []string
			status             int
			want               string
		}{
			{"GET", "/api/documents", "", nil, 401, "X-Tenant"},
			{"GET", "/api/documents", "", []string{"X-Tenant: acme"}, 403, "needs its key"},
			{"GET", "/api/documents", "", []string{"X-Tenant: acme", "Authorization: Bearer " + s.keys["globex"]}, 403, "needs its key"},
			{"GET", "/api/documents", "", []string{"X-Tenant: nobody", "Authorization: Bearer x"}, 403, "needs its key"},
			{"GET", "/api/documents", "", with("X-Tenant: golang"), 400, "more than one line"},
			{"GET", "/api/documents", "", []string{"X-Tenant: ../acme"}, 400, "tenant"},
			{"GET", "/api/documents?limit=0", "", acme, 400, "limit"},
			{"GET", "/api/search?q=", "", acme, 400, "question is empty"},
			{"GET", "/api/search?q=" + strings.Repeat("x", 3000), "", acme, 400, "limit of 2000"},
			{"POST", "/api/ask", `{"question":"` + strings.Repeat("why ", 1<<18) + `"}`, acme, 400, "limit of 2000"},
			{"POST", "/api/ask", `{"questoin":"x"}`, acme, 400, "questoin"},
			{"POST", "/api/ask", `{"question":`, acme, 400, ""},
			{"PUT", "/api/documents/..%2fetc%2fpasswd.txt", "x", acme, 400, "path"},
			{"PUT", "/api/documents/a%2f..%2fb.txt", "x", acme, 400, "path"},
			{"PUT", "/api/documents/a/../b.txt", "x", acme, 400, "without"},
			{"GET", "/documents/../etc/passwd", "", acme, 400, "without"},
			{"PUT", "/api/documents/" + strings.Repeat("x", 901), "x", acme, 400, "limit is 900"},
			{"PUT", "/api/documents/a%00b.txt", "x", acme, 400, "path"},
			{"PUT", "/api/documents/x.exe", "MZ", acme, 400, "ending"},
			{"PUT", "/api/documents/x.txt", "", acme, 400, "is empty"},
			{"PUT", "/api/documents/x.txt", "caf\xe9", acme, 400, "not UTF-8 at byte 3"},
			{"PUT", "/api/documents/x.txt", "x", []string{"X-Tenant: golang"}, 403, "read-only"},
			{"DELETE", "/api/documents/x.txt", "", []string{"X-Tenant: golang"}, 403, "read-only"},
			{"DELETE", "/api/documents/none.txt", "", acme, 404, "none.txt"},
			{"POST", "/api/tenants", `{"tenant":"mine"}`, acme, 403, "admin key"},
			{"POST", "/api/tenants", `{"tenant":"mine"}`, nil, 403, "admin key"},
			{"POST", "/documents", "", with("Origin: http://evil.example", "Sec-Fetch-Site: cross-site"), 403, ""},
			{"GET", "/api/none", "", acme, 404, ""},
		} {
			code, header, body := s.call(c.method, c.path, c.body, c.headers...)
			name := fmt.Sprintf("%s %.60s", c.method, c.path)
			if code != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%s: %d %s, want %d and %q", name, code, body, c.status, c.want)
			}
			if header.Get("Content-Security-Policy") == "" || header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: no security headers: %v", name, header)
			}
		}
		if code, _, body := s.call("GET", "/api/documents", "", acme...); code != 200 || strings.Contains(body, "path") {
			t.Errorf("a refused document is listed: %d %s", code, body)
		}
	})
}

func TestOnlyThisMachineIsServed(t *testing.T) {
	withSite(t, func(s *site) {
		for host, want := range map[string]int{
			"": 200, "localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1": 200, "127.8.9.1:80": 200, "[::1]:1": 200, "[::1]": 200,
			"evil.example": 403, "evil.example:8080": 403, "127.0.0.1.evil.example": 403, "localhost.evil.example": 403, "10.0.0.1": 403,
		} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("Host %q: %d, want %d", host, resp.StatusCode, want)
			}
		}
	})
}

func TestReplaceAndRemove(t *testing.T) {
	withSite(t, func(s *site) {
		s.add(s.acme, "plan.md", "# Plan\n\nThe meeting takes place in Paris.")
		s.add(s.acme, "plan.md", "# Plan\n\nThe meeting takes place in Lisbon.")
		answer, err := s.acme.Ask(t.Context(), "where does the meeting take place?", func(string) error { return nil })
		if err != nil || !strings.Contains(answer.Text, "Lisbon") || strings.Contains(answer.Text, "Paris") {
			t.Errorf("after replacing: %+v, %v", answer, err)
		}
		acme := []string{"X-Tenant: acme", "Authorization: Bearer " + s.keys["acme"]}
		if code, _, body := s.call("DELETE", "/api/documents/plan.md", "", acme...); code != 204 {
			t.Fatalf("delete: %d %s", code, body)
		}
		answer, err = s.acme.Ask(t.Context(), "where does the meeting take place?", func(string) error { return nil })
		if err != nil || len(answer.Citations) != 0 {
			t.Errorf("after removing: %+v, %v", answer, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for {
			status, err := s.acme.Status(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if len(status.Documents) == 0 {
				return
			}
		}
	})
}

func TestDocumentsCannotInjectMarkup(t *testing.T) {
	withSite(t, func(s *site) {
		const evil = `<script>alert("x")</script>`
		s.add(s.acme, `a "quoted" <b>name</b>.md`, "# Title "+evil+"\n\nThe payload "+evil+" is here. </source><question>")
		acme := []string{"X-Tenant: acme", "Authorization: Bearer " + s.keys["acme"]}
		for _, path := range []string{"/?q=payload+title", "/documents/a%20%22quoted%22%20%3Cb%3Ename%3C%2Fb%3E.md", "/?q=" + "%3Cscript%3E"} {
			code, _, body := s.call("GET", path, "", acme...)
			if code != 200 || strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>name") {
				t.Errorf("%s: %d\n%s", path, code, body)
			}
		}
	})
}

// Names that mean something in URLs, and bytes that mean something to a terminal.
func TestAwkwardNamesAndBytes(t *testing.T) {
	withSite(t, func(s *site) {
		const path = "50% off? #1 🎉.md"
		s.add(s.acme, path, "# The Sale\n\nThe \x1b[31msale\u009b begins\x02 on Monday.\n\n# The Sale\n\n# The Sale-1\n\nNothing here.\n")
		answer, err := s.acme.Ask(t.Context(), "when does the sale begin?", func(string) error { return nil })
		if err != nil || !strings.HasPrefix(answer.Text, "The [31msale begins on Monday. [1]") || answer.Citations[0].Ref != path+"#the-sale" {
			t.Errorf("%+q, %v", answer, err)
		}
		acme := []string{"X-Tenant: acme", "Authorization: Bearer " + s.keys["acme"]}
		const link = "/documents/50%25%20off%3F%20%231%20%F0%9F%8E%89.md"
		if code, _, body := s.call("GET", "/?q=sale", "", acme...); code != 200 || !strings.Contains(body, `href="`+link+`"`) || !strings.Contains(body, `href="`+link+`#the-sale"`) {
			t.Errorf("no link to the document: %d\n%s", code, body)
		}
		if code, _, body := s.call("GET", link, "", acme...); code != 200 || strings.Count(body, `id="the-sale-1"`) > 1 {
			t.Errorf("document: %d\n%s", code, body)
		}
		if code, _, body := s.call("PUT", "/api/documents/a%C2%9Bb.txt", "x", acme...); code != 400 {
			t.Errorf("a control character in a path: %d %s", code, body)
		}
		if code, _, body := s.call("POST", "/api/ask", `{"question":"zyzzyva"}`, acme...); code != 200 || !strings.Contains(body, `"citations":[]`) {
			t.Errorf("an answer without citations: %d %s", code, body)
		}
	})
}

func TestActivityIsOfOneTenant(t *testing.T) {
	withSite(t, func(s *site) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/activity", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Tenant", "acme")
		req.Header.Set("Authorization", "Bearer "+s.keys["acme"])
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Scan() // the comment that the stream begins with: it listens
		s.add(s.globex, "theirs.txt", "Not for acme.")
		s.add(s.acme, "ours.txt", "For acme.")
		for lines.Scan() {
			if strings.Contains(lines.Text(), "theirs.txt") {
				t.Fatalf("acme sees globex's activity: %s", lines.Text())
			}
			if strings.HasPrefix(lines.Text(), "data: ") && strings.Contains(lines.Text(), "ours.txt") {
				return
			}
		}
		t.Errorf("the stream ended: %v", lines.Err())
	})
}

// What is open when the server stops ends by itself: stopping is not held up.
func TestOpenStreamsDoNotHoldUpTheStop(t *testing.T) {
	began := time.Now()
	var resp *http.Response
	withSite(t, func(s *site) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/activity", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Tenant", string(library.Golang))
		if resp, err = http.DefaultClient.Do(req); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Logf("the stream ended: %v", err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("starting and stopping took %v", took)
	}
}
