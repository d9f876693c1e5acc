package hybrid_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/lexigram-vector/hybrid"
)

func ExampleFuse() {
	byVector := []hybrid.Ranked{{ID: "chunk 7", Score: 0.91}, {ID: "chunk 2", Score: 0.88}}
	byWords := []hybrid.Ranked{{ID: "chunk 2", Score: 11.3}, {ID: "chunk 5", Score: 4.2}}
	for _, r := range hybrid.Fuse(hybrid.DefaultK, byVector, byWords) {
		fmt.Printf("%s %.4f\n", r.ID, r.Score)
	}
	// Output:
	// chunk 2 0.0325
	// chunk 7 0.0164
	// chunk 5 0.0161
}
