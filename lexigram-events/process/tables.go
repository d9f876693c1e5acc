package process

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/oneline"
)

// An instance is a saga's as it is shown.
type instance struct {
	ID      string      `json:"id"`
	Saga    string      `json:"saga"`
	Version int         `json:"version"`
	Tenant  string      `json:"tenant,omitempty"`
	Status  saga.Status `json:"status"`
	Reason  string      `json:"reason,omitempty"`
	Began   time.Time   `json:"began_at"`
	Changed time.Time   `json:"changed_at"`
	Due     *time.Time  `json:"due_at,omitempty"`
	Steps   []shown     `json:"steps"`
}

// A shown is a step.
type shown struct {
	Name     string          `json:"name"`
	Status   saga.StepStatus `json:"status"`
	Attempts int             `json:"attempts"`
	Error    string          `json:"error,omitempty"`
}

func instanceOf(in saga.Instance) instance {
	out := instance{
		ID: in.ID, Saga: in.Saga, Version: in.Version, Tenant: in.Tenant, Status: in.Status,
		Reason: redact(in.Reason), Began: in.Began, Changed: in.Changed,
	}
	if !in.Due.IsZero() {
		out.Due = &in.Due
	}
	for _, s := range in.Steps {
		out.Steps = append(out.Steps, shown{s.Name, s.Status, s.Attempts, redact(s.Error)})
	}
	return out
}

type instances []instance

var instanceHead = []string{"ID", "SAGA", "STATUS", "STEP", "CHANGED (UTC)", "DUE (UTC)", "REASON"}

// String returns a table of one line for each.
func (all instances) String() string {
	if len(all) == 0 {
		return "there are none"
	}
	var rows [][]string
	for _, in := range all {
		rows = append(rows, in.row())
	}
	return cli.Table(instanceHead, rows...)
}

func (in instance) row() []string {
	due := ""
	if in.Due != nil {
		due = in.Due.Format(time.DateTime)
	}
	return []string{in.ID, kindOf(in.Saga, in.Version), string(in.Status), in.step(), in.Changed.Format(time.DateTime), due, oneline.Short(in.Reason, 80)}
}

// step returns the name of the first step that is neither pending nor at its end.
func (in instance) step() string {
	for _, s := range in.Steps {
		if s.Status == saga.Begun || s.Status == saga.Stuck {
			return s.Name
		}
	}
	for _, s := range in.Steps {
		if s.Status == saga.Pending && in.Status != saga.Compensating && !in.Status.Final() {
			return s.Name
		}
	}
	return ""
}

// String returns a table of the instance, and one of its steps.
func (in instance) String() string {
	var rows [][]string
	for _, s := range in.Steps {
		rows = append(rows, []string{s.Name, string(s.Status), itoa(s.Attempts), s.Error})
	}
	return cli.Table(instanceHead, in.row()) + "\n" + cli.Table([]string{"STEP", "STATUS", "ATTEMPTS", "ERROR"}, rows...)
}
