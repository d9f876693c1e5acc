package ai

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of models. [Err] is the family of them all.
var (
	Err            = errs.New("LEX_ERR_AI_001", errs.Unknown, "ai")
	ErrRateLimit   = Err.Sub("LEX_ERR_LLM_007", errs.Exhausted, "ai: rate limit")
	ErrContext     = Err.Sub("LEX_ERR_AI_020", errs.Invalid, "ai: context window exceeded")
	ErrAuth        = Err.Sub("LEX_ERR_LLM_003", errs.Unauthenticated, "ai: credentials refused")
	ErrRequest     = Err.Sub("LEX_ERR_LLM_004", errs.Invalid, "ai: invalid request")
	ErrModel       = Err.Sub("LEX_ERR_LLM_005", errs.NotFound, "ai: no such model")
	ErrQuota       = Err.Sub("LEX_ERR_LLM_008", errs.Exhausted, "ai: quota exceeded")
	ErrUnreachable = Err.Sub("LEX_ERR_LLM_011", errs.Unavailable, "ai: provider unavailable")
	ErrResponse    = Err.Sub("LEX_ERR_LLM_013", errs.Internal, "ai: provider's answer makes no sense")
	ErrStreamLost  = Err.Sub("LEX_ERR_AI_021", errs.Unavailable, "ai: stream broke off")
)
