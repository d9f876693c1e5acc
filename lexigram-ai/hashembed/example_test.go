package hashembed_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/lexigram-ai/hashembed"
)

func Example() {
	e, err := hashembed.New(hashembed.Options{Dimensions: 128})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := e.Embed(context.Background(), &ai.EmbedRequest{Texts: []string{"how to delete rows", "Deleting rows"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(out.Vectors), len(out.Vectors[0]), out.Model)
	// Output: 2 128 hashembed-1
}
