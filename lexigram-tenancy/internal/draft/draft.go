// Package draft completes a tenant that is about to be created, in the same
// way for every directory.
package draft

import (
	"crypto/rand"
	"maps"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Complete returns t with what [tenancy.Directory] fills in, or an error
// wrapping what [tenancy.CheckInfo] says. Created is a whole microsecond in UTC, so that
// every directory gives back what Create returned.
func Complete(t tenancy.Info) (tenancy.Info, error) {
	if t.ID == "" {
		t.ID = tenancy.ID(strings.ToLower(rand.Text()))
	}
	if t.Slug == "" {
		t.Slug = string(t.ID)
	}
	if t.Name == "" {
		t.Name = t.Slug
	}
	if t.Status == "" {
		t.Status = tenancy.Active
	}
	t.Created = time.Now().UTC().Truncate(time.Microsecond)
	t.Metadata = maps.Clone(t.Metadata)
	return t, tenancy.CheckInfo(t)
}
