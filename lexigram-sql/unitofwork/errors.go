package unitofwork

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of units of work. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_DB_006", errs.Unknown, "unit of work")
	// ErrSpent reports a call of a unit after the function that it was made for has returned.
	ErrSpent = Err.Sub("LEX_ERR_UOW_001", errs.Internal, "unit of work: it has ended")
	// ErrIdentity reports an entity of which the unit has another copy, or
	// which it has removed: what is in the one would be lost in the other.
	ErrIdentity = Err.Sub("LEX_ERR_UOW_002", errs.Internal, "unit of work: another copy of the entity")
	// ErrEvents reports events without a publisher. Nothing was committed.
	ErrEvents = Err.Sub("LEX_ERR_UOW_003", errs.Internal, "unit of work: events and no publisher: pass Publish")
	// ErrCommitted reports that functions of [Unit.AfterCommit] failed: the transaction is committed.
	ErrCommitted = Err.Sub("LEX_ERR_UOW_004", errs.Unknown, "unit of work: committed, but not all that follows was done")
	// ErrNested reports an [Unit.AfterCommit] that has nobody to tell an error to.
	ErrNested = Err.Sub("LEX_ERR_UOW_005", errs.Internal, "unit of work: inside a transaction that is not a unit's: pass Late")
)
