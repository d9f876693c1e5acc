package sourcing

import (
	"slices"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// An Aggregate is what is built from the events of one stream: a pointer to a
// struct that embeds [Root]. It belongs to one goroutine.
type Aggregate interface {
	// Pending returns what was raised and not saved yet, oldest first; the caller
	// owns it. The state has it already.
	Pending() []Raised
	root() *Root
}

// Raised is a fact that was raised and not saved yet.
type Raised struct {
	Type   string // of the event that it will be
	Schema int
	Value  any // the E of its [Fact]
}

// A Root makes the struct that embeds it an [Aggregate]. Its zero value is one
// that no repository made, and that none saves.
type Root struct {
	id, stream string
	version    eventstore.Version
	position   eventstore.Position
	pending    []Raised
}

var _ Aggregate = (*Root)(nil)

// ID is what the repository was given for the aggregate.
func (r *Root) ID() string { return r.id }

// Version is that of the last event that was loaded or saved; 0 if there is none.
func (r *Root) Version() eventstore.Version { return r.version }

// Position is that of the last event that was loaded or saved, for who waits
// until a reader of all events has it; "" if there is none.
func (r *Root) Position() eventstore.Position { return r.position }

// Pending implements [Aggregate].
func (r *Root) Pending() []Raised { return slices.Clone(r.pending) }

func (r *Root) root() *Root { return r }
