package saga

import "time"

// A Status says where an instance is.
type Status string

// The statuses of instances. The last three are final.
const (
	Running      Status = "running"      // its steps are done one after another
	Waiting      Status = "waiting"      // for an event
	Compensating Status = "compensating" // what was done is being undone
	Completed    Status = "completed"    // every step is done
	Compensated  Status = "compensated"  // a step failed, or it was cancelled, and everything is undone
	Failed       Status = "failed"       // the same, but something could not be undone; it takes a Resume to try again
)

// Final reports whether no manager moves an instance of the status by itself.
func (s Status) Final() bool { return s == Completed || s == Compensated || s == Failed }

// A StepStatus says where a step of an instance is.
type StepStatus string

// The statuses of steps.
const (
	Pending StepStatus = "pending" // its action had no effect, as far as it was called
	Begun   StepStatus = "begun"   // its action is running, or in doubt: some attempt ended without an answer
	Done    StepStatus = "done"
	Refused StepStatus = "refused" // its action failed, and had no effect
	Undone  StepStatus = "undone"
	Stuck   StepStatus = "stuck" // its Undo failed
)

// An Instance is a saga under way, or at its end, as it was recorded.
type Instance struct {
	ID      string
	Saga    string
	Version int    // of the definition that it began on
	Tenant  string // of the context, or the event, that it began with
	Status  Status
	Data    []byte // as the last step left it
	Steps   []StepRecord
	Reason  string    // why it is, or was, compensated
	Due     time.Time // when it goes on by itself, or stops waiting; zero if at once, or never
	Began   time.Time
	Changed time.Time
}

// A StepRecord is what became of a step.
type StepRecord struct {
	Name     string
	Status   StepStatus
	Attempts int    // of Do, or of Undo while that is tried
	Error    string // of the last attempt that failed
}

// A Filter chooses instances: those that match every field that is set.
type Filter struct {
	Saga   string
	Status []Status // nil means all but Completed and Compensated: what is under way, and what needs somebody
}
