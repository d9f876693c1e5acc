package library

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestListener(t *testing.T) {
	var got strings.Builder
	ctx, h := listen(t.Context(), func(s string) error { got.WriteString(s); return nil })
	h.piece("a")
	h.piece("b")
	h.leave()
	h.piece("c") // of an answer that goes on for others
	if err := h.rest("abc"); err != nil || got.String() != "ab" || ctx.Err() == nil {
		t.Errorf("%v, heard %q, %v", err, &got, ctx.Err())
	}

	got.Reset()
	_, h = listen(t.Context(), func(s string) error { got.WriteString(s); return nil })
	h.leave()
	if err := h.rest("abc"); err != nil || got.String() != "abc" {
		t.Errorf("%v, heard %q of an answer that was there", err, &got)
	}

	broken, calls := errors.New("broken pipe"), 0
	ctx, h = listen(t.Context(), func(string) error { calls++; return broken })
	h.piece("a")
	h.piece("b")
	if !errors.Is(context.Cause(ctx), broken) || calls != 1 {
		t.Errorf("%v after %d calls", context.Cause(ctx), calls)
	}
	if h.leave(); !errors.Is(h.rest("ab"), broken) {
		t.Error("the error is forgotten")
	}

	_, h = listen(t.Context(), nil)
	h.piece("a")
	h.leave()
	if err := h.rest("a"); err != nil {
		t.Error(err)
	}
}
