package sourcing

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// ErrFact reports an event that is none of an aggregate's facts, or that its
// code cannot read; the aggregate is not built without it.
var ErrFact = eventstore.Err.Sub("LEX_ERR_EVT_054", errs.Internal, "eventstore: event is none of the aggregate's facts")

// A Fact says what events of a type do to an A, and that their data are an E. It
// is a value, usually a package's variable that is never changed; it is what
// binds a Go type to a type of events.
type Fact[A Aggregate, E any] struct {
	Type   string
	Schema int // version of the shape of E; 0 means 1
	// Apply changes the state. It cannot refuse: the fact has happened. It has no
	// other effect and asks nothing else, neither the clock: it is called each
	// time the aggregate is loaded.
	Apply func(a A, e E)
}

// Raise applies the fact to a and has it saved with a. Whether it may happen the
// caller decides before. e must not be changed after.
func (f Fact[A, E]) Raise(a A, e E) {
	f.Apply(a, e)
	r := a.root()
	r.pending = append(r.pending, Raised{Type: f.Type, Schema: max(f.Schema, 1), Value: e})
}

// AnyFact is a [Fact] of whatever type of data.
type AnyFact[A Aggregate] interface {
	describe() (typ string, schema int, data string, ok bool)
	apply(c codec.Codec, a A, data []byte) error
}

func (f Fact[A, E]) describe() (typ string, schema int, data string, ok bool) {
	var e E
	return f.Type, max(f.Schema, 1), fmt.Sprintf("%T", e), f.Apply != nil
}

func (f Fact[A, E]) apply(c codec.Codec, a A, data []byte) error {
	var e E
	if err := c.Unmarshal(data, &e); err != nil {
		return err
	}
	f.Apply(a, e)
	return nil
}
