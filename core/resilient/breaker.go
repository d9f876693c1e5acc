package resilient

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A State is that of a [Breaker].
type State uint8

// The states. The zero value is [Closed].
const (
	Closed   State = iota // calls go through
	Open                  // no call goes through
	HalfOpen              // a few go through, to see whether the dependency works
)

var stateNames = [...]string{"closed", "open", "half open"}

// String returns the state in lower-case words, such as "half open".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// BreakerOptions are those of a [Breaker].
type BreakerOptions struct {
	Name   string // of the dependency; required
	Config resilience.BreakerConfig
	// OnChange is called after each change of state, by the goroutine that made
	// it, which may be behind another one's. It must not panic.
	OnChange func(Change)
	// Observer counts resilience.breaker, with the breaker's name and new state.
	Observer observe.Observer
}

// A Change is one of a breaker's state.
type Change struct {
	Name     string
	From, To State
	Number   uint64 // of the change; a later one has a greater number
}

// A Breaker refuses the calls of a dependency while it does not work; see
// [resilience.BreakerConfig] for when. It is safe for concurrent use and starts
// no goroutines: time is looked at when calls come.
//
// What calls return that began before the last change of state counts for
// nothing. A probe that has not returned after OpenFor is given up, and the next
// one may try.
type Breaker struct {
	opts   BreakerOptions
	config resilience.BreakerConfig
	epoch  time.Time

	gate atomic.Uint64 // the number, and in the lowest bit whether the circuit is not closed

	mu        sync.Mutex
	state     State
	number    uint64        // of changes; a call that another one admitted counts for nothing
	since     time.Duration // since epoch: of Open, the change; of HalfOpen, the latest probe
	failures  int           // Closed: in a row
	successes int           // HalfOpen: in a row
	probes    int           // HalfOpen: running
	window    window        // Closed
}

// An outcome is how a call ended, as a set of bits.
type outcome uint8

const (
	success outcome = 0
	failure outcome = 1 << iota
	slow
	ignored // says nothing about the dependency
)

// NewBreaker returns a closed breaker. All that is wrong with o is returned at
// once, as an error that matches [resilience.Err] and errs.ErrValidation.
func NewBreaker(o BreakerOptions) (*Breaker, error) {
	var invalid errs.ValidationError
	if o.Name == "" {
		invalid.Add("Name", "is empty", "")
	}
	nested(&invalid, "Config", o.Config.Validate())
	if err := constructed(&invalid, "breaker"); err != nil {
		return nil, err
	}
	c := o.Config.WithDefaults()
	if c.FailureIf == nil {
		c.FailureIf = func(err error) bool { return !resilience.Answered(err) }
	}
	return &Breaker{opts: o, config: c, epoch: time.Now(), window: newWindow(c.WindowCalls, c.Window)}, nil
}

// State returns the state. An open circuit stays open until a call comes.
func (b *Breaker) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Reset closes the circuit and forgets all calls.
func (b *Breaker) Reset() { b.force(Closed) }

// ForceOpen opens the circuit for OpenFor from now.
func (b *Breaker) ForceOpen() { b.force(Open) }

func (b *Breaker) force(to State) {
	b.mu.Lock()
	change := b.change(to)
	b.mu.Unlock()
	b.tell(context.Background(), change)
}

// enter admits a call, and returns the number that exit is given.
func (b *Breaker) enter(ctx context.Context) (number uint64, err error) {
	if gate := b.gate.Load(); gate&1 == 0 {
		return gate >> 1, nil
	}
	var change Change
	b.mu.Lock()
	if b.state != Closed {
		change, err = b.probe()
	}
	number = b.number
	b.mu.Unlock()
	b.tell(ctx, change)
	return number, err
}

// probe admits a call while the circuit is not closed.
func (b *Breaker) probe() (change Change, err error) {
	now := time.Since(b.epoch)
	left := b.since + b.config.OpenFor - now
	if b.state == Open {
		if left > 0 {
			return change, &refusal{resilience.ErrOpen, b.opts.Name, left}
		}
		change = b.change(HalfOpen)
	}
	if b.probes >= b.config.Probes {
		if left > 0 {
			return change, &refusal{resilience.ErrOpen, b.opts.Name, 0}
		}
		b.begin(HalfOpen) // those are given up
	}
	b.probes++
	b.since = now
	return change, nil
}

// begun returns what judge is given, if it is going to look at it.
func (b *Breaker) begun() time.Duration {
	if b.config.SlowCall == 0 {
		return 0
	}
	return time.Since(b.epoch)
}

// judge says how a call ended that began then.
func (b *Breaker) judge(ctx context.Context, err error, began time.Duration) outcome {
	o := success
	if err != nil {
		if ctx.Err() == context.Canceled {
			return ignored // clients have many ways to say that
		}
		if b.config.FailureIf(err) {
			o = failure
		}
	}
	if b.config.SlowCall > 0 && time.Since(b.epoch)-began >= b.config.SlowCall {
		o |= slow
	}
	return o
}

// exit records how the call ended that enter admitted with number.
func (b *Breaker) exit(ctx context.Context, number uint64, o outcome) {
	var change Change
	b.mu.Lock()
	if number == b.number {
		if b.state == HalfOpen {
			change = b.probed(o)
		} else if o != ignored { // no call of an open circuit has its number
			change = b.record(o)
		}
	}
	b.mu.Unlock()
	b.tell(ctx, change)
}

// probed records the outcome of a probe.
func (b *Breaker) probed(o outcome) (change Change) {
	b.probes--
	switch {
	case o == ignored:
	case o != success:
		return b.change(Open)
	default:
		if b.successes++; b.successes >= b.config.SuccessThreshold {
			return b.change(Closed)
		}
	}
	return change
}

// record adds a call to the closed circuit's window.
func (b *Breaker) record(o outcome) (change Change) {
	b.window.add(o, time.Since(b.epoch))
	if o&failure == 0 {
		b.failures = 0
	} else if b.failures++; b.failures == b.config.FailureThreshold {
		return b.change(Open)
	}
	if o == success || b.window.sum.calls < b.config.MinCalls {
		return change // nothing has become worse
	}
	calls := float64(b.window.sum.calls)
	if b.config.FailureRate > 0 && float64(b.window.sum.failed) >= b.config.FailureRate*calls ||
		b.config.SlowCall > 0 && float64(b.window.sum.slow) >= b.config.SlowRate*calls {
		return b.change(Open)
	}
	return change
}

// change begins another state.
func (b *Breaker) change(to State) Change {
	from := b.state
	b.begin(to)
	return Change{Name: b.opts.Name, From: from, To: to, Number: b.number}
}

// begin begins a state from nothing.
func (b *Breaker) begin(s State) {
	b.number++
	b.state, b.since = s, time.Since(b.epoch)
	b.failures, b.successes, b.probes = 0, 0, 0
	b.window.clear()
	gate := b.number << 1
	if s != Closed {
		gate |= 1
	}
	b.gate.Store(gate)
}

// tell reports a change, if it is one.
func (b *Breaker) tell(ctx context.Context, c Change) {
	if c.From == c.To {
		return
	}
	b.opts.Observer.Count(ctx, "resilience.breaker", 1, slog.String("breaker", c.Name), slog.String("state", c.To.String()))
	if b.opts.OnChange != nil {
		b.opts.OnChange(c)
	}
}
