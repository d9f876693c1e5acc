// Package healthcheck runs the health checks of an application and answers the
// probes of an orchestrator.
//
//	checks, err := di.All[health.Check](ctx, r)
//	registry, err := healthcheck.New(checks...)
//	mux.Handle("/", registry.Handler()) // /livez /readyz /startupz
package healthcheck

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
)

// Err is matched by every error of this package.
var Err = errs.New("LEX_ERR_HEALTH_001", errs.Invalid, "healthcheck")

// Defaults of checks and registries.
const (
	DefaultTimeout  = 5 * time.Second // of one call of a check
	DefaultCacheFor = time.Second     // of the registry that New returns
)

// Options change how a registry runs its checks. The zero value caches nothing
// and logs nothing.
type Options struct {
	// CacheFor is how long a result answers further probes, so that a storm of
	// them costs a database one query; 0 asks at every Run. A result that came
	// too late is not cached. [Registry.Refresh] forgets all.
	CacheFor time.Duration
	// Logger is told of panics in checks, with their stacks; nil tells nobody.
	Logger *slog.Logger
}

// A Registry runs health checks. It is safe for concurrent use; the zero value
// has no checks, answers Healthy, and caches nothing. It starts goroutines only while checks run.
type Registry struct {
	opts   Options
	mu     sync.Mutex // of those who add
	checks atomic.Pointer[[]*check]
}

// New returns a registry of checks that caches results for [DefaultCacheFor].
// A check without a name or Checker, with a negative timeout or an unknown probe, and two of
// one name are errors, all returned at once.
func New(checks ...health.Check) (*Registry, error) {
	return NewWith(Options{CacheFor: DefaultCacheFor}, checks...)
}

// NewWith is [New] with options.
func NewWith(o Options, checks ...health.Check) (*Registry, error) {
	var invalid errs.ValidationError
	if o.CacheFor < 0 {
		invalid.Add("CacheFor", "is negative; 0 caches nothing", "")
	}
	r := &Registry{opts: o}
	all := r.extended(&invalid, checks)
	if err := invalid.Err(); err != nil {
		return nil, Err.Wrap(err, "healthcheck: new")
	}
	r.checks.Store(&all)
	return r, nil
}

// Add adds checks to those there are, for components that an application gets
// while it runs. What [New] refuses, and a name that a check has already, is an
// error, and then none is added.
func (r *Registry) Add(checks ...health.Check) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var invalid errs.ValidationError
	all := r.extended(&invalid, checks)
	if err := invalid.Err(); err != nil {
		return Err.Wrap(err, "healthcheck: add")
	}
	r.checks.Store(&all)
	return nil
}

// extended returns a new list of the checks there are and more.
func (r *Registry) extended(invalid *errs.ValidationError, more []health.Check) []*check {
	o := r.opts
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	all := slices.Clone(r.all())
	names := map[string]bool{}
	for _, c := range all {
		names[c.Name] = true
	}
	for _, c := range more {
		describe(invalid, c, names[c.Name])
		names[c.Name] = true
		all = append(all, newCheck(c, o))
	}
	return all
}

func (r *Registry) all() []*check {
	if all := r.checks.Load(); all != nil {
		return *all
	}
	return nil
}

// describe adds what is wrong with a check.
func describe(invalid *errs.ValidationError, c health.Check, twice bool) {
	switch {
	case c.Name == "":
		invalid.Add("Name", "of a check is empty", "")
	case twice:
		invalid.Add(c.Name, "is the name of two checks", "")
	}
	if c.Checker == nil {
		invalid.Add(c.Name, "has no Checker", "")
	}
	if c.Timeout < 0 {
		invalid.Add(c.Name, "has a negative Timeout; 0 means 5s", "")
	}
	if c.Grace < 0 {
		invalid.Add(c.Name, "has a negative Grace; 0 is none", "")
	}
	for _, p := range c.Probes {
		if p > health.Startup {
			invalid.Add(c.Name, "takes part in an unknown probe", "")
		}
	}
}

// Run asks the checks of one probe, and no others, at the same time, and waits
// for each no longer than its timeout. A probe without checks is Healthy: the
// process answers. When ctx ends first, the checks that have not answered are
// Unknown; they go on for the next Run. A check is never running twice: one
// that ignores its deadline is "timed out" in every report until it returns.
func (r *Registry) Run(ctx context.Context, probe health.Probe) health.Report {
	var mu sync.Mutex
	var wg sync.WaitGroup
	report := health.Report{Status: health.Healthy, Results: map[string]health.Result{}}
	for _, c := range r.all() {
		if !c.answers(probe) {
			continue
		}
		wg.Go(func() {
			result := c.ask(ctx)
			mu.Lock()
			defer mu.Unlock()
			report.Results[c.Name] = result
			report.Status = health.Worst(report.Status, result.Status)
		})
	}
	wg.Wait()
	return report
}

// Status returns the status that [Registry.Run] reports. While all its results
// are cached it takes no lock and allocates nothing.
func (r *Registry) Status(ctx context.Context, probe health.Probe) health.Status {
	now, status := time.Now(), health.Healthy
	for _, c := range r.all() {
		if !c.answers(probe) {
			continue
		}
		a := c.fresh(now)
		if a == nil {
			return r.Run(ctx, probe).Status
		}
		status = health.Worst(status, a.result.Status)
	}
	return status
}

// Refresh forgets the cached results, so that the next Run asks again: an
// application calls it when it starts to drain.
func (r *Registry) Refresh() {
	for _, c := range r.all() {
		c.forget()
	}
}
