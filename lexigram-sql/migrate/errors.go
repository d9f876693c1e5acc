package migrate

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of migrations. What the database refuses has its own sentinels too.
var (
	Err        = errs.New("LEX_ERR_MIG_001", errs.Unknown, "migrate")
	ErrFile    = Err.Sub("LEX_ERR_MIG_002", errs.Invalid, "migrate: file")                        // its name, number, text or place in the order
	ErrChanged = Err.Sub("LEX_ERR_MIG_003", errs.Conflict, "migrate: file changed since applied") // see sqldb.Migrations
	ErrOrder   = Err.Sub("LEX_ERR_MIG_004", errs.Conflict, "migrate: applied out of order")
	ErrMissing = Err.Sub("LEX_ERR_MIG_005", errs.Conflict, "migrate: file of an applied migration is missing")
	ErrTarget  = Err.Sub("LEX_ERR_MIG_006", errs.Invalid, "migrate: no such target") // of Down
	ErrNoDown  = Err.Sub("LEX_ERR_MIG_007", errs.Invalid, "migrate: no way back")    // of Down; nothing was done
)
