package vector_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

func ExampleCheckPoints() {
	cfg := vector.Config{Dimension: 2}
	points, err := vector.CheckPoints(cfg, []vector.Point{{ID: "a", Vector: []float32{1, 0}, Payload: map[string]any{"page": 7}}})
	fmt.Printf("%T %v\n", points[0].Payload["page"], err)
	_, err = vector.CheckPoints(cfg, []vector.Point{{ID: "a", Vector: []float32{1, 0, 0}}})
	fmt.Println(err)
	// Output:
	// int64 <nil>
	// vector: point "a": vector: vector of 3, collection of 2: wrong dimension
}

// racing is a store whose collection somebody else makes first, and once drops again.
type racing struct {
	vector.Store
	opens, creates int
}

func (r *racing) Open(context.Context, string) (vector.Collection, error) {
	if r.opens++; r.opens < 3 {
		return nil, vector.ErrNoCollection.Wrap(nil, "open")
	}
	return nil, nil
}

func (r *racing) Create(context.Context, string, vector.Config) (vector.Collection, error) {
	r.creates++
	return nil, vector.ErrExists.Wrap(nil, "create")
}

func TestEnsureRace(t *testing.T) {
	var r racing
	if _, err := vector.Ensure(t.Context(), &r, "c", vector.Config{Dimension: 1}); err != nil || r.creates != 2 {
		t.Errorf("%v after %d creates", err, r.creates)
	}
}

func TestCheckPointsErrors(t *testing.T) {
	_, err := vector.CheckPoints(vector.Config{Dimension: 1}, []vector.Point{{ID: "a", Vector: []float32{1, 2}}})
	if !errors.Is(err, vector.ErrDimension) || !errors.Is(err, vector.ErrInvalid) {
		t.Errorf("%v, want ErrDimension and ErrInvalid", err)
	}
}
