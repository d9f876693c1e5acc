package upcast

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/erasure"
)

// Errors of chains.
var (
	// ErrChain reports shapes and steps that are no chain; the error says every problem.
	ErrChain = eventstore.Err.Sub("LEX_ERR_EVT_052", errs.Invalid, "eventstore: upcasts are no chain")
	// ErrStep reports an event of which a step could not make a later shape.
	ErrStep = eventstore.Err.Sub("LEX_ERR_EVT_053", errs.Invalid, "eventstore: event cannot be upcast")
)

// A Shape is a type of events and the version of their data.
type Shape struct {
	Type   string
	Schema int // 0 means 1
}

func (s Shape) String() string { return fmt.Sprintf("%s@%d", s.Type, s.Schema) }

func (s Shape) filled() Shape {
	s.Schema = max(s.Schema, 1)
	return s
}

// A Step makes an event of one shape out of one of another.
type Step struct {
	From, To Shape
	// Data returns the data of To; it must not change its argument, and nil
	// leaves the data as they are: the type is renamed, or a field has come
	// that may be missing. It is called by several goroutines.
	Data func(data []byte) ([]byte, error)
}

// A Chain leads events of old shapes to those of today. It is immutable and safe
// for concurrent use; make one with [New].
type Chain struct {
	next map[Shape]Step
}

// New returns a chain that ends at the shapes of today. Each shape that a step
// begins at leads to one of them, by one way, and of the type of each so does
// every earlier schema; otherwise the error wraps [ErrChain] and says all that is wrong.
func New(today []Shape, steps ...Step) (*Chain, error) {
	c := &Chain{next: make(map[Shape]Step, len(steps))}
	current := make(map[Shape]bool, len(today))
	var wrong []string
	for _, s := range today {
		if s = s.filled(); current[s] {
			wrong = append(wrong, fmt.Sprintf("%v is listed twice", s))
		}
		wrong = append(wrong, problems(s)...)
		current[s] = true
	}
	for _, st := range steps {
		st.From, st.To = st.From.filled(), st.To.filled()
		wrong = append(append(wrong, problems(st.From)...), problems(st.To)...)
		switch _, twice := c.next[st.From]; {
		case twice:
			wrong = append(wrong, fmt.Sprintf("two steps begin at %v", st.From))
		case current[st.From]:
			wrong = append(wrong, fmt.Sprintf("a step begins at %v, which is of today", st.From))
		default:
			c.next[st.From] = st
		}
	}
	for _, from := range slices.SortedFunc(maps.Keys(c.next), order) {
		if why := c.ends(from, current); why != "" {
			wrong = append(wrong, why)
		}
	}
	for _, s := range slices.SortedFunc(maps.Keys(current), order) {
		for earlier := 1; earlier < s.Schema && len(wrong) < 100; earlier++ {
			gap := Shape{s.Type, earlier}
			if _, ok := c.next[gap]; !ok && !current[gap] {
				wrong = append(wrong, fmt.Sprintf("no step begins at %v, which is before %v", gap, s))
			}
		}
	}
	if len(wrong) > 0 {
		return nil, ErrChain.Wrap(nil, "upcast: %s", strings.Join(wrong, "; "))
	}
	return c, nil
}

func order(a, b Shape) int {
	if n := strings.Compare(a.Type, b.Type); n != 0 {
		return n
	}
	return a.Schema - b.Schema
}

func problems(s Shape) []string {
	if err := events.Check(events.Event{ID: "x", Source: "x", Type: s.Type, Schema: s.Schema}); err != nil {
		return []string{fmt.Sprintf("%.80q is no type of events", s.Type)}
	}
	return nil
}

// ends says why the way from a shape does not end at one of today.
func (c *Chain) ends(from Shape, current map[Shape]bool) string {
	at := from
	for range len(c.next) + 1 {
		st, ok := c.next[at]
		switch {
		case current[at]:
			return ""
		case !ok:
			return fmt.Sprintf("%v leads to %v, where no step begins and which is not of today", from, at)
		}
		at = st.To
	}
	return fmt.Sprintf("%v leads around in a circle, through %v", from, at)
}

// Event returns ev in the shape of today. One of which the chain knows no step,
// such as one of another type or of a later schema, is returned as it is. Of one
// that was erased (package erasure) there are no data to change. The error of a step, and its panic, are errors wrapping [ErrStep].
func (c *Chain) Event(ev events.Event) (events.Event, error) {
	for {
		at := Shape{ev.Type, max(ev.Schema, 1)}
		st, ok := c.next[at]
		if !ok {
			return ev, nil
		}
		if st.Data != nil && !erasure.Erased(ev) {
			err := errs.Catch(func() (err error) {
				ev.Data, err = st.Data(ev.Data)
				return err
			})
			if err != nil {
				return events.Event{}, ErrStep.Wrap(err, "upcast: event %q: from %v to %v", ev.ID, at, st.To)
			}
		}
		ev.Type, ev.Schema = st.To.Type, st.To.Schema
	}
}
