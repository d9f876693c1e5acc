package openai

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

func TestStream(t *testing.T) {
	s := serve(t, events("\ufeff: keep-alive\r\n\r\n", "event: x\nid: 1\nretry: 5\n", text("He"), "data:", strings.TrimPrefix(text("llo"), "data:"),
		strings.ReplaceAll(text(" you"), "\n", "\r\n"), `data: {"choices":[{"delta":`+"\n"+`data: {"content":" \u00e9\ud83d\ude00\n"}}]}`+"\n\n", stop, usage, done))
	got, err := ai.Collect(s.client(t, Options{}).Stream(t.Context(), ai.Ask("", "hi")))
	if err != nil || got.Message.Text() != "Hello you é😀\n" || got.Finish != ai.FinishStop || got.Usage != (ai.Usage{Input: 7, CachedInput: 3, Output: 2}) {
		t.Errorf("%+v, %v", got, err)
	}
	if body := s.last.Load().(string); !strings.Contains(body, `"stream":true,"stream_options":{"include_usage":true}`) {
		t.Error(body)
	}
}

func TestStreamToolCalls(t *testing.T) {
	s := serve(t, events(
		`data: {"model":"m-1","choices":[{"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"1","type":"function","function":{"name":"look","arguments":""}}]}}]}`+"\n\n",
		`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}}]}`+"\n\n",
		`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"id":"2","function":{"name":"see"}}]}}]}`+"\n\n",
		`data: {"choices":[{"delta":{"reasoning_content":"hmm"},"finish_reason":"tool_calls"}]}`+"\n\n", done))
	var chunks []ai.Chunk
	for c, err := range s.client(t, Options{}).Stream(t.Context(), ai.Ask("", "hi")) {
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, c)
	}
	want := []ai.Chunk{{Thinking: "hmm"}, {Model: "m-1", Finish: ai.FinishTools, ToolCalls: []ai.ToolCall{
		{ID: "1", Name: "look", Arguments: []byte(`{"a":1}`)}, {ID: "2", Name: "see", Arguments: []byte("{}")},
	}}}
	if !reflect.DeepEqual(chunks, want) {
		t.Errorf("got  %+v\nwant %+v", chunks, want)
	}
}

// TestStreamEnds shows what counts as an end, and what as a loss.
func TestStreamEnds(t *testing.T) {
	for name, c := range map[string]struct {
		parts []string
		want  error
	}{
		"done":                {[]string{text("a"), stop, done}, nil},
		"finish, no done":     {[]string{text("a"), stop}, nil},
		"done, no finish":     {[]string{text("a"), done}, nil},
		"cut":                 {[]string{text("a")}, ai.ErrStreamLost},
		"cut in an event":     {[]string{text("a"), stop[:20]}, ai.ErrStreamLost},
		"cut before the line": {[]string{text("a"), strings.TrimSuffix(stop, "\n\n")}, ai.ErrStreamLost},
		"nothing":             {nil, ai.ErrStreamLost},
		"garbage":             {[]string{text("a"), "data: {nope}\n\n"}, ai.ErrResponse},
		"error event":         {[]string{text("a"), `data: {"error":{"message":"boom","type":"server_error"}}` + "\n\n"}, ai.ErrUnreachable},
		"strange error event": {[]string{text("a"), `data: {"error":"boom"}` + "\n\n"}, ai.ErrStreamLost},
		"huge line":           {[]string{text("a"), "data: " + strings.Repeat("x", maxLine+1) + "\n\n"}, ai.ErrResponse},
		"huge comment":        {[]string{text("a"), ": " + strings.Repeat("x", maxLine+1) + "\n\n"}, ai.ErrResponse},
		"huge event":          {[]string{text("a"), strings.Repeat("data: "+strings.Repeat("x", 1<<10)+"\n", 1100) + "\n"}, ai.ErrResponse},
		"call out of order":   {[]string{`data: {"choices":[{"delta":{"tool_calls":[{"index":5}]}}]}` + "\n\n"}, ai.ErrResponse},
		"negative call":       {[]string{`data: {"choices":[{"delta":{"tool_calls":[{"index":-1}]}}]}` + "\n\n"}, ai.ErrResponse},
		"half a call":         {[]string{`data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{"}}]}}]}` + "\n\n", done}, ai.ErrResponse},
	} {
		t.Run(name, func(t *testing.T) {
			n, failed := 0, error(nil)
			for _, err := range serve(t, events(c.parts...)).client(t, Options{MaxRetries: -1}).Stream(t.Context(), ai.Ask("", "hi")) {
				n++
				if failed = err; err != nil {
					check(t, err, c.want)
				}
			}
			if (failed == nil) != (c.want == nil) || n == 0 {
				t.Errorf("%d items, %v, want %v", n, failed, c.want)
			}
		})
	}
}

func TestStreamTotal(t *testing.T) {
	s := serve(t, events(strings.Repeat(text("abc"), 100), done))
	_, err := ai.Collect(s.client(t, Options{MaxResponseBytes: 2000}).Stream(t.Context(), ai.Ask("", "hi")))
	if !errors.Is(err, ai.ErrResponse) {
		t.Error(err)
	}
}

// TestStreamRetry shows that a stream is repeated before its first chunk, and
// never after it: what was delivered must not come twice.
func TestStreamRetry(t *testing.T) {
	s := serve(t, status(503, "", "Retry-After-Ms", "1"), events(": nothing yet\n\n"), events(text("a"), stop, done))
	got, err := ai.Collect(s.client(t, Options{}).Stream(t.Context(), ai.Ask("", "hi")))
	if err != nil || got.Message.Text() != "a" || s.requests.Load() != 3 {
		t.Errorf("%+v, %v after %d requests", got, err, s.requests.Load())
	}
	s = serve(t, events(text("a")), events(text("a"), stop, done))
	if _, err := ai.Collect(s.client(t, Options{}).Stream(t.Context(), ai.Ask("", "hi"))); !errors.Is(err, ai.ErrStreamLost) || s.requests.Load() != 1 {
		t.Errorf("%v after %d requests", err, s.requests.Load())
	}
}

func TestStreamOfOneThatCannot(t *testing.T) {
	got, err := ai.Collect(serve(t, echo).client(t, Options{}).Stream(t.Context(), ai.Ask("", "hi")))
	if err != nil || got.Message.Text() != "Hello you" || got.Usage.Input != 7 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestLeavingCancels shows that the server learns of a loop that was left.
func TestLeavingCancels(t *testing.T) {
	gone := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		events(text("a"))(w, r)
		<-r.Context().Done()
		close(gone)
	})
	for _, err := range s.client(t, Options{}).Stream(t.Context(), ai.Ask("", "hi")) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	<-gone
}

func TestCancelMidStream(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		events(text("a"))(w, r)
		<-r.Context().Done()
	})
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var last error
	for _, err := range s.client(t, Options{}).Stream(ctx, ai.Ask("", "hi")) {
		last = err
		cancel(cause)
	}
	if !errors.Is(last, cause) {
		t.Errorf("%v, want the cause", last)
	}
}

// A slow body gives each part after a pause, until its request ends.
type slowBody struct {
	ctx   context.Context
	parts []string
	pause time.Duration
}

func (b *slowBody) Read(p []byte) (int, error) {
	if len(b.parts) == 0 {
		return 0, io.EOF
	}
	select {
	case <-time.After(b.pause):
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
	n := copy(p, b.parts[0])
	if b.parts[0] = b.parts[0][n:]; b.parts[0] == "" {
		b.parts = b.parts[1:]
	}
	return n, nil
}

// TestChunkTimeout shows that a healthy stream may take as long as it likes,
// and a silent one may not.
func TestChunkTimeout(t *testing.T) {
	for pause, want := range map[time.Duration]error{4 * time.Second: nil, 6 * time.Second: ai.ErrStreamLost} {
		synctest.Test(t, func(t *testing.T) {
			c := over(t, func(r *http.Request) (*http.Response, error) {
				parts := []string{text("a"), ": thinking\n\n", text("b"), stop, done}
				return respond("text/event-stream", &slowBody{r.Context(), parts, pause}), nil
			}, Options{Timeout: 5 * time.Second, ChunkTimeout: 5 * time.Second, MaxRetries: -1})
			start := time.Now()
			_, err := ai.Collect(c.Stream(t.Context(), ai.Ask("", "hi")))
			if !errors.Is(err, want) || (err == nil) != (want == nil) || want == nil && time.Since(start) < 20*time.Second {
				t.Errorf("pauses of %v: %v after %v, want %v", pause, err, time.Since(start), want)
			}
		})
	}
}

// TestStreamBegin shows that the wait for a stream to begin is bounded.
func TestStreamBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, Options{Timeout: 5 * time.Second, MaxRetries: -1})
		start := time.Now()
		if _, err := ai.Collect(c.Stream(t.Context(), ai.Ask("", "hi"))); !errors.Is(err, ai.ErrUnreachable) || time.Since(start) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}
