package di

import "context"

// A Scope holds the scoped values of one unit of work, such as a request. It
// resolves singletons from its container and everything else itself. It is
// safe for concurrent use.
type Scope interface {
	Resolver
	// Close releases the values that the scope built, newest first, and
	// returns every error. It is idempotent; Resolve afterwards is [ErrClosed].
	Close(ctx context.Context) error
}

// A Scoper opens scopes. Scopes do not nest: each has its own scoped values.
type Scoper interface {
	// NewScope returns an open scope; the caller closes it.
	NewScope() Scope
}

// A Container is filled through its [Registrar], frozen once, and then
// resolves. It is safe for concurrent use.
type Container interface {
	Registrar
	Resolver
	Finder
	Collector
	Binder
	Scoper
	// Freeze checks the whole graph and returns every problem at once, joined:
	// missing services ([ErrMissing]), cycles with their path ([ErrCycle]),
	// scoped services under singletons, directly or through transients
	// ([ErrScope]), duplicates ([ErrDuplicate]). It builds nothing. Afterwards Register is [ErrFrozen];
	// before, Resolve is [ErrNotFrozen]. A container that failed to freeze
	// stays unfrozen; freezing a frozen one again does nothing.
	Freeze() error
	// Close releases the singletons that were built, newest first, and returns
	// every error. It waits for builds that run until ctx ends, and calls every
	// release even then. It is idempotent; Resolve afterwards is [ErrClosed].
	Close(ctx context.Context) error
}
