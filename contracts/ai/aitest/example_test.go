package aitest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/ai/aitest"
)

func ExampleRunChat() {
	var open func(t *testing.T) ai.ChatModel // of the adapter under test
	_ = func(t *testing.T) { aitest.RunChat(t, open, aitest.Deterministic()) }
	// Output:
}
