package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A failure is an attempt that failed.
type failure struct {
	err   error
	retry bool          // another attempt may succeed
	after time.Duration // what Retry-After said; 0 if nothing
}

// maxRetryAfter bounds what a provider may have a caller wait for.
const maxRetryAfter = time.Minute

// transportFailure returns the failure of an attempt without a whole response.
func (c *Client) transportFailure(ctx, attempt context.Context, err error) *failure {
	switch {
	case ctx.Err() != nil:
		return &failure{err: ended(ctx)}
	case errors.Is(err, errTooLarge):
		return &failure{err: ai.ErrResponse.Wrap(err, "openai")}
	case attempt.Err() != nil:
		return &failure{err: ai.ErrUnreachable.Wrap(context.Cause(attempt), "openai"), retry: true}
	}
	return &failure{err: ai.ErrUnreachable.Wrap(c.hide(err), "openai"), retry: true}
}

// hide keeps the key out of errors of a transport that shows headers.
func (c *Client) hide(err error) error {
	if key := c.options.APIKey.Reveal(); key != "" && strings.Contains(err.Error(), key) {
		return errors.New(strings.ReplaceAll(err.Error(), key, "***"))
	}
	return err
}

// statusFailure returns the failure of a response that is not of status 200.
func (c *Client) statusFailure(resp *http.Response, raw []byte) *failure {
	status := resp.StatusCode
	if status >= 300 && status < 400 {
		return &failure{err: ai.ErrUnreachable.Wrap(fmt.Errorf("redirect %d is not followed: put its address into BaseURL", status), "openai")}
	}
	var body struct {
		Error *apiError `json:"error"`
	}
	if json.Unmarshal(raw, &body) != nil || body.Error == nil {
		body.Error = &apiError{Message: string(raw)}
	}
	f := &failure{err: c.apiError(body.Error, status, "", ai.ErrRequest)}
	if status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500 {
		f.after = retryAfter(resp.Header)
		f.retry = f.after <= maxRetryAfter && !errors.Is(f.err, ai.ErrQuota)
	}
	return f
}

func hideKey(s, key string) string {
	if key == "" {
		return s
	}
	return strings.ReplaceAll(s, key, "***")
}

// An apiError is the API's "error": an object, or in some endpoints a string.
type apiError struct {
	Message string
	Type    string
	Code    string
}

func (e *apiError) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &e.Message) == nil {
		return nil
	}
	var raw struct {
		Message string          `json:"message"`
		Type    string          `json:"type"`
		Code    json.RawMessage `json:"code"` // a string, a number or null
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	e.Message, e.Type, e.Code = raw.Message, raw.Type, strings.Trim(string(raw.Code), `"`)
	return nil
}

// apiError returns what the API said in e, without the key.
func (c *Client) apiError(e *apiError, status int, op string, otherwise *errs.Error) error {
	key := c.options.APIKey.Reveal()
	shown := apiError{hideKey(e.Message, key), hideKey(e.Type, key), hideKey(e.Code, key)}
	return shown.err(status, op, otherwise)
}

// err returns the error with the sentinel of its code, else of the status, else otherwise.
func (e *apiError) err(status int, op string, otherwise *errs.Error) error {
	text := "openai"
	if op != "" {
		text += ": " + op
	}
	cause := e.Code
	if cause == "" || cause == "null" {
		cause = e.Type
	}
	if status != 0 {
		cause = strings.TrimSpace(strconv.Itoa(status) + " " + cause)
	}
	if msg := oneLine(e.Message, 300); msg != "" {
		cause += ": " + msg
	}
	return e.sentinel(status, otherwise).Wrap(errors.New(oneLine(strings.TrimPrefix(cause, ": "), 400)), "%s", text)
}

func (e *apiError) sentinel(status int, otherwise *errs.Error) *errs.Error {
	for _, code := range []string{e.Code, e.Type} {
		switch code {
		case "insufficient_quota", "billing_hard_limit_reached":
			return ai.ErrQuota
		case "context_length_exceeded":
			return ai.ErrContext
		case "rate_limit_exceeded", "requests", "tokens":
			return ai.ErrRateLimit
		case "model_not_found":
			return ai.ErrModel
		case "invalid_api_key":
			return ai.ErrAuth
		case "server_error", "overloaded_error":
			return ai.ErrUnreachable
		}
	}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ai.ErrAuth
	case status == http.StatusPaymentRequired:
		return ai.ErrQuota
	case status == http.StatusNotFound:
		return ai.ErrModel
	case status == http.StatusTooManyRequests:
		return ai.ErrRateLimit
	case status == http.StatusRequestTimeout, status >= 500:
		return ai.ErrUnreachable
	case status >= 400:
		return ai.ErrRequest
	}
	return otherwise
}

// oneLine returns at most limit bytes of s without control characters.
func oneLine(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
		for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) {
			s = s[:len(s)-1]
		}
		s += "…"
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}

// retryAfter reads the headers that say when to try again; 0 if none does.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && s < 1e9 {
		return time.Duration(s * float64(time.Second))
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}

// jitter returns how long to wait after the attempt: half to all of 0.5, 1, 2, 4, 8, 8, … s.
func jitter(attempt int) time.Duration {
	d := 500 * time.Millisecond << min(attempt, 4)
	return d/2 + rand.N(d/2)
}
