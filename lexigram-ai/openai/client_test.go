package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/ai/aitest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
)

func TestConformance(t *testing.T) {
	for _, o := range []Options{{}, {MaxRetries: -1, Timeout: -1, ChunkTimeout: -1}} {
		var s *server
		aitest.RunChat(t, func(t *testing.T) ai.ChatModel {
			s = serve(t, either(&s))
			return s.client(t, o)
		}, aitest.Deterministic(), aitest.Sent(func() int { return int(s.requests.Load()) }))
	}
}

func TestModules(t *testing.T) {
	moduletest.Run(t, func() module.Descriptor { return ChatModule(ChatConfig{Model: "m"}) })
	moduletest.Run(t, func() module.Descriptor { return EmbedModule(EmbedConfig{Model: "m"}) })
	for _, c := range []config.Validator{
		ChatConfig{}, EmbedConfig{}, ChatConfig{Model: "m", BaseURL: "ftp://x"}, ChatConfig{Model: "m", APIKey: config.NewSecret("a b")},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, o := range []Options{
		{BaseURL: "api.example.com"},
		{BaseURL: "ftp://x/v1"},
		{BaseURL: "http://"},
		{BaseURL: "http://user:" + secret + "@x/v1"},
		{BaseURL: "https://x/v1?key=" + secret},
		{BaseURL: "://" + secret},
		{APIKey: config.NewSecret(secret + "\n")},
	} {
		_, err := New(o)
		if !errors.Is(err, ai.ErrRequest) || strings.Contains(err.Error(), secret) {
			t.Errorf("New(%q) = %v", o.BaseURL, err)
		}
	}
}

func TestRequest(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+secret || r.URL.Path != "/v1/chat/completions" {
			t.Errorf("%s, %v", r.URL.Path, r.Header)
		}
		echo(w, r)
	})
	cold, most := 0.0, 9
	_, err := s.client(t, Options{}).Complete(t.Context(), &ai.Request{
		Messages: []ai.Message{
			{Role: ai.System, Parts: ai.Parts{ai.Text("Be "), ai.Text("brief.")}},
			{Role: ai.User, Parts: ai.Parts{ai.Text("What?"), ai.Image{URL: "http://x/i.png"}, ai.Image{MediaType: "image/png", Data: []byte("png")}}},
			{Role: ai.Assistant, ToolCalls: []ai.ToolCall{{ID: "1", Name: "look", Arguments: json.RawMessage(`{"a":1}`)}, {ID: "2", Name: "see"}}},
			{Role: ai.FromTool, ToolCallID: "1", Parts: ai.Parts{ai.Text("a cat")}},
		},
		Tools:       []ai.Tool{{Name: "look", Description: "Looks.", Schema: json.RawMessage(`{"type":"object"}`)}},
		Temperature: &cold, MaxTokens: &most, Stop: []string{"END"}, Schema: json.RawMessage(`{"type":"object"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"max_tokens":9,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"What?"},` +
		`{"type":"image_url","image_url":{"url":"http://x/i.png"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,cG5n"}}]},` +
		`{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"look","arguments":"{\"a\":1}"}},` +
		`{"id":"2","type":"function","function":{"name":"see","arguments":"{}"}}]},{"role":"tool","content":"a cat","tool_call_id":"1"}],` +
		`"model":"chat-1","response_format":{"json_schema":{"name":"answer","schema":{"type":"object"},"strict":true},"type":"json_schema"},` +
		`"stop":["END"],"temperature":0,"tools":[{"type":"function","function":{"name":"look","description":"Looks.","parameters":{"type":"object"}}}]}`
	if got := s.last.Load(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUnsendable(t *testing.T) {
	s := serve(t, echo)
	c := s.client(t, Options{})
	bad := ai.Ask("", "hi")
	bad.Schema = json.RawMessage("{")
	noImage := &ai.Request{Messages: []ai.Message{{Role: ai.User, Parts: ai.Parts{ai.Image{}}}}}
	for name, req := range map[string]*ai.Request{"schema": bad, "image": noImage} {
		if _, err := c.Complete(t.Context(), req); !errors.Is(err, ai.ErrRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.options.ChatModel = ""
	if _, err := c.Complete(t.Context(), ai.Ask("", "hi")); !errors.Is(err, ai.ErrRequest) || s.requests.Load() != 0 {
		t.Errorf("no model: %v, %d requests", err, s.requests.Load())
	}
}

func TestAnswer(t *testing.T) {
	s := serve(t, status(200, `{"model":"m","choices":[{"message":{"content":null,"reasoning_content":"hmm","tool_calls":[{"id":"1","function":{"name":"f","arguments":" {\"a\":1}"}},{"id":"2","function":{"name":"g","arguments":""}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{"cached_tokens":4}}}`))
	got, err := s.client(t, Options{}).Complete(t.Context(), ai.Ask("", "hi"))
	want := &ai.Completion{
		Message: ai.Message{Role: ai.Assistant, Parts: ai.Parts{ai.Text("")}, ToolCalls: []ai.ToolCall{
			{ID: "1", Name: "f", Arguments: json.RawMessage(`{"a":1}`)}, {ID: "2", Name: "g", Arguments: json.RawMessage("{}")},
		}},
		Thinking: "hmm", Model: "m", Finish: ai.FinishTools, Usage: ai.Usage{Input: 5, CachedInput: 4, Output: 6},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func TestErrors(t *testing.T) {
	api := func(code, message string) string {
		return fmt.Sprintf(`{"error":{"message":%q,"type":"some_error","param":null,"code":%q}}`, message, code)
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
	}{
		"401":            {status(401, api("invalid_api_key", "Incorrect API key: "+secret)), ai.ErrAuth},
		"403":            {status(403, "no"), ai.ErrAuth},
		"404":            {status(404, api("model_not_found", "no such model")), ai.ErrModel},
		"404 of a proxy": {status(404, "<html>"), ai.ErrModel},
		"429":            {status(429, api("rate_limit_exceeded", "slow down")), ai.ErrRateLimit},
		"429, no body":   {status(429, ""), ai.ErrRateLimit},
		"quota":          {status(429, api("insufficient_quota", "pay")), ai.ErrQuota},
		"context":        {status(400, api("context_length_exceeded", "too long")), ai.ErrContext},
		"400":            {status(400, api("whatever", "bad")), ai.ErrRequest},
		"422":            {status(422, `{"error":"a string"}`), ai.ErrRequest},
		"number as code": {status(400, `{"error":{"message":"m","code":400}}`), ai.ErrRequest},
		"500":            {status(500, strings.Repeat("x", 1<<20)), ai.ErrUnreachable},
		"503":            {status(503, "busy\r\nSet-Cookie: x"), ai.ErrUnreachable},
		"redirect":       {status(307, "", "Location", "https://example.com/"), ai.ErrUnreachable},
		"garbage":        {status(200, "not JSON"), ai.ErrResponse},
		"empty":          {status(200, ""), ai.ErrResponse},
		"no choices":     {status(200, `{"choices":[]}`), ai.ErrResponse},
		"error with 200": {status(200, api("insufficient_quota", "pay")), ai.ErrQuota},
		"key with 200":   {status(200, api("whatever", "no such key: "+secret)), ai.ErrResponse},
		"tool arguments": {status(200, `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":"{"}}]}}]}`), ai.ErrResponse},
		"too large":      {status(200, strings.Repeat(" ", 5000)), ai.ErrResponse},
		"cut":            {status(200, `{"choices":`, "Content-Length", "100"), ai.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, c.handler).client(t, Options{MaxRetries: -1, MaxResponseBytes: 4096})
			_, err := client.Complete(t.Context(), ai.Ask("", "hi"))
			check(t, err, c.want)
			for _, err := range client.Stream(t.Context(), ai.Ask("", "hi")) {
				if err == nil {
					t.Error("Stream yields a chunk")
				} else if want := c.want; name != "garbage" && name != "empty" {
					check(t, err, want)
				}
			}
		})
	}
}

func check(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	} else if s := err.Error(); len(s) > 500 || strings.ContainsAny(s, "\r\n") || strings.Contains(s, secret) {
		t.Errorf("error text %q", s)
	}
}

func TestRedirectKeepsTheKey(t *testing.T) {
	other := serve(t, echo)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/v1/chat/completions", 307)
	})
	if _, err := s.client(t, Options{}).Complete(t.Context(), ai.Ask("", "hi")); !errors.Is(err, ai.ErrUnreachable) || other.requests.Load() != 0 {
		t.Errorf("%v, %d requests to the other host", err, other.requests.Load())
	}
}

func TestRetries(t *testing.T) {
	for name, c := range map[string]struct {
		handlers []http.HandlerFunc
		requests int64
		want     error
	}{
		"500 once":        {[]http.HandlerFunc{status(500, ""), echo}, 2, nil},
		"429 with after":  {[]http.HandlerFunc{status(429, "", "Retry-After-Ms", "1"), echo}, 2, nil},
		"408":             {[]http.HandlerFunc{status(408, "", "Retry-After-Ms", "1"), echo}, 2, nil},
		"400":             {[]http.HandlerFunc{status(400, ""), echo}, 1, ai.ErrRequest},
		"quota":           {[]http.HandlerFunc{status(429, `{"error":{"code":"insufficient_quota"}}`), echo}, 1, ai.ErrQuota},
		"after too long":  {[]http.HandlerFunc{status(503, "", "Retry-After", "3600"), echo}, 1, ai.ErrUnreachable},
		"after as a date": {[]http.HandlerFunc{status(503, "", "Retry-After", "Fri, 31 Dec 2199 23:59:59 GMT"), echo}, 1, ai.ErrUnreachable},
		"for ever":        {[]http.HandlerFunc{status(500, "", "Retry-After-Ms", "1")}, 3, ai.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.handlers...)
			_, err := s.client(t, Options{MaxRetries: 2}).Complete(t.Context(), ai.Ask("", "hi"))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || s.requests.Load() != c.requests {
				t.Errorf("%v after %d requests, want %v after %d", err, s.requests.Load(), c.want, c.requests)
			}
		})
	}
}

// A roundTripper stands for the network where time is synctest's.
type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(contentType string, body io.Reader) *http.Response {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(body)}
}

func over(t testing.TB, f roundTripper, o Options) *Client {
	o.HTTPClient, o.ChatModel, o.EmbedModel, o.BaseURL = &http.Client{Transport: f}, "m", "e", "http://test/v1"
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		c := over(t, func(r *http.Request) (*http.Response, error) {
			attempts++
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, Options{Timeout: 10 * time.Second, MaxRetries: 1})
		start := time.Now()
		_, err := c.Complete(t.Context(), ai.Ask("", "hi"))
		if took := time.Since(start); !errors.Is(err, ai.ErrUnreachable) || attempts != 2 || took < 20*time.Second || took > 21*time.Second {
			t.Errorf("%v after %v and %d attempts", err, took, attempts)
		}
	})
}

// TestBackoff shows that Retry-After is kept to, and that nobody waits for a
// time that the caller does not have.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		c := over(t, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(start))
			return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"7"}}, Body: http.NoBody}, nil
		}, Options{})
		if _, err := c.Complete(t.Context(), ai.Ask("", "hi")); !errors.Is(err, ai.ErrUnreachable) || len(at) != 4 || at[3] != 21*time.Second {
			t.Errorf("%v, attempts at %v", err, at)
		}
		ctx, cancel := contextWithTimeout(t, 5*time.Second)
		defer cancel()
		if _, err := c.Complete(ctx, ai.Ask("", "hi")); !errors.Is(err, ai.ErrUnreachable) || len(at) != 5 {
			t.Errorf("%v, attempts at %v", err, at)
		}
	})
}
