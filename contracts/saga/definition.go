package saga

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A Saga is what a [Manager] runs. Definition returns the same one each time,
// and is safe for concurrent use.
type Saga interface {
	Definition() Definition
}

// A Definition is a list of steps with a name and a version. Whoever changes
// the steps, their names or their order, raises the version, and keeps the
// earlier one with the manager while instances of it are under way.
type Definition struct {
	Name    string // 1 to 100 of a-z, 0-9, ".", "-" and "_"
	Version int    // from 1
	Steps   []Step // at least one, in the order in which they run

	// On has patterns of the types of events that begin an instance of the
	// manager's latest version; see [Router]. Begin returns its Data; nil
	// means the event's Data.
	On    []string
	Begin func(ev events.Event) ([]byte, error)
	// Correlate returns the ID of the instance that an event is about, or ""
	// if it is about none; nil returns the header [events.HeaderCorrelation].
	Correlate func(ev events.Event) string
}

var _ Saga = Definition{}

// Definition returns d.
func (d Definition) Definition() Definition { return d }

// A Step is an action and what undoes it.
type Step struct {
	Name string // as a Definition's; unique among its steps

	// Do is the action. What it makes of c.Data is kept with the fact that the
	// step is done, if it returns nil; otherwise dropped. A panic is a failure.
	// When ctx ends it should return; it is waited for. nil does nothing, which
	// a step may that awaits an event or delays.
	Do func(ctx context.Context, c *Call) error
	// Undo makes the action undone, as Do does it. nil says that there is nothing to undo.
	Undo func(ctx context.Context, c *Call) error

	// Await has patterns of the types of events, one of which the step waits
	// for before Do. Within is how long from when the step could begin, by the
	// manager's clock; then the step fails with [ErrTimeout]. 0 is for ever.
	Await  []string
	Within time.Duration
	// Delay is how long after the step before it was done the step begins, by the manager's clock.
	Delay time.Duration

	// Timeout ends the ctx of one call of Do, and of one of Undo. 0 is never.
	Timeout time.Duration
	// Retry says how often Do, and Undo, is called when it fails, and when; a
	// RetryIf that is nil has it called again unless the error is one by which
	// the other side refused. An attempt whose process died counts; one that
	// the end of Resume's ctx interrupted does not.
	Retry resilience.RetryConfig
	// Atomic asks for calls of Do and Undo within the transaction that records
	// them, ambient in ctx: what they write to the manager's database happens
	// exactly once, and a call that fails is not in doubt. They may be called
	// again for one attempt, when the transaction is repeated, and have no effect
	// elsewhere. A manager without transactions refuses the definition with
	// errors.ErrUnsupported.
	Atomic bool
}

// A Call is one attempt of a step. It belongs to the step until Do or Undo returns.
type Call struct {
	ID   string // of the instance
	Saga string
	Step string
	// Key is the same for each attempt, in every process, and no other Do or
	// Undo of any instance has it. 1 to 600 bytes of UTF-8 without control characters.
	Key     string
	Attempt int          // from 1
	Data    []byte       // of the instance; to be changed or replaced
	Event   events.Event // that the step awaited
}

// Check returns an error wrapping [ErrInvalid], or one of [resilience], unless
// d is as its fields say. Every manager calls it, for each definition that it is given.
func Check(d Definition) error {
	bad := func(format string, args ...any) error {
		return ErrInvalid.Wrap(nil, "saga: definition %.40q: "+format, append([]any{d.Name}, args...)...)
	}
	switch {
	case !name(d.Name):
		return bad("the name is not 1 to 100 of a-z, 0-9, \".\", \"-\" and \"_\"")
	case d.Version < 1:
		return bad("version %d is under 1", d.Version)
	case len(d.Steps) == 0:
		return bad("it has no steps")
	}
	for _, p := range d.On {
		if err := events.CheckPattern(p); err != nil {
			return ErrInvalid.Wrap(err, "saga: definition %q: On", d.Name)
		}
	}
	seen := map[string]bool{}
	for _, s := range d.Steps {
		switch {
		case !name(s.Name):
			return bad("step %.40q is not named with 1 to 100 of a-z, 0-9, \".\", \"-\" and \"_\"", s.Name)
		case seen[s.Name]:
			return bad("two steps are named %q", s.Name)
		case s.Do == nil && len(s.Await) == 0 && s.Delay == 0:
			return bad("step %q does nothing: give it a Do", s.Name)
		case s.Within < 0 || s.Delay < 0 || s.Timeout < 0:
			return bad("step %q has a duration that is negative", s.Name)
		case s.Within > 0 && len(s.Await) == 0:
			return bad("step %q has a Within and awaits nothing", s.Name)
		}
		seen[s.Name] = true
		if err := checkStep(s); err != nil {
			return ErrInvalid.Wrap(err, "saga: definition %q: step %q", d.Name, s.Name)
		}
	}
	return nil
}

func checkStep(s Step) error {
	for _, p := range s.Await {
		if err := events.CheckPattern(p); err != nil {
			return err
		}
	}
	return s.Retry.Validate()
}

func name(s string) bool {
	return len(s) > 0 && len(s) <= 100 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}

// CheckID returns an error wrapping [ErrInvalid] unless id, of an instance, is 1
// to 255 bytes of UTF-8 without control characters.
func CheckID(id string) error {
	if len(id) == 0 || len(id) > 255 || !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ErrInvalid.Wrap(nil, "saga: ID %.40q is not 1 to 255 bytes of UTF-8 without control characters", id)
	}
	return nil
}
