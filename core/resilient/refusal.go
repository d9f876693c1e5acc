package resilient

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A refusal is the error of a call that was not made.
type refusal struct {
	why   *errs.Error
	name  string
	after time.Duration // 0 if unknown
}

func (r *refusal) Error() string {
	text := r.why.Error() + `: "` + r.name + `"`
	if r.after > 0 {
		text += ", retry after " + r.after.String()
	}
	return text
}

func (r *refusal) Unwrap() error { return r.why }

// RetryAfter is what [resilience.RetryAfter] finds.
func (r *refusal) RetryAfter() time.Duration { return r.after }

// constructed is what a constructor returns beside its value.
func constructed(invalid *errs.ValidationError, what string) error {
	if err := invalid.Err(); err != nil {
		return resilience.Err.Wrap(err, "resilient: new %s", what)
	}
	return nil
}
