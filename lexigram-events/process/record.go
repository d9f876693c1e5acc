package process

import (
	"bytes"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A record is an instance as it is kept. Its exported fields are written as
// JSON, whose names never change. Instants are microseconds since 1970, 0 is none.
type record struct {
	ID       string            `json:"id"`
	Saga     string            `json:"saga"`
	Version  int               `json:"version"`
	Tenant   string            `json:"tenant,omitempty"`
	Headers  map[string]string `json:"headers,omitempty"` // the trace that it began in
	Status   saga.Status       `json:"status"`
	Data     []byte            `json:"data"`
	Steps    []step            `json:"steps"`
	At       int               `json:"at"`                 // the step that is to be done, or undone
	Hold     int64             `json:"hold,omitempty"`     // before this instant At is not called
	Deadline int64             `json:"deadline,omitempty"` // of the event that At awaits
	Woken    bool              `json:"woken,omitempty"`    // something happened that At waits for
	Cancel   string            `json:"cancel,omitempty"`   // why it is to be cancelled
	Reason   string            `json:"reason,omitempty"`
	Seen     []string          `json:"seen,omitempty"` // events, see eventKey
	Began    int64             `json:"began"`
	Changed  int64             `json:"changed"`

	Owner string `json:"owner,omitempty"` // of the lease; "" is none
	Until int64  `json:"until,omitempty"`
	Fence uint64 `json:"fence"` // grows with every lease

	mark []byte // what the book knows this version of the record by
}

// A step is what became of a step.
type step struct {
	Name     string          `json:"name"`
	Status   saga.StepStatus `json:"status"`
	Attempts int             `json:"attempts,omitempty"`
	Undos    int             `json:"undos,omitempty"` // attempts to undo it
	Open     bool            `json:"open,omitempty"`  // an attempt has begun, and nothing is known of its end
	Doubt    bool            `json:"doubt,omitempty"` // an attempt of the action ended without an answer
	Error    string          `json:"error,omitempty"`
	Event    *events.Event   `json:"event,omitempty"` // that it awaited
}

func newRecord(d *saga.Definition, id, tenant string, data []byte, now time.Time) *record {
	r := &record{
		ID: id, Saga: d.Name, Version: d.Version, Tenant: tenant, Status: saga.Running,
		Data: bytes.Clone(data), Began: now.UnixMicro(), Changed: now.UnixMicro(),
	}
	for _, s := range d.Steps {
		r.Steps = append(r.Steps, step{Name: s.Name, Status: saga.Pending})
	}
	r.enter(d, 0, now)
	return r
}

// clone returns a copy to change. Data, events and headers are replaced, never written into.
func (r *record) clone() *record {
	c := *r
	c.Steps = slices.Clone(r.Steps)
	c.Seen = slices.Clone(r.Seen)
	return &c
}

// fits reports whether r began on d.
func (r *record) fits(d *saga.Definition) bool {
	return slices.EqualFunc(r.Steps, d.Steps, func(a step, b saga.Step) bool { return a.Name == b.Name })
}

// due returns when a worker should look at r, and whether it ever should.
func (r *record) due() (at int64, ok bool) {
	switch {
	case r.Status.Final():
		return 0, false
	case r.Woken:
	case r.Status == saga.Waiting && r.Deadline == 0:
		return 0, false
	case r.Status == saga.Waiting:
		at = r.Deadline
	default:
		at = r.Hold
	}
	if r.Owner != "" {
		at = max(at, r.Until)
	}
	return at, true
}

// instance returns r as the contract has it.
func (r *record) instance() saga.Instance {
	in := saga.Instance{
		ID: r.ID, Saga: r.Saga, Version: r.Version, Tenant: r.Tenant, Status: r.Status, Data: bytes.Clone(r.Data),
		Reason: r.Reason, Began: instant(r.Began), Changed: instant(r.Changed),
	}
	switch {
	case r.Status.Final() || r.Woken:
	case r.Status == saga.Waiting:
		in.Due = instant(r.Deadline)
	default:
		in.Due = instant(r.Hold)
	}
	for _, s := range r.Steps {
		out := saga.StepRecord{Name: s.Name, Status: s.Status, Attempts: s.Attempts, Error: s.Error}
		if s.Undos > 0 {
			out.Attempts = s.Undos
		}
		in.Steps = append(in.Steps, out)
	}
	return in
}

func instant(micro int64) time.Time {
	if micro == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micro).UTC()
}
