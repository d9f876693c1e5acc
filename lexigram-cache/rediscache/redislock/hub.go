package redislock

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// tick is how often the reader looks whether anybody still waits.
const tick = time.Second

var errClosed = wire.ErrUnavailable.Wrap(nil, "the store is closed")

// A hub has one subscription for all that wait in this process, as long as
// somebody does. It never reconnects: who waited is told, and comes again.
type hub struct {
	client redis.UniversalClient
	turn   chan struct{} // has one value: channels are joined and left one after another
	done   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	lines  *redis.PubSub // nil while nobody waits
	topics map[string]*topic
}

// A topic is a channel that somebody waits on, or did a tick ago.
type topic struct {
	waiters int
	ready   chan struct{} // closed when the server has confirmed, or failed is set
	freed   chan struct{} // closed by the next message, or when failed is set
	failed  error
}

func newHub(client redis.UniversalClient) *hub {
	h := &hub{client: client, turn: make(chan struct{}, 1), topics: map[string]*topic{}}
	h.turn <- struct{}{}
	return h
}

// join returns the topic of channel, which the caller leaves.
func (h *hub) join(ctx context.Context, channel string) (*topic, error) {
	select {
	case <-h.turn:
		defer func() { h.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	t, lines, err := h.enter(ctx, channel)
	if lines == nil || err != nil {
		return t, err
	}
	if err := lines.Subscribe(ctx, channel); err != nil {
		h.leave(t)
		h.fail(lines, err)
		return nil, err
	}
	return t, nil
}

// enter counts a waiter in. If the channel is new, it returns what to subscribe with.
func (h *hub) enter(ctx context.Context, channel string) (*topic, *redis.PubSub, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, errClosed
	}
	if t := h.topics[channel]; t != nil {
		t.waiters++
		return t, nil, nil
	}
	t := &topic{waiters: 1, ready: make(chan struct{}), freed: make(chan struct{})}
	h.topics[channel] = t
	if h.lines == nil {
		h.lines = h.client.Subscribe(context.WithoutCancel(ctx)) // which does not connect yet
		lines := h.lines
		h.done.Go(func() { h.read(lines) })
	}
	return t, h.lines, nil
}

// leave counts a waiter out.
func (h *hub) leave(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.waiters--
}

// next returns what the next message closes, or why there will be none.
func (h *hub) next(t *topic) (<-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return t.freed, t.failed
}

// read hands on what comes in on lines, until it fails, or nobody waits.
func (h *hub) read(lines *redis.PubSub) {
	ctx := context.Background()
	swept := time.Now()
	for silent := 0; ; {
		msg, err := lines.ReceiveTimeout(ctx, tick)
		var timeout net.Error
		switch {
		case err == nil:
			silent = -1
			h.hand(msg)
			if time.Since(swept) < tick {
				continue
			}
		case !errors.As(err, &timeout) || !timeout.Timeout():
			h.fail(lines, err)
			return
		case silent >= 3: // pings were not answered
			h.fail(lines, err)
			return
		}
		silent++
		swept = time.Now()
		if h.sweep(ctx, lines) {
			return
		}
	}
}

// hand gives a message to those it is for.
func (h *hub) hand(msg any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch msg := msg.(type) {
	case *redis.Subscription:
		if t := h.topics[msg.Channel]; t != nil && msg.Kind == "subscribe" && !isClosed(t.ready) {
			close(t.ready)
		}
	case *redis.Message:
		if t := h.topics[msg.Channel]; t != nil {
			close(t.freed)
			t.freed = make(chan struct{})
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// sweep leaves channels that nobody waits on, and reports whether none is left.
// Otherwise it asks for a sign of life.
func (h *hub) sweep(ctx context.Context, lines *redis.PubSub) (ended bool) {
	<-h.turn
	defer func() { h.turn <- struct{}{} }()
	h.mu.Lock()
	var left []string
	for channel, t := range h.topics {
		if t.waiters == 0 {
			left = append(left, channel)
			delete(h.topics, channel)
		}
	}
	ended = len(h.topics) == 0
	h.mu.Unlock()
	if ended {
		h.fail(lines, errClosed)
		return true
	}
	err := lines.Ping(ctx)
	if len(left) > 0 && err == nil {
		err = lines.Unsubscribe(ctx, left...)
	}
	if err != nil {
		h.fail(lines, err)
	}
	return err != nil
}

// fail tells all who wait that there will be no more messages, and why.
func (h *hub) fail(lines *redis.PubSub, why error) {
	_ = lines.Close() // it may have been
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lines != lines {
		return
	}
	h.lines = nil
	for channel, t := range h.topics {
		delete(h.topics, channel)
		t.failed = why
		close(t.freed)
		if !isClosed(t.ready) {
			close(t.ready)
		}
	}
}

// close ends every wait, and returns when the reader has ended.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	lines := h.lines
	h.mu.Unlock()
	if lines != nil {
		h.fail(lines, errClosed)
	}
	h.done.Wait()
}
