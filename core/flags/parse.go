package flags

import (
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
)

// ErrSyntax reports text that [Parse] does not understand.
var ErrSyntax = features.Err.Sub("LEX_ERR_FEAT_007", errs.Invalid, "features: it is none of true, false, percentage:20, users:a,b, text:hello, number:0.5")

// Parse returns the flag that one line of text defines: "true", "false",
// "percentage:20", "users:user/7,user/8", "text:hello" or "number:0.5". What is none of
// them is an error wrapping [ErrSyntax].
func Parse(key, text string) (Flag, error) {
	f := Flag{Key: key}
	kind, rest, _ := strings.Cut(strings.TrimSpace(text), ":")
	ok := true
	switch kind {
	case "true", "false":
		f.Value, ok = kind == "true", rest == "" && !strings.Contains(text, ":")
	case "percentage":
		n, err := strconv.Atoi(strings.TrimSpace(rest))
		f.Type, f.Percent, ok = features.Percentage, n, err == nil
	case "users":
		f.Type = features.UserList
		for id := range strings.SplitSeq(rest, ",") {
			if id = strings.TrimSpace(id); id != "" {
				f.Users = append(f.Users, id)
			}
		}
	case "text":
		f.Value = rest
	case "number":
		n, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
		f.Value, ok = n, err == nil
	default:
		ok = false
	}
	if !ok {
		return Flag{}, ErrSyntax.Wrap(nil, "flags: flag %.80q: %.80q", key, text)
	}
	return f.normalize()
}
