package configfile

import (
	"cmp"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// A Change is one value in which two trees differ.
type Change struct {
	Key string `json:"key"`
	// Old and New are the values as JSON would show them, a secret as ***; ""
	// is a value that does not exist: it was added, or removed.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
}

// Diff returns the values in which next differs from t, in the order of keys.
// Where a value stands makes no difference.
func (t *Tree) Diff(next *Tree) []Change {
	var changes []Change
	before, after := t.leaves(t.root), next.leaves(next.root)
	byKey := func(a, b leaf) int { return cmp.Compare(a.key, b.key) }
	slices.SortFunc(before, byKey)
	slices.SortFunc(after, byKey)
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].key < after[0].key:
			changes = append(changes, Change{Key: before[0].key, Old: before[0].v.shown(before[0].secret)})
			before = before[1:]
		case len(before) == 0 || after[0].key < before[0].key:
			changes = append(changes, Change{Key: after[0].key, New: after[0].v.shown(after[0].secret)})
			after = after[1:]
		default:
			a, b := before[0], after[0]
			before, after = before[1:], after[1:]
			if !a.v.same(b.v) {
				secret := a.secret || b.secret // it was or became one
				changes = append(changes, Change{a.key, a.v.shown(secret), b.v.shown(secret)})
			}
		}
	}
	return changes
}

// same reports whether two leaves are decoded alike.
func (v *value) same(other *value) bool {
	if v.kind != config.Scalar || other.kind != config.Scalar {
		return v.kind == other.kind
	}
	return v.scalar == other.scalar && v.text == other.text
}
