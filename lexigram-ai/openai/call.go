package openai

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// Causes of the contexts that this package ends itself.
var (
	errTimeout      = errors.New("the provider did not answer in time")
	errChunkTimeout = errors.New("the stream fell silent")
)

// call posts body and returns the response of the first attempt that succeeds.
func (c *Client) call(ctx context.Context, path string, body []byte) ([]byte, error) {
	for attempt := 0; ; attempt++ {
		raw, failure := c.callOnce(ctx, path, body)
		if failure == nil {
			return raw, nil
		}
		if err := c.backoff(ctx, attempt, failure); err != nil {
			return nil, err
		}
	}
}

func (c *Client) callOnce(ctx context.Context, path string, body []byte) ([]byte, *failure) {
	attempt, cancel := c.withTimeout(ctx)
	defer cancel()
	resp, failed := c.post(ctx, attempt, path, body, "application/json")
	if failed != nil {
		return nil, failed
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(&capped{r: resp.Body, left: c.options.MaxResponseBytes})
	if err != nil {
		return nil, c.transportFailure(ctx, attempt, err)
	}
	return raw, nil
}

// post returns a response of status 200. attempt is ctx or ends before it.
func (c *Client) post(ctx, attempt context.Context, path string, body []byte, accept string) (*http.Response, *failure) {
	req, err := http.NewRequestWithContext(attempt, http.MethodPost, c.options.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, &failure{err: ai.ErrRequest.Wrap(err, "openai")}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", accept)
	if key := c.options.APIKey.Reveal(); key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.transportFailure(ctx, attempt, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil && attempt.Err() != nil {
		return nil, c.transportFailure(ctx, attempt, err)
	}
	return nil, c.statusFailure(resp, raw) // with what was read of the reason
}

func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.options.Timeout < 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, c.options.Timeout, errTimeout)
}

// backoff waits before the attempt after the given one, or returns the error
// that ends the call.
func (c *Client) backoff(ctx context.Context, attempt int, f *failure) error {
	if !f.retry || attempt >= c.options.MaxRetries {
		return f.err
	}
	delay := f.after
	if delay == 0 {
		delay = jitter(attempt)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < delay {
		return f.err // waiting could only turn a clear error into a timeout
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

func ended(ctx context.Context) error { return ai.Err.Wrap(context.Cause(ctx), "openai") }
