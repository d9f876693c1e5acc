package container

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// most is how many near misses an error lists.
const most = 3

// suggest returns the visible keys that k probably means, best first: the same
// type under another name, a pointer for a value, a type that implements the
// interface, an interface that the type implements.
func (g *graph) suggest(k di.Key, visible func(*entry) bool) []di.Key {
	if k.Type == nil {
		return nil
	}
	type miss struct {
		key  di.Key
		rank int
	}
	var all []miss
	for at := range g.all {
		for _, e := range at.entries {
			if rank, near := distance(k, e.reg.Key); near && visible(e) {
				all = append(all, miss{e.reg.Key, rank})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b miss) int { return cmp.Compare(a.rank, b.rank) })
	var keys []di.Key
	for _, m := range all[:min(len(all), most)] {
		keys = append(keys, m.key)
	}
	return keys
}

func distance(want, have di.Key) (rank int, near bool) {
	w, h := want.Type, have.Type
	switch {
	case w == h:
		return 0, want.Name != have.Name
	case w.Kind() == reflect.Pointer && w.Elem() == h, h.Kind() == reflect.Pointer && h.Elem() == w:
		rank = 1
	case w.Kind() == reflect.Interface && w.NumMethod() > 0 && h.Implements(w):
		rank = 2
	case h.Kind() == reflect.Interface && h.NumMethod() > 0 && w.Implements(h):
		rank = 3
	case w.Name() != "" && w.Name() == h.Name(): // of another package
		rank = 4
	default:
		return 0, false
	}
	if want.Name != have.Name {
		rank += 4
	}
	return rank, true
}
