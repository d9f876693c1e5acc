// Package errs is the error vocabulary of every contract: kinds that say what a
// caller can do, sentinels that form families, and one way to wrap.
//
// A contract declares a family and its members once:
//
//	var (
//		Err     = errs.New("LEX_ERR_CACHE_001", errs.Unknown, "cache")
//		ErrMiss = Err.Sub("LEX_ERR_CACHE_002", errs.NotFound, "cache: miss")
//	)
//
// A backend wraps its cause once, at its boundary, with [Error.Wrap]; a caller
// asks with [errors.Is] for a sentinel, and with [KindOf] for what to do.
package errs
