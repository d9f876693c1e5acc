package aitest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// RunChat checks every rule of [ai.ChatModel], and of [ai.Streamer] if the model
// is one, each on a model of its own. open registers its own cleanup on t.
func RunChat(t *testing.T, open func(t *testing.T) ai.ChatModel, opts ...Option) {
	t.Helper()
	run(t, chatRules(), "ai.ChatModel", open, newOptions(opts))
}

func chatRules() []rule[ai.ChatModel] {
	return append([]rule[ai.ChatModel]{
		{
			name: "answer",
			says: "Complete returns the whole answer, a turn of the assistant",
			check: func(ctx context.Context, m ai.ChatModel, o *options) error {
				_, err := complete(ctx, m, o.request())
				return err
			},
		},
		{
			name:  "request is not changed",
			says:  "Complete neither changes nor keeps req",
			check: checkUnchanged,
		},
		{
			name:  "request is not kept",
			says:  "Complete neither changes nor keeps req",
			skip:  needsDeterminism,
			check: checkNotKept,
		},
		{
			name: "invalid request",
			says: "what CheckRequest refuses is an error wrapping ErrRequest, before anything is sent",
			check: func(ctx context.Context, m ai.ChatModel, o *options) error {
				for what, req := range invalid() {
					before := o.requests()
					if _, err := m.Complete(ctx, req); !errors.Is(err, ai.ErrRequest) {
						return fmt.Errorf("Complete(%s) = %v, want ErrRequest", what, err)
					}
					if o.requests() != before {
						return fmt.Errorf("Complete(%s) sent a request", what)
					}
				}
				return nil
			},
		},
		{
			name: "ended context",
			says: "a ctx that has ended is an error wrapping its cause",
			check: func(ctx context.Context, m ai.ChatModel, o *options) error {
				ctx, cause := ended(ctx)
				if _, err := m.Complete(ctx, o.request()); !errors.Is(err, cause) {
					return fmt.Errorf("Complete(ended ctx) = %v, want its cause", err)
				}
				return nil
			},
		},
		{
			name: "concurrent use",
			says: "it is safe for concurrent use",
			check: func(ctx context.Context, m ai.ChatModel, o *options) error {
				return together(8, func() error { _, err := complete(ctx, m, o.request()); return err })
			},
		},
	}, streamRules()...)
}

func needsDeterminism(_ ai.ChatModel, o *options) string {
	if !o.deterministic {
		return "the model may answer equal requests differently: option Deterministic"
	}
	return ""
}

// complete returns an answer that is one.
func complete(ctx context.Context, m ai.ChatModel, req *ai.Request) (*ai.Completion, error) {
	c, err := m.Complete(ctx, req)
	switch {
	case err != nil:
		return nil, fmt.Errorf("Complete = %w", err)
	case c == nil:
		return nil, errors.New("Complete = nil, nil")
	case c.Message.Role != ai.Assistant:
		return nil, fmt.Errorf("the answer's role is %q, want %q", c.Message.Role, ai.Assistant)
	case c.Finish == "":
		return nil, errors.New("the answer has no Finish")
	}
	return c, nil
}

func checkUnchanged(ctx context.Context, m ai.ChatModel, o *options) error {
	req, want := roomy(o.request()), roomy(o.request())
	if _, err := complete(ctx, m, req); err != nil {
		return err
	}
	if !same(req, want) {
		return errors.New("Complete changed the request")
	}
	if s, ok := m.(ai.Streamer); ok {
		for range s.Stream(ctx, req) {
			continue
		}
		if !same(req, want) {
			return errors.New("Stream changed the request")
		}
	}
	return nil
}

// roomy gives the slices of req room at their end, where an append of the model
// would show.
func roomy(req *ai.Request) *ai.Request {
	req.Messages = slices.Grow(req.Messages, 4)
	for i := range req.Messages {
		req.Messages[i].Parts = slices.Grow(req.Messages[i].Parts, 4)
	}
	req.Stop = append(make([]string, 0, 4), req.Stop...)
	return req
}

// same compares what is in the room too.
func same(a, b *ai.Request) bool {
	if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(a.Messages[:cap(a.Messages)], b.Messages[:cap(b.Messages)]) ||
		!reflect.DeepEqual(a.Stop[:cap(a.Stop)], b.Stop[:cap(b.Stop)]) {
		return false
	}
	for i := range a.Messages {
		p, q := a.Messages[i].Parts, b.Messages[i].Parts
		if !reflect.DeepEqual(p[:cap(p)], q[:cap(q)]) {
			return false
		}
	}
	return true
}

func checkNotKept(ctx context.Context, m ai.ChatModel, o *options) error {
	req := o.request()
	first, err := complete(ctx, m, req)
	if err != nil {
		return err
	}
	for i := range req.Messages { // a model that kept req now reads this
		req.Messages[i].Parts = ai.Parts{ai.Text("something else")}
	}
	second, err := complete(ctx, m, o.request())
	if err != nil {
		return err
	}
	if a, b := first.Message.Text(), second.Message.Text(); a != b {
		return fmt.Errorf("after a request was changed, the next answer is %.80q, and was %.80q", b, a)
	}
	return nil
}

func invalid() map[string]*ai.Request {
	hot, few := 3.0, 0
	bad := func(change func(*ai.Request)) *ai.Request {
		req := ai.Ask("", "hello")
		change(req)
		return req
	}
	return map[string]*ai.Request{
		"nil":               nil,
		"no message":        {},
		"an unknown role":   bad(func(r *ai.Request) { r.Messages[0].Role = "root" }),
		"temperature of 3":  bad(func(r *ai.Request) { r.Temperature = &hot }),
		"at most no tokens": bad(func(r *ai.Request) { r.MaxTokens = &few }),
	}
}

func (o *options) requests() int {
	if o.sent == nil {
		return 0
	}
	return o.sent()
}

func ended(ctx context.Context) (context.Context, error) {
	cause := errors.New("the caller gave up")
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	return ctx, cause
}

// together runs n calls of fn at the same time and joins their errors.
func together(n int, fn func() error) error {
	failed := make(chan error, n)
	for range n {
		go func() { failed <- fn() }()
	}
	all := make([]error, n)
	for i := range all {
		all[i] = <-failed
	}
	return errors.Join(all...)
}
