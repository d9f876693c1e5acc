package resilient

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// BudgetOptions are those of a [Budget].
type BudgetOptions struct {
	Ratio     float64 // of a retry, that each success adds; 0 means 0.1
	PerSecond float64 // retries that time adds, for dependencies that are seldom called; 0 means 1
	Burst     int     // most retries there are at once, and at the start; 0 means 10
}

// A Budget bounds the retries of all who call one dependency: each takes one, and
// successes and time add. So a dependency that is down gets few calls more than
// without retries, and not as many times more as there are attempts. It is safe
// for concurrent use.
type Budget struct {
	opts BudgetOptions

	balance atomic.Int64 // in millionths of a retry

	mu sync.Mutex
	at time.Time // when time added last
}

// NewBudget returns a full budget. All that is wrong with o is returned at once,
// as an error that matches [resilience.Err] and errs.ErrValidation.
func NewBudget(o BudgetOptions) (*Budget, error) {
	if o.Ratio == 0 {
		o.Ratio = 0.1
	}
	if o.PerSecond == 0 {
		o.PerSecond = 1
	}
	if o.Burst == 0 {
		o.Burst = 10
	}
	var invalid errs.ValidationError
	if !(o.Ratio >= 1e-6 && o.Ratio <= 1) {
		invalid.Add("Ratio", "is not 0.000001 to 1; 0 means 0.1", "")
	}
	if !(o.PerSecond > 0 && o.PerSecond <= 1e9) {
		invalid.Add("PerSecond", "is not over 0 to a billion; 0 means 1", "")
	}
	if o.Burst < 1 || o.Burst > 1e9 {
		invalid.Add("Burst", "is not 1 to a billion; 0 means 10", "")
	}
	if err := constructed(&invalid, "budget"); err != nil {
		return nil, err
	}
	b := &Budget{opts: o, at: time.Now()}
	b.balance.Store(int64(o.Burst) * retry)
	return b, nil
}

const retry = 1_000_000

// deposit adds what a success adds.
func (b *Budget) deposit() { b.add(b.opts.Ratio * retry) }

// add adds millionths of a retry, if there is room.
func (b *Budget) add(millionths float64) {
	most := int64(b.opts.Burst) * retry
	for {
		old := b.balance.Load()
		if old == most {
			return
		}
		if b.balance.CompareAndSwap(old, old+int64(min(millionths, float64(most-old)))) {
			return
		}
	}
}

// withdraw takes a retry, if there is one.
func (b *Budget) withdraw() bool {
	b.mu.Lock() // the only place that takes
	defer b.mu.Unlock()
	b.age(time.Now())
	if b.balance.Load() < retry {
		return false
	}
	b.balance.Add(-retry)
	return true
}

// age adds what time adds in whole millionths, and counts the rest of it the next time:
// many calls in a moment would never see one.
func (b *Budget) age(now time.Time) {
	perSecond := b.opts.PerSecond * retry
	gained := math.Floor(perSecond * now.Sub(b.at).Seconds())
	switch {
	case gained >= float64(b.opts.Burst)*retry:
		b.at = now
	case gained >= 1:
		b.at = b.at.Add(time.Duration(gained / perSecond * float64(time.Second)))
	default:
		return
	}
	b.add(gained)
}
