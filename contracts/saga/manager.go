package saga

import (
	"context"
	"iter"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A Runner begins instances and moves them on.
//
// It is safe for concurrent use, as are several in different processes over one
// store: each holds an instance under a lease while it runs it. It copies what
// it is given and what it returns. A ctx that has ended is an error wrapping its
// cause ([context.Cause]) from every method, which then has no effect.
type Runner interface {
	// Start records an instance of the latest version of the saga, in the
	// ambient transaction if the store has one: it exists when that commits. It
	// runs no step. An ID belongs to one instance for ever, whatever its saga
	// and tenant: one that is taken is an error wrapping [ErrExists]; a saga
	// that the manager has no definition of, [ErrNoSaga].
	Start(ctx context.Context, saga, id string, data []byte) error

	// Resume runs the steps of an instance, in its tenant's context, until it
	// ends, waits for an event or a Delay, or ctx ends, and returns how it is
	// then. It runs it on the version that it began on; where that is not here,
	// or has other steps, it does nothing and returns [ErrVersion].
	//
	// Steps run in their order. A step that fails for good, and Cancel, make
	// the instance Compensating: of the steps that are done or in doubt, each
	// is undone, the last one first, and those that cannot be are passed over.
	// A pause between two attempts is waited for, but not one that was under way.
	// An instance that has Failed is compensated again, where that is stuck.
	//
	// The error is nil if the instance is Completed or goes on later. It wraps
	// [ErrCompensated] or [ErrFailed] if that is how it is or was at its end,
	// [ErrBusy] if another one runs it, and [ErrLost] if another one took over.
	// When ctx ends, the step that runs is waited for, a step that is done is recorded,
	// and the error wraps the cause.
	Resume(ctx context.Context, id string) (Instance, error)

	// Cancel has an instance compensated, for the reason, which is no more than
	// a kilobyte of it. It returns when that is recorded, in the ambient transaction if
	// the store has one. A step that runs is not interrupted: what it does is
	// undone. An instance that is final is an error wrapping [ErrEnded]; one
	// that is Compensating stays so, for its first reason.
	Cancel(ctx context.Context, id, reason string) error
}

// A Router takes events to instances.
type Router interface {
	// Handle records ev with the instance that a definition's Correlate names,
	// if that definition has a step not yet done that awaits its type: also
	// before the step does. If a definition's On matches, an instance with
	// that ID begins, unless there is one; its own steps do not get the event. It
	// returns nil when that is recorded, as Start does, and runs no step. An event with a Source, ID and tenant
	// that the instance has seen changes nothing, and so does one of another
	// tenant ([events.HeaderTenant]), or that concerns no instance. So it is an [events.Handler].
	Handle(ctx context.Context, ev events.Event) error
}

// An Inspector tells of instances.
type Inspector interface {
	// Show returns an instance as it was last recorded.
	Show(ctx context.Context, id string) (Instance, error)
	// List yields instances, those first that began first, as far as they do
	// not change meanwhile; an error comes once, last. A store that cannot
	// find the Completed and Compensated answers errors.ErrUnsupported to a Filter that names one.
	List(ctx context.Context, f Filter) iter.Seq2[Instance, error]
}

// A Manager runs sagas. An ID that no instance has is an error wrapping
// [ErrNotFound] from every method but Start and Handle; one that [CheckID] refuses is its error.
type Manager interface {
	Runner
	Router
	Inspector
}
