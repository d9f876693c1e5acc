package eventstore_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

func TestCheck(t *testing.T) {
	ev := events.Event{ID: "1", Source: "/", Type: "a"}
	for _, c := range []struct {
		stream   string
		expected eventstore.Version
		ev       events.Event
		want     error
	}{
		{"a", eventstore.Any, ev, nil},
		{"日本 '\"", 7, ev, nil},
		{strings.Repeat("a", 255), 0, ev, nil},
		{"", 0, ev, eventstore.ErrInvalid},
		{strings.Repeat("a", 256), 0, ev, eventstore.ErrInvalid},
		{"a\x00", 0, ev, eventstore.ErrInvalid},
		{"a\x7f", 0, ev, eventstore.ErrInvalid},
		{"\xff", 0, ev, eventstore.ErrInvalid},
		{"a", -2, ev, eventstore.ErrInvalid},
		{"a", 0, events.Event{}, events.ErrInvalid},
	} {
		if err := eventstore.Check(c.stream, c.expected, c.ev); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("Check(%.20q, %d, %+v) = %v, want %v", c.stream, c.expected, c.ev, err, c.want)
		}
	}
}

// reader yields its pages, one with each ReadAll.
type reader struct {
	pages [][]eventstore.Recorded
	after []eventstore.Position
	err   error
}

func (r *reader) ReadAll(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	r.after = append(r.after, after)
	return func(yield func(eventstore.Recorded, error) bool) {
		if len(r.pages) == 0 {
			yield(eventstore.Recorded{}, r.err)
			return
		}
		page := r.pages[0]
		r.pages = r.pages[1:]
		for _, rec := range page {
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func (r *reader) Wait(ctx context.Context, _ eventstore.Position) error { return context.Cause(ctx) }

func TestSubscribe(t *testing.T) {
	boom := errors.New("boom")
	r := &reader{err: boom, pages: [][]eventstore.Recorded{{{Position: "1"}, {Position: "2"}}, nil, {{Position: "3"}}}}
	var got []eventstore.Position
	var last error
	for rec, err := range eventstore.Subscribe(t.Context(), r, "0") {
		if got, last = append(got, rec.Position), err; last != nil && rec.Position != "" {
			t.Errorf("an error comes with %q", rec.Position)
		}
	}
	if want := "1 2 3 "; strings.Join(texts(got), " ") != want || !errors.Is(last, boom) {
		t.Errorf("got %q and %v, want %q and boom", got, last, want)
	}
	if want := "0 2 2 3"; strings.Join(texts(r.after), " ") != want {
		t.Errorf("read after %q, want %q", r.after, want)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(boom)
	for _, err := range eventstore.Subscribe(ctx, &reader{pages: [][]eventstore.Recorded{nil}}, "") {
		if !errors.Is(err, boom) {
			t.Errorf("got %v, want the cause of ctx", err)
		}
	}
	for range eventstore.Subscribe(t.Context(), &reader{pages: [][]eventstore.Recorded{{{Position: "1"}, {Position: "2"}}}}, "") {
		break
	}
}

func texts(all []eventstore.Position) []string {
	out := make([]string, len(all))
	for i, p := range all {
		out[i] = string(p)
	}
	return out
}
