package cqrs_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
)

// A bus of one handler, whose result a test may replace.
type bus struct {
	cqrs.Registration
	answer func() (any, error)
}

func (b *bus) Register(r cqrs.Registration) error { b.Registration = r; return nil }

func (b *bus) Dispatch(ctx context.Context, message any, _ reflect.Type) (any, error) {
	if b.answer != nil {
		return b.answer()
	}
	return b.Handle(ctx, message)
}

func (b *bus) Execute(ctx context.Context, message any, result reflect.Type) (any, error) {
	return b.Dispatch(ctx, message, result)
}

type greet struct{ name string }

func TestTyped(t *testing.T) {
	ctx, b, failed := t.Context(), &bus{}, errors.New("failed")
	if err := cqrs.Handle(b, func(_ context.Context, g greet) (string, error) {
		if g.name == "" {
			return "half a result", failed
		}
		return "hello " + g.name, nil
	}); err != nil {
		t.Fatal(err)
	}
	if b.Message != reflect.TypeFor[greet]() || b.Result != reflect.TypeFor[string]() {
		t.Errorf("registered %v, %v", b.Message, b.Result)
	}
	if s, err := cqrs.Dispatch[string](ctx, b, greet{"Ada"}); s != "hello Ada" || err != nil {
		t.Errorf("Dispatch = %q, %v", s, err)
	}
	if s, err := cqrs.Ask[string](ctx, b, greet{}); s != "" || !errors.Is(err, failed) {
		t.Errorf("Ask = %q, %v", s, err)
	}
	if _, err := cqrs.Dispatch[string](ctx, b, 7); !errors.Is(err, cqrs.ErrMessage) {
		t.Errorf("a handler that is given another message: %v", err)
	}
	b.answer = func() (any, error) { return 7, nil }
	if s, err := cqrs.Dispatch[string](ctx, b, greet{}); s != "" || !errors.Is(err, cqrs.ErrResult) {
		t.Errorf("an answer of another type: %q, %v", s, err)
	}
	b.answer = func() (any, error) { return nil, nil }
	if e, err := cqrs.Ask[error](ctx, b, greet{}); e != nil || err != nil {
		t.Errorf("no answer: %v, %v", e, err)
	}
	if err := cqrs.Answer[greet, string](b, nil); err != nil || b.Handle != nil {
		t.Errorf("a handler that is nil became one: %v", err)
	}
}

func Example() {
	ctx, b := context.Background(), &bus{} // of lexigram-events/commandbus
	err := cqrs.Handle(b, func(_ context.Context, g greet) (string, error) { return "hello " + g.name, nil })
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(cqrs.Dispatch[string](ctx, b, greet{"Ada"}))
	// Output: hello Ada <nil>
}
