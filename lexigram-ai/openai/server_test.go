package openai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "sk-very-secret"

// A server answers requests by handlers in turn; the last one answers the rest.
type server struct {
	*httptest.Server
	requests atomic.Int64
	last     atomic.Value // the body of the last request
}

func serve(t testing.TB, handlers ...http.HandlerFunc) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		s.last.Store(string(body))
		n := int(s.requests.Add(1))
		handlers[min(n, len(handlers))-1](w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// client returns a client of s with the options that o changes.
func (s *server) client(t testing.TB, o Options) *Client {
	t.Helper()
	o.BaseURL = s.URL + "/v1"
	o.HTTPClient = s.Client()
	o.APIKey = config.NewSecret(secret)
	if o.ChatModel == "" {
		o.ChatModel, o.EmbedModel = "chat-1", "embed-1"
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func status(code int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

// events writes an event stream, flushing after each part.
func events(parts ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for _, p := range parts {
			io.WriteString(w, p)
			w.(http.Flusher).Flush()
		}
	}
}

func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"chat-1-0613","choices":[{"index":0,"delta":{"content":%s},"logprobs":null,"finish_reason":null}]}`+"\n\n", b)
}

const (
	stop  = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	usage = `data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":3}}}` + "\n\n"
	done  = "data: [DONE]\n\n"
	hello = `{"model":"chat-1-0613","choices":[{"index":0,"message":{"role":"assistant","content":"Hello you"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2}}`
)

// echo answers chat requests, streamed or not, as an endpoint in order does.
func echo(w http.ResponseWriter, r *http.Request) {
	status(200, hello, "Content-Type", "application/json")(w, r)
}

// either answers as the request asks.
func either(s **server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains((*s).last.Load().(string), `"stream":true`) {
			events(text("Hello"), text(" you"), stop, usage, done)(w, r)
			return
		}
		echo(w, r)
	}
}
