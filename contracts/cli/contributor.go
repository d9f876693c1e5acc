package cli

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A Contributor is a part of an application that adds to its command line: it
// is a [CommandContributor], a [GeneratorContributor], a [DoctorContributor], or
// several of them. It is safe for concurrent use.
type Contributor interface {
	// ID names the contributor in help and errors, such as "migrate": a
	// lower-case word of letters, digits and dashes that begins with a letter.
	// It never changes, and is unique in an application.
	ID() string
}

// A CommandContributor has commands.
type CommandContributor interface {
	Contributor
	// Commands returns the same commands on every call, which share nothing: the
	// flags of one call are not those of another. It has no side effect.
	Commands() []Command
}

// A GeneratorContributor has generators.
type GeneratorContributor interface {
	Contributor
	// Generators returns the same definitions on every call, without side effect.
	Generators() []GeneratorDefinition
}

// A DoctorContributor finds faults of the environment and the configuration
// before anything boots.
type DoctorContributor interface {
	Contributor
	// Diagnoses returns the same diagnoses on every call, without side effect.
	Diagnoses() []Diagnosis
}

// A Contribution is a contributor and where it comes from.
type Contribution struct {
	Module      string // whose needs its commands resolve; "" is the application itself
	Contributor Contributor
}

// An Application is what a command line is of. It is safe for concurrent use,
// but the parts of an application start once: one of Do and Run is called, once.
// Contributions may be called any time before.
type Application interface {
	// Contributions returns what the modules and the application itself
	// contribute, and starts nothing. What is wrong with the configuration or
	// the graph is returned too, joined, beside every contribution that was
	// found all the same.
	Contributions(ctx context.Context) ([]Contribution, error)
	// Do starts as much of the application as needs need on behalf of a module,
	// calls fn, and stops it again. Nothing listens, no background work of
	// others begins: only what offers the services, and what those need in turn,
	// is up. r resolves needs and nothing else, and no longer than fn runs. Do
	// returns the errors of start, fn and stop, joined; a panic of fn is one. If
	// ctx ends, fn is told by its ctx, and what began is stopped all the same.
	Do(ctx context.Context, module string, needs []di.Key, fn func(ctx context.Context, r di.Resolver) error) error
	// Run starts the application, serves until ctx ends or a signal comes, and
	// stops it. It returns nil after a clean stop.
	Run(ctx context.Context) error
}
