package auditlog

import (
	"context"
	"crypto/hmac"
	"errors"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// A Problem says what is wrong with an entry.
type Problem string

// The problems.
const (
	Changed  Problem = "changed"  // its checksum is not that of its fields
	Unsigned Problem = "unsigned" // it has no checksum
	NoKey    Problem = "no key"   // its checksum was made with a key that is not there, or by another version
	Removed  Problem = "removed"  // links before it in its chain are not there
	Forked   Problem = "forked"   // it names another link as the one before, or has the number of another
)

// A Finding is an entry that does not prove itself.
type Finding struct {
	Entry   audit.Entry // without its values, if the problem is with its chain
	Problem Problem
}

// A Verifier checks entries that a [Recorder] signed. It is safe for concurrent use.
type Verifier struct{ keys security.KeySource }

// NewVerifier returns a verifier with the keys of the recorders, or an error wrapping
// [audit.Err] if keys is nil.
func NewVerifier(keys security.KeySource) (*Verifier, error) {
	if keys == nil {
		return nil, audit.Err.Wrap(errors.New("the source of keys is nil"), "auditlog: verifier")
	}
	return &Verifier{keys}, nil
}

// Entry checks one entry by itself and returns "" if it is as it was recorded. An error
// is one of the source of keys.
func (v *Verifier) Entry(ctx context.Context, e audit.Entry) (Problem, error) {
	if e.Checksum == "" {
		return Unsigned, nil
	}
	id, ok := keyID(e.Checksum)
	if !ok {
		return NoKey, nil
	}
	k, err := v.keys.Key(ctx, id)
	switch kind := errs.KindOf(err); {
	case kind == errs.NotFound || kind == errs.Invalid:
		return NoKey, nil
	case err != nil:
		return "", audit.Err.Wrap(err, "auditlog: verify %q", e.ID)
	}
	sum, err := checksum(e, k)
	if err != nil || !hmac.Equal([]byte(sum), []byte(e.Checksum)) {
		return Changed, nil
	}
	return "", nil
}

// Verify checks the entries that q selects, those of a time for instance, and their
// chains, and returns what it found, newest first. A query with conditions other than
// Since, Until, Before and Limit picks entries out of chains, and then chains are
// not checked. It holds one link of each chain, and what it found.
//
// The beginning of a chain may be missing, because it expires first. What nobody can
// see is that the end of one is missing, or all of it: keep the last checksum
// elsewhere if that matters.
func (v *Verifier) Verify(ctx context.Context, r audit.Reader, q audit.Query) ([]Finding, error) {
	whole := q
	whole.Since, whole.Until, whole.Before, whole.Limit = time.Time{}, time.Time{}, audit.Position{}, 0
	chained := whole == audit.Query{}
	var found []Finding
	above := map[string]audit.Entry{} // of each chain the oldest link so far
	for e, err := range r.Query(ctx, q) {
		if err != nil {
			return nil, err
		}
		p, err := v.Entry(ctx, e)
		if err != nil {
			return nil, err
		}
		if p != "" {
			found = append(found, Finding{e, p})
		}
		if e.Chain == "" || !chained {
			continue
		}
		if next, ok := above[e.Chain]; ok {
			if p := broken(e, next); p != "" {
				found = append(found, Finding{slim(next), p})
			}
		}
		above[e.Chain] = slim(e)
	}
	slices.SortStableFunc(found, func(a, b Finding) int {
		switch {
		case a.Entry.Position().Before(b.Entry.Position()):
			return 1
		case b.Entry.Position().Before(a.Entry.Position()):
			return -1
		}
		return 0
	})
	return found, nil
}

// broken says what is wrong between a link and the next that is there.
func broken(e, next audit.Entry) Problem {
	switch {
	case e.Seq+1 < next.Seq:
		return Removed
	case e.Seq+1 > next.Seq || next.Previous != e.Checksum:
		return Forked
	}
	return ""
}

// slim returns what a chain is checked by.
func slim(e audit.Entry) audit.Entry {
	return audit.Entry{
		ID: e.ID, Time: e.Time, Action: e.Action, Actor: e.Actor, Tenant: e.Tenant,
		Chain: e.Chain, Seq: e.Seq, Previous: e.Previous, Checksum: e.Checksum,
	}
}
