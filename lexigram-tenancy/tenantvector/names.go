package tenantvector

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// register notes that a collection with a hashed name may exist. Nothing takes
// a note back: with its collection gone it says nothing, and taking it back
// would race with whoever makes the collection anew.
func (s *Store) register(ctx context.Context, id tenancy.ID, name string) error {
	c, err := vector.Ensure(ctx, s.inner, registry(id), vector.Config{Dimension: 1, Metric: vector.Euclidean})
	if err != nil {
		return err
	}
	return c.Upsert(ctx, vector.Point{ID: name, Vector: []float32{0}})
}

var errTooMany = fmt.Errorf("the tenant has had %d names over %d bytes: not all can be read", vector.MaxLimit, bound.Short)

// registered returns the noted names whose collections are among the physical ones.
func (s *Store) registered(ctx context.Context, id tenancy.ID, physical []string) ([]string, error) {
	c, err := s.inner.Open(ctx, registry(id))
	if errors.Is(err, vector.ErrNoCollection) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	notes, err := c.Search(ctx, vector.Query{Vector: []float32{0}, Limit: vector.MaxLimit, Exact: true})
	if err != nil {
		return nil, err
	}
	if len(notes) == vector.MaxLimit { // there may be more, which nothing could tell
		return nil, vector.Err.Wrap(errTooMany, "tenantvector: list")
	}
	var names []string
	for _, n := range notes {
		if slices.Contains(physical, bound.Name(id, n.ID)) {
			names = append(names, n.ID)
		}
	}
	return names, nil
}

func registry(id tenancy.ID) string { return "n" + bound.Token(string(id)) }
