package resilience

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Rate is a limit: Events in every Per, and at most Burst at once after a
// pause. Events come back one by one, Per/Events apart (GCRA, as in ITU-T I.371).
type Rate struct {
	Events int           // at least 1
	Per    time.Duration // at least a millisecond
	Burst  int           // 0 means Events
}

// Capacity returns how many events may come at once: Burst, or Events if it is 0.
func (r Rate) Capacity() int {
	if r.Burst == 0 {
		return r.Events
	}
	return r.Burst
}

// Validate says everything that is wrong with r. A backend may hold an event to
// the nanosecond and no better, so that there are at most 1,000 in a microsecond.
func (r Rate) Validate() error {
	var invalid errs.ValidationError
	if r.Events < 1 {
		invalid.Add("events", fmt.Sprintf("is %d; use at least 1", r.Events), "")
	}
	if r.Per < time.Millisecond {
		invalid.Add("per", fmt.Sprintf("is %v; use at least 1ms", r.Per), "")
	} else if int64(r.Events) > int64(r.Per) {
		invalid.Add("events", fmt.Sprintf("is %d in %v, more than one in a nanosecond", r.Events, r.Per), "")
	}
	if r.Burst < 0 {
		invalid.Add("burst", "is negative; 0 means events", "")
	}
	if back := float64(r.Capacity()) / float64(r.Events) * float64(r.Per); back > century {
		invalid.Add("burst", fmt.Sprintf("is %d, which takes over a century to come back", r.Burst), "")
	}
	return invalid.Err()
}

const century = 100 * 365 * 24 * float64(time.Hour)

// A Decision is a [Limiter]'s answer.
type Decision struct {
	Allowed    bool
	Limit      int           // the rate's capacity
	Remaining  int           // how many more are allowed now
	RetryAfter time.Duration // if not allowed, when it would be, if nobody else asks meanwhile
	ResetAfter time.Duration // when Remaining would be Limit again
}

// A Limiter counts events by key, such as a tenant, user or address, and holds
// each key to one [Rate]. It is safe for concurrent use, by as many processes as share it.
type Limiter interface {
	// Allow takes n events from what key has left, or nothing if that is fewer.
	// A key that was never used has the rate's whole capacity. What [CheckAllow]
	// refuses is an error wrapping [ErrInvalid], and a ctx that has ended then
	// one wrapping its cause; neither takes anything. With any other error the
	// limiter does not know, and may have taken n.
	Allow(ctx context.Context, key string, n int) (Decision, error)
}

// CheckAllow returns an error wrapping [ErrInvalid] unless key has 1 to 1,024
// bytes, whatever they are, and n is 1 to capacity: more could never be
// allowed. Every limiter calls it first.
func CheckAllow(key string, n, capacity int) error {
	if len(key) == 0 || len(key) > 1024 {
		return ErrInvalid.Wrap(nil, "resilience: key of %d bytes, not 1 to 1,024", len(key))
	}
	if n < 1 || n > capacity {
		return ErrInvalid.Wrap(nil, "resilience: %d events at once, not 1 to %d", n, capacity)
	}
	return nil
}
