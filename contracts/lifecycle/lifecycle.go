// Package lifecycle is the contract between an application and the parts that
// it starts and stops.
package lifecycle

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Provider is a part of an application: it offers services, and may need
// starting and stopping (see [Booter] and [Stopper]).
type Provider interface {
	// Name is for people: errors, logs, timings. It is not empty and never
	// changes; nothing is looked up by it, and two providers may have one name.
	Name() string
	// Register offers services. It has no side effect and resolves nothing: it
	// may be called for several registrars and offers each the same. It returns
	// the registrar's error.
	Register(r di.Registrar) error
}

// A Booter is a [Provider] that has work to do before others may use it.
type Booter interface {
	// Needs are the services that Boot may resolve, the provider's own
	// included. They never change, from before Register to after Shutdown. One
	// whose Name is "*" collects contributions, such as migrations: it orders
	// nothing, because a contribution is there before its provider boots. What
	// Boot can do without is [di.Optional]; where it is there, it boots first.
	Needs() []di.Key
	// Boot opens connections and starts background work, which must end when
	// Shutdown returns. It runs when the providers of its Needs, and of what
	// they need, have booted, at the same time as independent ones. Boot returns
	// when ctx ends, which is at its deadline, when another Boot failed, and
	// when Boot returns: background work must not be given it. An application
	// that fails to start calls Shutdown even if Boot failed half way.
	Boot(ctx context.Context, r di.Resolver) error
}

// A Stopper is a [Provider] that holds something, or a service that does: a
// singleton without a Close is shut down if it is one (see [di.Registration]).
type Stopper interface {
	// Shutdown releases it. It is idempotent, works before Boot, waits for the
	// work it stops until ctx ends, and no longer, and returns every error it met.
	// It is called once no provider is up that needs this one, and of a service
	// after every provider's, when what was built from it has been released. Why
	// the application stops is [StopCause] of ctx.
	Shutdown(ctx context.Context) error
}

// A Bootstrapper is a [Provider] with work to do once everything is up, such
// as opening a listener to the public. Bootstrap runs after every Boot, in boot
// order, one at a time; it may resolve what the provider's Needs name. An error
// stops the application.
type Bootstrapper interface {
	Bootstrap(ctx context.Context, r di.Resolver) error
}

// A Drainer is a [Provider] that takes work. Drain stops taking new work and
// returns when what it had is finished or ctx ends. It runs after readiness
// went off and before any Shutdown, in reverse boot order, at the same time as
// independent ones. A start that failed is shut down without it. Why the
// application stops is [StopCause] of ctx.
type Drainer interface {
	Drain(ctx context.Context) error
}

// A Failer is a [Provider] and [Stopper] whose work can end by itself, such as a
// listener that breaks. The application then stops.
type Failer interface {
	// Failed returns a channel, always the same one, that is closed when the
	// work ended although nobody stopped it. Shutdown then returns why. What
	// Drain and Shutdown end did not fail.
	Failed() <-chan struct{}
}

// A Prioritizer boots in an earlier or later wave than [Normal]: a wave begins
// when the lower ones are up, and stops before they do. Needs come first all the same.
type Prioritizer interface{ Priority() Priority }

// A Priority names a wave; lower boots earlier.
type Priority int

// The waves: databases and brokers are [Critical], migrations [Infrastructure],
// what is open to the public [Presentation].
const (
	Critical       Priority = 0
	Infrastructure Priority = 10
	Security       Priority = 20
	Normal         Priority = 30 // of a provider that is no [Prioritizer]
	Application    Priority = 40
	Domain         Priority = 50
	Presentation   Priority = 80
	Comms          Priority = 90
	Low            Priority = 100
)

// An Optional provider may be one that the application works without. If its
// Boot fails, in whatever way, it is shut down and the application starts
// without it, and without those that need one of its services and did not say
// that they can do without ([di.Optional]): their Boot is not called. If its
// Bootstrap fails, it stays as it is. Neither is ever reported healthy.
type Optional interface {
	// Optional is asked once its configuration was decoded, and before Register.
	Optional() bool
}

// A Deadliner bounds its own hooks: boot holds for Boot and Bootstrap, shutdown
// for Drain and Shutdown, each. Zero leaves the application's default.
type Deadliner interface {
	Deadlines() (boot, shutdown time.Duration)
}
