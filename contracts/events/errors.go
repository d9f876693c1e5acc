package events

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of buses. [Err] is the family of them all.
var (
	Err       = errs.New("LEX_ERR_EVT_001", errs.Unknown, "events")
	ErrClosed = Err.Sub("LEX_ERR_EVT_030", errs.Unavailable, "events: closed")
	ErrSize   = Err.Sub("LEX_ERR_EVT_031", errs.Invalid, "events: event too large")
	// ErrPoison wraps a handler's error that no retry can mend: the event goes
	// to the dead letters at once.
	ErrPoison = Err.Sub("LEX_ERR_EVT_032", errs.Invalid, "events: poison")
	// ErrInvalid reports an event that [Check] refuses or a pattern that [CheckPattern] refuses.
	ErrInvalid = Err.Sub("LEX_ERR_EVT_034", errs.Invalid, "events: invalid")
	ErrGroup   = Err.Sub("LEX_ERR_EVT_033", errs.Conflict, "events: group subscribed otherwise")
)
