package natsevents

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Bus carries events through JetStream. It is safe for concurrent use; make
// one with [Open] or [New], and close it.
type Bus struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	opts  Options
	owned bool // Close closes nc

	stream     jetstream.Stream
	dead       jetstream.Stream
	bucket     jetstream.KeyValue
	durability Durability
	sender     *sender

	mu     sync.Mutex
	closed bool                // Close began
	ended  bool                // and nothing may be published any more, by handlers either
	groups map[string]*group   // that take consumers, by name
	live   map[*group]struct{} // that have one whose last handler has not returned
}

var (
	_ events.Publisher  = (*Bus)(nil)
	_ events.Subscriber = (*Bus)(nil)
	_ health.Checker    = (*Bus)(nil)
)

// New declares what the bus needs on the server of nc and returns the bus. The
// caller closes nc after the bus. It returns errors wrapping
// [events.ErrInvalid], [ErrDrift], [ErrDurability] or [ErrUnavailable].
func New(ctx context.Context, nc *nats.Conn, opts Options) (*Bus, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, ErrUnavailable.Wrap(err, "natsevents: new")
	}
	b := &Bus{nc: nc, js: js, opts: opts, groups: map[string]*group{}, live: map[*group]struct{}{}}
	if err := b.declare(ctx); err != nil {
		return nil, err
	}
	if b.sender, err = newSender(nc, &b.opts); err != nil {
		return nil, ErrUnavailable.Wrap(err, "natsevents: new")
	}
	opts.Logger.Info("natsevents: durability of the bus", "durability", b.durability)
	return b, nil
}

func (b *Bus) declare(ctx context.Context) (err error) {
	wrap := func(what string, err error) error {
		if errors.Is(err, ErrDrift) {
			return err
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return ErrUnavailable.Wrap(err, "natsevents: declare %s", what)
	}
	if b.stream, err = declareStream(ctx, b.js, b.opts.eventStream(), b.opts.Update); err != nil {
		return wrap("stream "+strconv.Quote(b.opts.Stream), err)
	}
	b.durability = durabilityOf(b.nc, b.stream.CachedInfo())
	if err := b.durability.check(b.opts.Require); err != nil {
		return err
	}
	if b.dead, err = declareStream(ctx, b.js, b.opts.deadStream(), b.opts.Update); err != nil {
		return wrap("the stream of dead letters", err)
	}
	if b.bucket, err = declareBucket(ctx, b.js, &b.opts); err != nil {
		return wrap("the bucket of groups", err)
	}
	return nil
}

// Durability reports what the bus found when it was made.
func (b *Bus) Durability() Durability { return b.durability }

// Close refuses new events and subscriptions with [events.ErrClosed], has every
// consumer finish what its handlers have, and gives the rest back to the
// server; Consumer.Err is then ErrClosed. While it drains, handlers may still
// publish. At the end of ctx it cancels the handlers, does not wait for those
// that ignore that, and returns the cause. Close is idempotent.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	b.closed = true
	var all []*group
	for g := range b.live {
		all = append(all, g)
	}
	b.mu.Unlock()
	var cause error
	for _, g := range all {
		g.close(false)
	}
	for _, g := range all {
		select {
		case <-g.over:
			continue
		case <-ctx.Done():
			cause = context.Cause(ctx)
		}
		g.close(true)
	}
	b.mu.Lock()
	first := !b.ended
	b.ended = true
	b.mu.Unlock()
	if first {
		b.sender.close()
		if b.owned {
			b.nc.Close()
		}
	}
	if cause != nil {
		return events.Err.Wrap(cause, "natsevents: close")
	}
	return nil
}

// within is the key under which the context of a handler names its bus.
type within struct{}

// refuses returns an error if the bus takes nothing more from ctx.
func (b *Bus) refuses(ctx context.Context, op, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended || b.closed && ctx.Value(within{}) != b {
		return events.ErrClosed.Wrap(nil, "natsevents: %s %q", op, name)
	}
	return nil
}

// CheckHealth asks the server for the state of the streams. It is Unhealthy if
// the server does not answer or the bus is closed, and Degraded while there are
// dead letters or the stream has less replicas up than it was declared with.
func (b *Bus) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	res := b.health(ctx)
	res.Took = time.Since(start)
	return res
}

func (b *Bus) health(ctx context.Context) health.Result {
	if err := b.refuses(ctx, "check health of", b.opts.Stream); err != nil {
		return health.Result{Status: health.Unhealthy, Message: "closed"}
	}
	info, err := b.stream.Info(ctx)
	if err != nil {
		return health.Result{Status: health.Unhealthy, Message: "stream " + strconv.Quote(b.opts.Stream) + ": " + redacted(err).Error()}
	}
	res := health.Result{Status: health.Healthy, Details: map[string]string{
		"server": b.nc.ConnectedServerVersion(), "events": strconv.FormatUint(info.State.Msgs, 10), "bytes": strconv.FormatUint(info.State.Bytes, 10),
	}}
	degrade := func(format string, args ...any) {
		if res.Status, res.Message = health.Degraded, fmt.Sprintf(format, args...); res.Message == "" {
			res.Message = "degraded"
		}
	}
	if c := info.Cluster; c != nil {
		for _, r := range c.Replicas {
			if r.Offline || !r.Current {
				degrade("replica %q of stream %q is behind or offline", r.Name, b.opts.Stream)
			}
		}
	}
	dead, err := b.dead.Info(ctx)
	switch {
	case err != nil:
		degrade("stream %q: %v", b.opts.Stream+"-dead", redacted(err))
	case dead.State.Msgs > 0:
		res.Details["dead"] = strconv.FormatUint(dead.State.Msgs, 10)
		degrade("%d dead letters", dead.State.Msgs)
	}
	return res
}

func (b *Bus) count(ctx context.Context, name string, n int, attrs ...slog.Attr) {
	b.opts.Observer.Count(ctx, name, int64(n), attrs...)
}
