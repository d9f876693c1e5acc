package aitest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

func streamRules() []rule[ai.ChatModel] {
	return []rule[ai.ChatModel]{
		{
			name: "stream: error once, last",
			says: "an error comes once, last, with the zero Chunk",
			skip: needsStreamer,
			check: func(ctx context.Context, m ai.ChatModel, o *options) error {
				for what, req := range invalid() {
					if err := failsOnce(m.(ai.Streamer).Stream(ctx, req), ai.ErrRequest); err != nil {
						return fmt.Errorf("Stream(%s): %w", what, err)
					}
				}
				gone, cause := ended(ctx)
				return failsOnce(m.(ai.Streamer).Stream(gone, o.request()), cause)
			},
		},
		{
			name:  "stream: nothing before iteration",
			says:  "nothing is sent before iteration begins",
			skip:  needsStreamer,
			check: checkLazy,
		},
		{
			name:  "stream: leaving the loop",
			says:  "leaving the loop cancels the request",
			skip:  needsStreamer,
			check: checkLeaving,
		},
		{
			name:  "stream: finish",
			says:  "Finish is set on the last chunk, even if its text is empty",
			skip:  needsStreamer,
			check: checkFinish,
		},
		{
			name: "stream: same answer",
			says: "a Streamer yields its answer while it is made",
			skip: func(m ai.ChatModel, o *options) string {
				if why := needsStreamer(m, o); why != "" {
					return why
				}
				return needsDeterminism(m, o)
			},
			check: func(ctx context.Context, m ai.ChatModel, o *options) error {
				whole, err := complete(ctx, m, o.request())
				if err != nil {
					return err
				}
				pieces, err := ai.Collect(m.(ai.Streamer).Stream(ctx, o.request()))
				if err != nil {
					return fmt.Errorf("Stream: %w", err)
				}
				if a, b := whole.Message.Text(), pieces.Message.Text(); a != b || whole.Finish != pieces.Finish || whole.Thinking != pieces.Thinking {
					return fmt.Errorf("Stream yields %.120q (%s), Complete returns %.120q (%s)", b, pieces.Finish, a, whole.Finish)
				}
				if whole.Model != pieces.Model {
					return fmt.Errorf("Stream is of the model %.70q, Complete of %.70q", pieces.Model, whole.Model)
				}
				return nil
			},
		},
	}
}

func needsStreamer(m ai.ChatModel, _ *options) string {
	if _, ok := m.(ai.Streamer); !ok {
		return "the model is no ai.Streamer"
	}
	return ""
}

// failsOnce runs a stream that must yield want and nothing else.
func failsOnce(chunks iter.Seq2[ai.Chunk, error], want error) error {
	n := 0
	for c, err := range chunks {
		n++
		switch {
		case n > 1:
			return fmt.Errorf("it goes on after its error, with %+v, %v", c, err)
		case !errors.Is(err, want):
			return fmt.Errorf("it yields %v, want %v", err, want)
		case c.Text != "" || c.Thinking != "" || c.ThinkingBlocks != nil || c.Model != "" || c.ToolCalls != nil || c.Finish != "" || c.Usage != nil:
			return fmt.Errorf("its error comes with %+v", c)
		}
	}
	if n == 0 {
		return fmt.Errorf("it ends without an error, want %v", want)
	}
	return nil
}

func checkLazy(ctx context.Context, m ai.ChatModel, o *options) error {
	before, goroutines := o.requests(), runtime.NumGoroutine()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	streams := make([]iter.Seq2[ai.Chunk, error], 4)
	for i := range streams {
		streams[i] = m.(ai.Streamer).Stream(ctx, o.request())
	}
	time.Sleep(o.tick)
	if n := o.requests() - before; n > 0 {
		return fmt.Errorf("%d requests were sent before iteration", n)
	}
	if n := runtime.NumGoroutine() - goroutines; n >= len(streams) {
		return fmt.Errorf("%d goroutines were started before iteration", n)
	}
	cause := errors.New("the caller gave up")
	cancel(cause)
	return failsOnce(streams[0], cause)
}

// checkLeaving leaves streams after their first chunk, and waits for what they
// may have started to end. The first one warms up what models keep.
func checkLeaving(ctx context.Context, m ai.ChatModel, o *options) error {
	const streams = 8
	leave := func() error {
		calls := 0
		m.(ai.Streamer).Stream(ctx, o.request())(func(_ ai.Chunk, err error) bool {
			calls++
			return false
		})
		if calls != 1 {
			return fmt.Errorf("a loop that was left at once got %d chunks", calls)
		}
		return nil
	}
	if err := leave(); err != nil {
		return err
	}
	time.Sleep(o.tick)
	before := runtime.NumGoroutine()
	for range streams {
		if err := leave(); err != nil {
			return err
		}
	}
	for range 50 {
		if runtime.NumGoroutine() < before+streams {
			return nil
		}
		time.Sleep(o.tick)
	}
	return fmt.Errorf("%d streams that were left leave %d goroutines behind", streams, runtime.NumGoroutine()-before)
}

func checkFinish(ctx context.Context, m ai.ChatModel, o *options) error {
	var last ai.Chunk
	n := 0
	for c, err := range m.(ai.Streamer).Stream(ctx, o.request()) {
		if err != nil {
			return fmt.Errorf("Stream: %w", err)
		}
		if last.Finish != "" {
			return fmt.Errorf("chunk %d comes after Finish %q", n, last.Finish)
		}
		last = c
		n++
	}
	if n == 0 || last.Finish == "" {
		return fmt.Errorf("the last of %d chunks has no Finish", n)
	}
	return nil
}
