package migrate

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
)

var _ health.Checker = (*Migrator)(nil)

// CheckHealth implements health.Checker: Healthy if nothing is pending, and
// Unhealthy if something is, or is wrong, or the database does not answer. A
// program that is older than the tables is Healthy.
func (m *Migrator) CheckHealth(ctx context.Context) health.Result {
	begun := time.Now()
	pending, err := m.Pending(ctx)
	r := health.Result{Status: health.Healthy, Took: time.Since(begun), Details: map[string]string{"pending": strconv.Itoa(len(pending))}}
	switch {
	case err != nil:
		r.Status, r.Message, r.Details = health.Unhealthy, err.Error(), nil
	case len(pending) > 0:
		r.Status = health.Unhealthy
		r.Message = fmt.Sprintf("%d migrations are pending, the first is %s %s: run migrate up", len(pending), pending[0].Source, pending[0].Name)
	}
	return r
}
