package saga

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of sagas. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_WF_019", errs.Unknown, "saga")
	// ErrCompensated reports an instance that failed or was cancelled, and of which everything was undone.
	ErrCompensated = Err.Sub("LEX_ERR_WF_002", errs.Conflict, "saga: compensated")
	// ErrFailed reports an instance that failed or was cancelled, and of which not everything could be undone.
	ErrFailed = Err.Sub("LEX_ERR_WF_020", errs.Internal, "saga: compensation is incomplete")
	// ErrVersion reports an instance that began on a definition that the manager does not have.
	ErrVersion = Err.Sub("LEX_ERR_WF_009", errs.Unavailable, "saga: the definition that the instance began on is not here")
	// ErrNoSaga reports a name of which the manager has no definition.
	ErrNoSaga   = Err.Sub("LEX_ERR_WF_021", errs.Internal, "saga: no such saga")
	ErrNotFound = Err.Sub("LEX_ERR_WF_022", errs.NotFound, "saga: no such instance")
	ErrExists   = Err.Sub("LEX_ERR_WF_023", errs.Conflict, "saga: there is an instance with the ID")
	// ErrEnded reports an instance that no longer changes.
	ErrEnded = Err.Sub("LEX_ERR_WF_024", errs.Conflict, "saga: the instance has ended")
	// ErrBusy reports an instance that another call or process runs.
	ErrBusy = Err.Sub("LEX_ERR_WF_025", errs.Unavailable, "saga: another one runs the instance")
	// ErrLost reports that another one took the instance over: what the step came to was not recorded.
	ErrLost = Err.Sub("LEX_ERR_WF_026", errs.Conflict, "saga: another one took the instance over")
	// ErrTimeout reports an event that did not come in time.
	ErrTimeout = Err.Sub("LEX_ERR_WF_027", errs.Timeout, "saga: no event in time").Also(context.DeadlineExceeded)
	// ErrInvalid reports what [Check] and [CheckID] refuse.
	ErrInvalid = Err.Sub("LEX_ERR_WF_028", errs.Invalid, "saga: invalid")
)
