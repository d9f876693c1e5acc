package events

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of buses. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_EVT_001", errs.Unknown, "events")
	// ErrClosed is what every method of a bus returns that was closed.
	ErrClosed = Err.Sub("LEX_ERR_EVT_030", errs.Unavailable, "events: closed")
	// ErrSize reports an event that is larger than the backend takes.
	ErrSize = Err.Sub("LEX_ERR_EVT_031", errs.Invalid, "events: event too large")
	// ErrPoison wraps a handler's error that no retry can mend: the event goes
	// to the dead letters at once.
	ErrPoison = Err.Sub("LEX_ERR_EVT_032", errs.Invalid, "events: poison")
	// ErrInvalid reports an event that [Check] refuses or a pattern that [CheckPattern] refuses.
	ErrInvalid = Err.Sub("LEX_ERR_EVT_034", errs.Invalid, "events: invalid")
	// ErrGroup reports a subscription that differs from another one of its Group.
	ErrGroup = Err.Sub("LEX_ERR_EVT_033", errs.Conflict, "events: group subscribed otherwise")
)
