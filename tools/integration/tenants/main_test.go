// Package tenants runs the suites of the contracts on what a tenant sees of the
// embedded backends: a decorator keeps the whole contract of what it decorates.
package tenants

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tenant is the one that [eventstest] names in an event's header: another would be denied.
const tenant = tenancy.ID("t1")

// in lends the contexts of a suite, which have no tenant, one.
func in(ctx context.Context) context.Context { return tenancy.With(ctx, tenant) }
