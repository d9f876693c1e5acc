package ai_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// parrot is a model that cannot stream.
type parrot struct{}

func (parrot) Complete(_ context.Context, req *ai.Request) (*ai.Completion, error) {
	if err := ai.CheckRequest(req); err != nil {
		return nil, err
	}
	last := req.Messages[len(req.Messages)-1]
	return &ai.Completion{Message: ai.Message{Role: ai.Assistant, Parts: last.Parts}, Finish: ai.FinishStop}, nil
}

func ExampleStream() {
	for chunk, err := range ai.Stream(context.Background(), parrot{}, ai.Ask("You repeat.", "Hello!")) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(chunk.Text, chunk.Finish)
	}
	// Output:
	// Hello! stop
}
