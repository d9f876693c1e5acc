package library

import (
	"context"
	"sync"
)

// A listener is one who asked and hears the answer while it is made. The answer
// is made by a goroutine that others may wait for too, so one who fails or has
// left neither ends it nor is spoken to any more.
type listener struct {
	onText func(string) error      // nil hears nothing
	cancel context.CancelCauseFunc // of the context that the listener waits in

	mu    sync.Mutex // held while onText runs
	heard bool
	err   error // of onText
	gone  bool
}

// listen returns the context to wait in, which ends with the error of onText.
func listen(ctx context.Context, onText func(string) error) (context.Context, *listener) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &listener{onText: onText, cancel: cancel}
}

// piece is called by whoever makes the answer.
func (h *listener) piece(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.gone || h.onText == nil {
		return
	}
	h.heard = true
	if h.err = h.onText(text); h.err != nil {
		h.gone = true
		h.cancel(h.err)
	}
}

// leave waits for an onText that runs; there is none afterwards.
func (h *listener) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	h.cancel(nil)
}

// rest returns the error of onText. It gives the whole text to one who has left
// and heard nothing: the answer was there, or was made for another.
func (h *listener) rest(text string) error {
	if h.heard || h.onText == nil {
		return h.err
	}
	return h.onText(text)
}
