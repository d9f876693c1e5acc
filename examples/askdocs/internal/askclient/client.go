// Package askclient talks to a running askdocs over HTTP.
package askclient

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// A Client asks in the name of one tenant. It is safe for concurrent use.
type Client struct {
	base   string
	tenant tenancy.ID
	key    string
	http   *http.Client
}

// New returns a client of the server at base, a URL without a trailing slash.
func New(base string, tenant tenancy.ID, key string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the server is on this machine
	return &Client{base: base, tenant: tenant, key: key, http: &http.Client{Transport: transport}}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A Problem is what the server refused, as RFC 9457 has it.
type Problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
}

// Error returns one line for people.
func (p *Problem) Error() string {
	text := cmp.Or(p.Detail, p.Title) // a fault of the server has no details for us
	if p.Hint != "" {
		return text + " (" + p.Hint + ")"
	}
	return text
}

// maxAnswer bounds what is read of an answer in JSON.
const maxAnswer = 64 << 20

// do sends a request and decodes the answer into out, if that is not nil.
func (c *Client) do(ctx context.Context, method, path string, body io.Reader, size int64, out any) error {
	resp, err := c.send(ctx, method, path, body, size, "application/json")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("answer of %s %s: %w", method, path, err)
	}
	return nil
}

// send returns the response to a request, or a [*Problem] for a status that is
// not a success. The caller closes the body.
func (c *Client) send(ctx context.Context, method, path string, body io.Reader, size int64, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil && size >= 0 {
		req.ContentLength = size
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("X-Tenant", string(c.tenant))
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	p := &Problem{}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(p); err != nil || p.Detail+p.Title == "" {
		p.Detail = resp.Status
	}
	p.Status = resp.StatusCode
	return nil, p
}

// CreateTenant makes the client's tenant with the server's admin key and uses
// the new tenant's key from now on. It must not run beside other calls.
func (c *Client) CreateTenant(ctx context.Context, admin string) (key string, err error) {
	body, err := json.Marshal(webui.NewTenant{Tenant: c.tenant})
	if err != nil {
		return "", err
	}
	asAdmin := &Client{base: c.base, key: admin, http: c.http}
	var out webui.TenantKey
	if err := asAdmin.do(ctx, http.MethodPost, "/api/tenants", bytes.NewReader(body), int64(len(body)), &out); err != nil {
		return "", err
	}
	c.key = out.Key
	return out.Key, nil
}

// Status returns the tenant's documents and the progress of the first import.
func (c *Client) Status(ctx context.Context) (s webui.Status, err error) {
	err = c.do(ctx, http.MethodGet, "/api/status", nil, 0, &s)
	return s, err
}

// Upload stores a document of size bytes, or -1 if that is not known.
func (c *Client) Upload(ctx context.Context, path string, r io.Reader, size int64) (doc library.Document, err error) {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	err = c.do(ctx, http.MethodPut, "/api/documents/"+strings.Join(segments, "/"), io.NopCloser(r), size, &doc)
	return doc, err
}

// Failed returns the documents that could not be indexed.
func (c *Client) Failed(ctx context.Context) ([]library.Document, error) {
	var failed []library.Document
	for after := ""; ; {
		var l webui.Listing
		if err := c.do(ctx, http.MethodGet, "/api/documents?limit=1000&after="+url.QueryEscape(after), nil, 0, &l); err != nil {
			return nil, err
		}
		for _, d := range l.Documents {
			if d.Status == library.Failed {
				failed = append(failed, d)
			}
		}
		if after = l.Next; after == "" {
			return failed, nil
		}
	}
}

// ErrImport is wrapped by WaitIndexed of the public tenant.
var ErrImport = errors.New("the Go documents were not imported whole")

// ErrWaiting is wrapped by WaitIndexed when nothing has moved for a while and
// the server says why. The server goes on trying, and so does the next start.
var ErrWaiting = errors.New("documents wait")

// patience is how long documents may wait for what does not answer.
const patience = 5 * time.Second

// WaitIndexed calls onStatus with every new state until nothing of the tenant
// is waiting to be read and, for the public tenant, the first import is done;
// that it ended early is an error wrapping [ErrImport]. What can be indexed only
// when a server answers again is not waited for: an error wrapping [ErrWaiting].
func (c *Client) WaitIndexed(ctx context.Context, onStatus func(webui.Status)) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	moved, pending := time.Now(), -1
	for {
		s, err := c.Status(ctx)
		if err != nil {
			return err
		}
		onStatus(s)
		if c.tenant == library.Golang && s.Import.Problem != "" {
			return fmt.Errorf("%w, the next start goes on: %s", ErrImport, s.Import.Problem)
		}
		if s.Documents[library.Pending] == 0 && (c.tenant != library.Golang || !s.Import.Running) {
			return nil
		}
		if n := s.Documents[library.Pending]; n != pending || s.Waiting == "" {
			moved, pending = time.Now(), n
		}
		if time.Since(moved) > patience {
			return fmt.Errorf("%w: %s", ErrWaiting, s.Waiting)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Ask returns the answer to a question and gives each piece of its text to
// onText as it comes.
func (c *Client) Ask(ctx context.Context, question string, onText func(string) error) (library.Answer, error) {
	body, err := json.Marshal(webui.Question{Question: question})
	if err != nil {
		return library.Answer{}, err
	}
	resp, err := c.send(ctx, http.MethodPost, "/api/ask", bytes.NewReader(body), int64(len(body)), "text/event-stream")
	if err != nil {
		return library.Answer{}, err
	}
	defer resp.Body.Close()
	return readAnswer(resp.Body, onText)
}

// readAnswer reads the events of an answer (WHATWG HTML, server-sent events);
// askdocs sends one line of data for each.
func readAnswer(r io.Reader, onText func(string) error) (library.Answer, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 8<<20)
	event := ""
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
			continue
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		switch event {
		case "text":
			var text string
			if err := json.Unmarshal([]byte(data), &text); err != nil {
				return library.Answer{}, err
			}
			if err := onText(text); err != nil {
				return library.Answer{}, err
			}
		case "answer":
			var a library.Answer
			err := json.Unmarshal([]byte(data), &a)
			return a, err
		case "problem":
			p := &Problem{}
			if err := json.Unmarshal([]byte(data), p); err != nil {
				return library.Answer{}, err
			}
			return library.Answer{}, p
		}
	}
	if err := lines.Err(); err != nil {
		return library.Answer{}, err
	}
	return library.Answer{}, errors.New("the answer broke off: ask again")
}
