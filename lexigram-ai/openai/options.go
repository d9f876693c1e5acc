package openai

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/config"
)

// Defaults of [Options].
const (
	DefaultBaseURL          = "https://api.openai.com/v1"
	DefaultTimeout          = 60 * time.Second
	DefaultChunkTimeout     = 30 * time.Second
	DefaultMaxRetries       = 3
	DefaultMaxResponseBytes = 64 << 20
	DefaultBatchSize        = 256
)

// Options of a [Client]. The zero value reaches OpenAI without a key.
type Options struct {
	BaseURL    string                // without the final "/chat/completions"; "" means DefaultBaseURL
	APIKey     config.Secret[string] // sent as a bearer token; "" sends none
	ChatModel  string                // of requests that name none
	EmbedModel string                // of embed requests that name none

	// HTTPClient is used for its Transport, Jar and Timeout; its redirect policy
	// is not. nil means one over http.DefaultTransport. A Timeout of it bounds
	// streams as a whole: better leave it at zero.
	HTTPClient *http.Client

	// Timeout bounds each attempt of a call, and of a stream each attempt until
	// the response begins. 0 means DefaultTimeout, negative none.
	Timeout time.Duration
	// ChunkTimeout bounds the time between two lines of a stream, keep-alive
	// comments included; how long the whole takes is not bounded. 0 means
	// DefaultChunkTimeout, negative none.
	ChunkTimeout time.Duration
	// MaxRetries is how often a call is repeated that the provider could not
	// take (408, 429 but for a spent quota, 5xx, no connection), with backoff or
	// after what Retry-After says. A stream is repeated only until its first
	// chunk was delivered. 0 means DefaultMaxRetries, negative none.
	MaxRetries int
	// MaxResponseBytes bounds a response, streamed or not. 0 means DefaultMaxResponseBytes.
	MaxResponseBytes int64

	// MaxTokensField is the name of the limit in requests. "" means
	// "max_completion_tokens" for OpenAI and "max_tokens", which others know, elsewhere.
	MaxTokensField string

	BatchSize      int    // texts of one embed request; 0 means DefaultBatchSize
	QueryPrefix    string // put before texts that are queries, as models such as E5 want it
	DocumentPrefix string // put before texts that are documents
}

func (o Options) defaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.ChunkTimeout == 0 {
		o.ChunkTimeout = DefaultChunkTimeout
	}
	if o.MaxRetries == 0 {
		o.MaxRetries = DefaultMaxRetries
	}
	if o.MaxResponseBytes <= 0 {
		o.MaxResponseBytes = DefaultMaxResponseBytes
	}
	if o.BatchSize <= 0 {
		o.BatchSize = DefaultBatchSize
	}
	if o.MaxTokensField == "" {
		o.MaxTokensField = "max_tokens"
		if strings.HasPrefix(o.BaseURL, "https://api.openai.com/") {
			o.MaxTokensField = "max_completion_tokens"
		}
	}
	return o
}

// checkBaseURL returns an error wrapping [ai.ErrRequest] that does not show the
// URL where a password may stand in it.
func checkBaseURL(base string) error {
	if err := urlProblem(base); err != nil {
		return ai.ErrRequest.Wrap(err, "openai: BaseURL")
	}
	return nil
}

func urlProblem(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return errors.New("it is not a URL")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("it must not hold a user, a query or a fragment (a key belongs into APIKey)")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q is not http(s)://host/path", base)
	}
	return nil
}

// checkKey refuses what cannot stand in a header, without showing it.
func checkKey(key string) error {
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ai.ErrRequest.Wrap(nil, "openai: APIKey holds a space, a line break or another character that no key has")
	}
	return nil
}
