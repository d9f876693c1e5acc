package auditlog

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Retention says how long entries are kept from their time on: as long as the first of
// BySeverity, BySource and Default says that knows an entry. 0 is for ever.
type Retention struct {
	Default    time.Duration
	BySource   map[string]time.Duration
	BySeverity map[audit.Severity]time.Duration
}

func (r Retention) check(invalid *errs.ValidationError) {
	negative := r.Default < 0
	for _, d := range r.BySource {
		negative = negative || d < 0
	}
	for _, d := range r.BySeverity {
		negative = negative || d < 0
	}
	if negative {
		invalid.Add("retention", "must not be negative; 0 keeps entries for ever", "")
	}
}

// expires returns when e may be deleted, or zero.
func (r Retention) expires(e audit.Entry) time.Time {
	d, ok := r.BySeverity[e.Severity]
	if !ok {
		d, ok = r.BySource[e.Source]
	}
	if !ok {
		d = r.Default
	}
	if d == 0 {
		return time.Time{}
	}
	return e.Time.Add(d)
}
