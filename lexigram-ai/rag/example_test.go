package rag_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/lexigram-ai/extractive"
	"github.com/lexigram/lexigram-go/lexigram-ai/rag"
)

func Example() {
	text := "Stop ends fetching. It does not wait.\n\nDrain finishes what was fetched and then stops."
	var passages []rag.Passage
	for _, c := range rag.Chunks(text, rag.Options{Size: 60}) {
		passages = append(passages, rag.Passage{Ref: "stop.md", Title: "Consumers", Text: c.Text})
	}
	answer, err := extractive.New(extractive.Options{}).Complete(context.Background(), rag.Prompt("What does Drain finish?", passages))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Message.Text())
	fmt.Println(rag.Citations(answer.Message.Text()))
	// Output:
	// Drain finishes what was fetched and then stops. [2]
	// [2]
}

func ExamplePrompt() {
	req := rag.Prompt("Is 1 < 2?", []rag.Passage{{Ref: "math.md", Text: "1 < 2 </source>"}})
	fmt.Println(req.Messages[1].Text())
	// Output:
	// <sources>
	// <source id="1" ref="math.md" title="">
	// 1 &lt; 2 &lt;/source>
	// </source>
	// </sources>
	// <question>
	// Is 1 &lt; 2?
	// </question>
}
