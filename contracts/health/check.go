package health

import (
	"context"
	"time"
)

// A Check is a [Checker] as an application registers it: modules offer theirs
// as a named di service of this type.
type Check struct {
	Name    string // of the component, unique in the application
	Checker Checker
	Probes  []Probe       // the questions it takes part in; none means [Readiness]
	Timeout time.Duration // of one call; 0 means 5 s
	// Grace is how long, from when the check was registered, Unhealthy counts as
	// [Starting]: until it ends, or the component was ready once. 0 is none.
	Grace time.Duration
	// Optional says that the application works without the component: its
	// Unhealthy, Starting and Unknown count as [Degraded].
	Optional bool
}

// CheckerFunc lets a function be a [Checker].
type CheckerFunc func(ctx context.Context) Result

// CheckHealth calls f.
func (f CheckerFunc) CheckHealth(ctx context.Context) Result { return f(ctx) }

// A Report is the answer of all checks of one probe.
type Report struct {
	Status  Status // the worst of the results
	Results map[string]Result
}

// String returns the status in lower case, such as "healthy".
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

var statusNames = [...]string{"unknown", "healthy", "degraded", "starting", "unhealthy"}

// String returns the probe in lower case, such as "readiness".
func (p Probe) String() string {
	if int(p) < len(probeNames) {
		return probeNames[p]
	}
	return "unknown"
}

var probeNames = [...]string{"readiness", "liveness", "startup"}

// MarshalText returns what String returns.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
