package migrate

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of migrations. What the database refuses has its own sentinels too.
var (
	Err        = errs.New("LEX_ERR_MIG_001", errs.Unknown, "migrate")
	ErrFile    = Err.Sub("LEX_ERR_MIG_002", errs.Invalid, "migrate: file")                        // its name, number or text
	ErrChanged = Err.Sub("LEX_ERR_MIG_003", errs.Conflict, "migrate: file changed since applied") // see sqldb.Migrations
	ErrOrder   = Err.Sub("LEX_ERR_MIG_004", errs.Conflict, "migrate: applied out of order")
)
