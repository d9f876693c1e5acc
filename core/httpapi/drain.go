package httpapi

import "context"

type drainKey struct{}

// Draining returns a channel that is closed when the [Server] of a request begins to
// drain; without one it is nil, and never ready. ctx is the request's.
func Draining(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(drainKey{}).(<-chan struct{})
	return c
}

// StreamContext returns the context of a response that would not end by itself: a
// child of ctx, the request's, that also ends when the [Server] begins to drain; its
// cause is [ErrDraining] then. The request's own context goes on, as ordinary requests
// may finish. The caller calls cancel.
func StreamContext(ctx context.Context) (stream context.Context, cancel context.CancelFunc) {
	stream, end := context.WithCancelCause(ctx)
	draining := Draining(ctx)
	if draining == nil {
		return stream, func() { end(nil) }
	}
	go func() { // ends with the stream
		select {
		case <-draining:
			end(ErrDraining.Wrap(nil, "httpapi: stream"))
		case <-stream.Done():
		}
	}()
	return stream, func() { end(nil) }
}
