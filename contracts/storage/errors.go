package storage

import (
	"io/fs"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of stores. [Err] is the family of them all.
var (
	Err             = errs.New("LEX_ERR_STORE_001", errs.Unknown, "storage")
	ErrNotFound     = Err.Sub("LEX_ERR_STORE_002", errs.NotFound, "storage: no such blob").Also(fs.ErrNotExist)
	ErrPrecondition = Err.Sub("LEX_ERR_STORE_009", errs.Conflict, "storage: precondition failed")
	ErrKey          = Err.Sub("LEX_ERR_STORE_006", errs.Invalid, "storage: invalid key").Also(fs.ErrInvalid)
	ErrMetadata     = Err.Sub("LEX_ERR_STORE_012", errs.Invalid, "storage: invalid metadata")
	ErrRange        = Err.Sub("LEX_ERR_STORE_013", errs.Invalid, "storage: range outside the blob")
	ErrSize         = Err.Sub("LEX_ERR_STORE_011", errs.Exhausted, "storage: blob too large")
	// ErrOutcome: the store may or may not have done it. Repeat it, with the same precondition, or Stat.
	ErrOutcome = Err.Sub("LEX_ERR_STORE_010", errs.Timeout, "storage: outcome is unknown")
	// ErrCorrupt: what the store holds is not what was put: it was cut, changed or is no blob. Put and Delete still work.
	ErrCorrupt = Err.Sub("LEX_ERR_STORE_008", errs.Internal, "storage: blob is damaged")
	// ErrClosed reports that the store was closed.
	ErrClosed = Err.Sub("LEX_ERR_STORE_007", errs.Unavailable, "storage: store is closed").Also(fs.ErrClosed)
)
