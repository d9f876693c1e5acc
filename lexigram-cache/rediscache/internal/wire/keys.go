package wire

import (
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultPrefix begins every key of a store whose options name no other.
const DefaultPrefix = "lexigram"

// CheckPrefix adds to v unless prefix, of a field of that name, is "" or one that tells its keys from all
// others: without a colon, no prefix is the beginning of another's keys, and without
// the signs of patterns and hash tags it means itself wherever it stands.
func CheckPrefix(v *errs.ValidationError, field, prefix string) {
	letter := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
	}
	if len(prefix) > 64 || strings.ContainsFunc(prefix, func(r rune) bool { return !letter(r) }) {
		v.Add(field, "is not up to 64 letters, digits and . _ -; leave it out for the default", "")
	}
}

// Space returns what begins the keys of a store of kind under prefix, such as "lexigram:cache:".
func Space(prefix, kind string) string {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	return prefix + ":" + kind + ":"
}

// Millis returns ttl in whole milliseconds, rounded up.
func Millis(ttl time.Duration) int64 {
	ms := ttl.Milliseconds()
	if time.Duration(ms)*time.Millisecond < ttl {
		ms++
	}
	return ms
}
