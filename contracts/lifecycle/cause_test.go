package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

func ExampleStopCause() {
	ctx := lifecycle.WithStopCause(context.Background(), lifecycle.Signaled{Signal: os.Interrupt})
	cause := lifecycle.StopCause(ctx)
	fmt.Println(cause, errors.Is(cause, lifecycle.Signaled{Signal: os.Interrupt}))
	// Output: interrupt true
}

func TestStopCauseOfNobody(t *testing.T) {
	if cause := lifecycle.StopCause(t.Context()); cause != nil {
		t.Errorf("got %v", cause)
	}
}
