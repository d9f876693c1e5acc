package openai

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// A Client completes and embeds through one endpoint. It is safe for
// concurrent use and starts no goroutine that outlives a call; idle
// connections are its HTTPClient's. Make one with [New].
//
// Errors wrap [ai.ErrAuth] (401, 403), [ai.ErrModel] (404), [ai.ErrRateLimit] or
// [ai.ErrQuota] (429), [ai.ErrContext] or [ai.ErrRequest] (other 4xx),
// [ai.ErrUnreachable] (5xx, no connection, a timeout of ours), [ai.ErrResponse]
// (an answer that makes no sense) and [ai.ErrStreamLost]. When ctx ends, they
// wrap its cause and the request is cancelled. Error texts hold at most 300
// bytes of the provider's, and never the key.
type Client struct {
	options Options
	http    *http.Client
}

var (
	_ ai.ChatModel = (*Client)(nil)
	_ ai.Streamer  = (*Client)(nil)
	_ ai.Embedder  = (*Client)(nil)
)

// New returns a Client, or an error wrapping [ai.ErrRequest] if the options
// cannot work. It does no I/O.
func New(o Options) (*Client, error) {
	o = o.defaults()
	if err := checkBaseURL(o.BaseURL); err != nil {
		return nil, err
	}
	if err := checkKey(o.APIKey.Reveal()); err != nil {
		return nil, err
	}
	client := http.Client{}
	if o.HTTPClient != nil {
		client = *o.HTTPClient
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{options: o, http: &client}, nil
}

// Complete returns the whole answer. A Schema is asked for strictly; ThinkingBlocks of
// earlier turns and CacheHint are not sent, as this API knows neither. Tool
// calls whose arguments are not JSON are an error wrapping [ai.ErrResponse].
func (c *Client) Complete(ctx context.Context, req *ai.Request) (*ai.Completion, error) {
	body, err := c.chatBody(req, false)
	if err != nil {
		return nil, err
	}
	raw, err := c.call(ctx, "/chat/completions", body)
	if err != nil {
		return nil, err
	}
	return c.completion(raw)
}

func (c *Client) completion(raw []byte) (*ai.Completion, error) {
	var out chatResponse
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, ai.ErrResponse.Wrap(err, "openai: chat")
	}
	if out.Error != nil {
		return nil, c.apiError(out.Error, 0, "chat", ai.ErrResponse)
	}
	if len(out.Choices) == 0 {
		return nil, ai.ErrResponse.Wrap(nil, "openai: chat: no choices")
	}
	choice := out.Choices[0]
	text := choice.Message.Content + choice.Message.Refusal
	done := &ai.Completion{
		Message:  ai.Message{Role: ai.Assistant, Parts: ai.Parts{ai.Text(text)}},
		Thinking: choice.Message.Reasoning,
		Model:    out.Model,
		Finish:   finish(choice.FinishReason),
	}
	if out.Usage != nil {
		done.Usage = out.Usage.usage()
	}
	for _, call := range choice.Message.ToolCalls {
		tc, err := call.call()
		if err != nil {
			return nil, err
		}
		done.Message.ToolCalls = append(done.Message.ToolCalls, tc)
	}
	return done, nil
}
