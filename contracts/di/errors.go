package di

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of containers. All of them are faults of the application's wiring
// but [ErrClosed], which a caller meets that outlives its container.
var (
	Err           = errs.New("LEX_ERR_DI_001", errs.Internal, "di")
	ErrMissing    = Err.Sub("LEX_ERR_DI_004", errs.Internal, "di: service not registered")
	ErrCycle      = Err.Sub("LEX_ERR_DI_003", errs.Internal, "di: dependency cycle")
	ErrScope      = Err.Sub("LEX_ERR_DI_009", errs.Internal, "di: scoped service resolved outside a scope")
	ErrDuplicate  = Err.Sub("LEX_ERR_DI_005", errs.Internal, "di: registered twice")
	ErrUndeclared = Err.Sub("LEX_ERR_DI_010", errs.Internal, "di: resolved what Needs does not name")
	ErrType       = Err.Sub("LEX_ERR_DI_011", errs.Internal, "di: value is not of the key's type")
	ErrHidden     = Err.Sub("LEX_ERR_MOD_005", errs.Denied, "di: service not exported to this module")
	ErrFrozen     = Err.Sub("LEX_ERR_DI_012", errs.Internal, "di: container is frozen")
	ErrNotFrozen  = Err.Sub("LEX_ERR_DI_013", errs.Internal, "di: container is not frozen")
	ErrClosed     = Err.Sub("LEX_ERR_DI_014", errs.Unavailable, "di: container or scope is closed")
)
