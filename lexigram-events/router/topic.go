package router

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/causation"
)

// A Topic says how values of T are events. A Topic is a value, usually a
// package's variable that is never changed; it is what binds a Go type to an
// event type, so no registry and no reflection do.
type Topic[T any] struct {
	// Type of the events. [Handle] also takes a pattern, such as
	// "orders.*.placed", for types of one shape.
	Type string
	// Schema is the version of the shape of T. 0 means 1.
	Schema int
	// Key orders the events; see [events.Subscription]. nil gives them no order.
	Key func(T) string
	// Upcast, if not nil, makes data of Schema out of data of an earlier schema.
	// Without it an event of an earlier schema is poison.
	Upcast func(schema int, data []byte) ([]byte, error)
	// Codec, if not nil, is used instead of Options.Codec, for data of Format,
	// which is its media type; "" is application/json.
	Codec  codec.Codec
	Format string
}

// Make returns the event that v is: with a new ID, of now, and, within a
// handler, with the event that is handled as its causation, and with its correlation and
// tenant. edits, in order, change what they like. An error of the codec is as
// [codec.Codec] says; the event is not checked.
func Make[T any](ctx context.Context, r *Router, t Topic[T], v T, edits ...func(*events.Event)) (events.Event, error) {
	c, format := r.opts.Codec, r.opts.Format
	if t.Codec != nil {
		c, format = t.Codec, t.Format
	}
	data, err := c.Marshal(v)
	if err != nil {
		return events.Event{}, events.Err.Wrap(err, "router: event of type %q", t.Type)
	}
	ev := events.New(r.opts.Source, t.Type, data)
	ev.Format, ev.Schema = format, max(t.Schema, 1)
	if t.Key != nil {
		ev.Key = t.Key(v)
	}
	if cause, ok := Cause(ctx); ok {
		ev.Headers = causation.Headers(cause)
	}
	if len(edits) == 0 {
		return ev, nil
	}
	edited := ev // on the heap, for whom edits keep it
	for _, edit := range edits {
		edit(&edited)
	}
	return edited, nil
}

// Publish makes an event of v, as [Make] does, and publishes it, as
// [Router.Publish] does.
func Publish[T any](ctx context.Context, r *Router, t Topic[T], v T, edits ...func(*events.Event)) error {
	ev, err := Make(ctx, r, t, v, edits...)
	if err != nil {
		return err
	}
	return r.Publish(ctx, ev)
}

// Handle subscribes fn to the events of t, with the middleware of r. s.Types is
// t's and stays empty; whatever else s says is as [events.Subscription] has it.
// An event that is no T goes to the dead letters with the reason: the error that
// fn's handler returns for it wraps [events.ErrPoison].
func Handle[T any](ctx context.Context, r *Router, t Topic[T], s events.Subscription, fn func(ctx context.Context, v T) error) (events.Consumer, error) {
	if fn == nil {
		return nil, events.ErrInvalid.Wrap(nil, "router: handle %q: the handler is nil", t.Type)
	}
	if len(s.Types) > 0 {
		return nil, events.ErrInvalid.Wrap(nil, "router: handle %q: Types must be empty: they are the topic's", t.Type)
	}
	s.Types = []string{t.Type}
	return r.Subscribe(ctx, s, handler(r, t, fn))
}

// HandleNow has [Router.Publish] and [Router.Deliver] call fn, with the
// middleware of r, before they give an event of t to the bus: in the goroutine
// of the publisher and in its transaction, if it has one. If fn fails the
// publisher gets its error, and nothing is published. Several are called in the
// order in which they came. stop ends it, for calls that begin after.
func HandleNow[T any](r *Router, t Topic[T], fn func(ctx context.Context, v T) error) (stop func(), err error) {
	if fn == nil {
		return nil, events.ErrInvalid.Wrap(nil, "router: handle %q: the handler is nil", t.Type)
	}
	if err := events.CheckPattern(t.Type); err != nil {
		return nil, err
	}
	return r.handleNow(t.Type, r.within(handler(r, t, fn))), nil
}

func handler[T any](r *Router, t Topic[T], fn func(context.Context, T) error) events.Handler {
	return func(ctx context.Context, ev events.Event) error {
		v, err := Decode(r, t, ev)
		if err != nil {
			return err
		}
		return fn(ctx, v)
	}
}

// Decode returns the value that ev holds. An event of another format, of a later
// schema, or of an earlier one that cannot be upcast, and data that is no T, are
// errors wrapping [events.ErrPoison].
func Decode[T any](r *Router, t Topic[T], ev events.Event) (T, error) {
	v, err := decode(r, t, ev)
	if err != nil {
		var none T
		return none, events.ErrPoison.Wrap(err, "router: event %.40q of type %.70q and schema %d is no %T", ev.ID, ev.Type, ev.Schema, none)
	}
	return v, nil
}

func decode[T any](r *Router, t Topic[T], ev events.Event) (v T, err error) {
	c, format := r.opts.Codec, r.opts.Format
	if t.Codec != nil {
		c, format = t.Codec, t.Format
	}
	if ev.Format != format && mediaType(ev.Format) != mediaType(format) {
		return v, errFormat
	}
	switch schema := max(t.Schema, 1); {
	case ev.Schema > schema:
		return v, errLater
	case max(ev.Schema, 1) < schema && t.Upcast == nil:
		return v, errEarlier
	case max(ev.Schema, 1) < schema:
		if ev.Data, err = t.Upcast(ev.Schema, ev.Data); err != nil {
			return v, err
		}
	}
	err = c.Unmarshal(ev.Data, &v)
	return v, err
}

// Immutable.
var (
	errFormat  = errors.New("its format is not that of the codec")
	errLater   = errors.New("this program knows an earlier schema only: replay it when a later one runs")
	errEarlier = errors.New("its schema is an earlier one and the topic has no Upcast")
)
