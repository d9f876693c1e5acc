// Package page is the contract between lists that are too long for one answer
// and those who read them: by number of entries with an [Offset], or from where
// the last page ended with a cursor, which stays right while the list changes.
package page

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of pages. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_PAGE_001", errs.Unknown, "page")
	// ErrCursor reports text that is no cursor, or one that was made for another list, order or filter.
	ErrCursor = Err.Sub("LEX_ERR_PAGE_002", errs.Invalid, "page: invalid cursor")
	// ErrLimit and ErrOffset report what [CheckLimit] and [Offset.Check] refuse.
	ErrLimit  = Err.Sub("LEX_ERR_PAGE_003", errs.Invalid, "page: limit is not 1 to 1,000")
	ErrOffset = Err.Sub("LEX_ERR_PAGE_004", errs.Invalid, "page: offset is negative or too large")
	// ErrLoop reports a cursor that leads back to itself.
	ErrLoop = Err.Sub("LEX_ERR_PAGE_005", errs.Internal, "page: the next cursor is the one that was asked for")
)

const (
	DefaultLimit = 20    // entries of a page, when nobody says how many
	MaxLimit     = 1_000 // entries of a page at most
)

// CheckLimit returns an error wrapping [ErrLimit] unless limit is 1 to
// [MaxLimit]. Every source of pages calls it first.
func CheckLimit(limit int) error {
	if limit < 1 || limit > MaxLimit {
		return ErrLimit.Wrap(nil, "page: limit %d", limit)
	}
	return nil
}
