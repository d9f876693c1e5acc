package eventstore

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of event stores. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_EVT_013", errs.Unknown, "eventstore")
	// ErrConflict reports a stream that is not at the version the caller expects.
	ErrConflict = Err.Sub("LEX_ERR_EVT_004", errs.Conflict, "eventstore: stream is not at the expected version")
	// ErrNoStream reports a stream without events.
	ErrNoStream = Err.Sub("LEX_ERR_EVT_007", errs.NotFound, "eventstore: no such stream")
	// ErrPosition reports a [Position] that is none of this store, or one that it
	// has not reached: what it numbered so is gone, as after an old backup was restored.
	ErrPosition = Err.Sub("LEX_ERR_EVT_050", errs.Invalid, "eventstore: position is none of this store")
	// ErrInvalid reports what [Check] and [CheckStream] refuse, invalid events apart.
	ErrInvalid = Err.Sub("LEX_ERR_EVT_051", errs.Invalid, "eventstore: invalid argument")
)
