package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	openaigo "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	gopenai "github.com/sashabaranov/go-openai"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-ai/openai"
)

const (
	chatURL     = "http://model.invalid/v1"
	chatWord    = " word"
	chatChunks  = 10_000 // of one stream
	chatChunk   = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}` + "\n\n"
	chatTail    = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
	chatRequest = "Say many words."
)

func chatRow() row {
	return row{
		name: "ai: chunk of a streamed answer",
		work: "read and decode one chunk of 5 characters of a stream that the transport has in memory",
		goal: "≤ 2 µs, ≤ 3 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 2e3 && r.ours().Allocs <= 3.01 },
		sides: []side{
			{"lexigram-ai/openai", startOurChat},
			{"go-openai", startGoOpenAI},
			{"openai-go", startOpenAIGo},
		},
	}
}

// A cannedModel is a transport that answers with as many chunks as it is told.
type cannedModel struct{ chunks int }

func (m *cannedModel) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	body := io.MultiReader(io.LimitReader(&cycle{text: []byte(chatChunk)}, int64(m.chunks*len(chatChunk))), bytes.NewReader([]byte(chatTail)))
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(body), ContentLength: -1, Request: req,
	}, nil
}

// A cycle reads the same text again and again.
type cycle struct {
	text []byte
	at   int
}

func (c *cycle) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k := copy(p[n:], c.text[c.at:])
		n, c.at = n+k, (c.at+k)%len(c.text)
	}
	return n, nil
}

// streams makes the ops of a client: stream reads one answer to its end and
// returns how many bytes of text it had.
func (m *cannedModel) streams(stream func(ctx context.Context) (int, error)) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		for n > 0 {
			m.chunks = min(n, chatChunks)
			n -= m.chunks
			got, err := stream(ctx)
			if want := m.chunks * len(chatWord); err != nil || got != want {
				return fmt.Errorf("%d bytes of text, want %d: %w", got, want, err)
			}
		}
		return nil
	}
}

func startOurChat(context.Context) (worker, error) {
	m := &cannedModel{}
	client, err := openai.New(openai.Options{BaseURL: chatURL, APIKey: config.NewSecret("key"), ChatModel: "m", HTTPClient: &http.Client{Transport: m}})
	return worker{ops: m.streams(func(ctx context.Context) (int, error) {
		n := 0
		for chunk, err := range client.Stream(ctx, ai.Ask("", chatRequest)) {
			if err != nil {
				return n, err
			}
			n += len(chunk.Text)
		}
		return n, nil
	})}, err
}

func startGoOpenAI(context.Context) (worker, error) {
	m := &cannedModel{}
	cfg := gopenai.DefaultConfig("key")
	cfg.BaseURL, cfg.HTTPClient = chatURL, &http.Client{Transport: m}
	client := gopenai.NewClientWithConfig(cfg)
	req := gopenai.ChatCompletionRequest{Model: "m", Messages: []gopenai.ChatCompletionMessage{{Role: "user", Content: chatRequest}}}
	return worker{ops: m.streams(func(ctx context.Context) (n int, err error) {
		stream, err := client.CreateChatCompletionStream(ctx, req)
		if err != nil {
			return 0, err
		}
		for {
			chunk, err := stream.Recv()
			if err == io.EOF {
				return n, stream.Close()
			}
			if err != nil {
				return n, err
			}
			n += len(chunk.Choices[0].Delta.Content)
		}
	})}, nil
}

func startOpenAIGo(context.Context) (worker, error) {
	m := &cannedModel{}
	client := openaigo.NewClient(option.WithAPIKey("key"), option.WithBaseURL(chatURL), option.WithHTTPClient(&http.Client{Transport: m}))
	req := openaigo.ChatCompletionNewParams{Model: "m", Messages: []openaigo.ChatCompletionMessageParamUnion{openaigo.UserMessage(chatRequest)}}
	return worker{ops: m.streams(func(ctx context.Context) (int, error) {
		stream := client.Chat.Completions.NewStreaming(ctx, req)
		n := 0
		for stream.Next() {
			n += len(stream.Current().Choices[0].Delta.Content)
		}
		if err := stream.Err(); err != nil {
			return n, err
		}
		return n, stream.Close()
	})}, nil
}
