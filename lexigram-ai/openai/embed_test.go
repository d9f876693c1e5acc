package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/ai/aitest"
)

// embedder answers as the API does, in reverse order.
func embedder(s **server) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req embedRequest
		if err := json.Unmarshal([]byte((*s).last.Load().(string)), &req); err != nil {
			status(400, err.Error())(w, r)
			return
		}
		n := 32
		if req.Dimensions > 0 {
			n = req.Dimensions
		}
		var data []string
		for i := len(req.Input) - 1; i >= 0; i-- {
			v := make([]int, n)
			for at := range len(req.Input[i]) {
				v[int(req.Input[i][at])%n]++
			}
			data = append(data, fmt.Sprintf(`{"object":"embedding","index":%d,"embedding":%s}`, i, strings.ReplaceAll(fmt.Sprint(v), " ", ",")))
		}
		fmt.Fprintf(w, `{"object":"list","data":[%s],"model":"embed-1","usage":{"prompt_tokens":%d,"total_tokens":1}}`, strings.Join(data, ","), len(req.Input))
	}
}

func TestEmbedConformance(t *testing.T) {
	for _, batch := range []int{0, 1, 2} {
		aitest.RunEmbedder(t, func(t *testing.T) ai.Embedder {
			var s *server
			s = serve(t, func(w http.ResponseWriter, r *http.Request) { embedder(&s)(w, r) })
			return s.client(t, Options{BatchSize: batch})
		})
	}
}

func TestEmbedBatches(t *testing.T) {
	var s *server
	s = serve(t, func(w http.ResponseWriter, r *http.Request) { embedder(&s)(w, r) })
	c := s.client(t, Options{BatchSize: 3, QueryPrefix: "query: "})
	out, err := c.Embed(t.Context(), &ai.EmbedRequest{Texts: strings.Split("abcdefg", ""), Query: true})
	if err != nil || len(out.Vectors) != 7 || out.Usage.Input != 7 || s.requests.Load() != 3 || !strings.Contains(s.last.Load().(string), `"input":["query: g"]`) {
		t.Errorf("%v, %v, %d requests, %v", out, err, s.requests.Load(), s.last.Load())
	}
}

func TestEmbedNonsense(t *testing.T) {
	for name, body := range map[string]string{
		"garbage":      "x",
		"too few":      `{"data":[{"index":0,"embedding":[1]}]}`,
		"too many":     `{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1]},{"index":2,"embedding":[1]}]}`,
		"twice":        `{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`,
		"out of range": `{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}`,
		"negative":     `{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}`,
		"empty vector": `{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[1]}]}`,
		"lengths":      `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]}`,
		"text":         `{"data":[{"index":0,"embedding":["a"]},{"index":1,"embedding":[1]}]}`,
	} {
		c := serve(t, status(200, body)).client(t, Options{MaxRetries: -1})
		if _, err := c.Embed(t.Context(), &ai.EmbedRequest{Texts: []string{"a", "b"}}); !errors.Is(err, ai.ErrResponse) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := serve(t, status(200, `{"data":[{"index":0,"embedding":[1,2]}]}`)).client(t, Options{})
	if _, err := c.Embed(t.Context(), &ai.EmbedRequest{Texts: []string{"a"}, Dimensions: 3}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("dimensions ignored: %v", err)
	}
	if _, err := serve(t, status(200, "")).client(t, Options{ChatModel: "x"}).Embed(t.Context(), &ai.EmbedRequest{Texts: []string{"a"}}); !errors.Is(err, ai.ErrRequest) {
		t.Errorf("no model: %v", err)
	}
}

func TestEmbedErrorHidesTheKey(t *testing.T) {
	c := serve(t, status(200, `{"error":"no such key: `+secret+`"}`)).client(t, Options{})
	_, err := c.Embed(t.Context(), &ai.EmbedRequest{Texts: []string{"a"}})
	check(t, err, ai.ErrResponse)
}
