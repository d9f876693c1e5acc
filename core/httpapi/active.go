package httpapi

import (
	"context"
	"net/http"
	"sync"
)

// active counts the requests in their handlers: http.Server.Close does not wait
// for them. A sync.WaitGroup may not be waited for while it grows from zero.
type active struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // has room for one: a request ended and none is left
}

func (a *active) track(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.add(1)
		defer a.add(-1)
		h.ServeHTTP(w, r)
	})
}

func (a *active) add(delta int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n += delta; a.n == 0 {
		select {
		case a.idle <- struct{}{}:
		default: // somebody will find the earlier one
		}
	}
}

func (a *active) none() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.n == 0
}

// wait returns when no request is left, or with the cause of ctx.
func (a *active) wait(ctx context.Context) error {
	for !a.none() {
		select {
		case <-a.idle:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	select {
	case a.idle <- struct{}{}: // for another who waits
	default:
	}
	return nil
}
