package migrate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// read returns the files of all sets: sources after those that they refer to,
// and by name otherwise; those of a source by version.
func read(d sqldb.Dialect, sets []sqldb.Migrations) ([]Migration, error) {
	sets = slices.SortedFunc(slices.Values(sets), func(a, b sqldb.Migrations) int { return cmp.Compare(a.Source, b.Source) })
	o := ordering{sets: map[string]sqldb.Migrations{}, done: map[string]bool{}}
	for _, set := range sets {
		if set.Source == "" || set.FS == nil && len(set.Funcs) == 0 {
			return nil, bad(set.Source, "a set without Source or FS")
		}
		if _, twice := o.sets[set.Source]; twice {
			return nil, bad(set.Source, "two sets have this Source")
		}
		o.sets[set.Source] = set
	}
	var all []Migration
	for _, set := range sets {
		if err := o.visit(set.Source); err != nil {
			return nil, err
		}
	}
	for _, set := range o.order {
		files, err := readSet(d, set)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// An ordering puts sources behind those that they are After.
type ordering struct {
	sets  map[string]sqldb.Migrations
	done  map[string]bool
	path  []string // of the visit
	order []sqldb.Migrations
}

func (o *ordering) visit(source string) error {
	if o.done[source] {
		return nil
	}
	if i := slices.Index(o.path, source); i >= 0 {
		return bad(source, "is After itself: %s", strings.Join(append(o.path[i:], source), " after "))
	}
	o.path = append(o.path, source)
	for _, before := range slices.Sorted(slices.Values(o.sets[source].After)) {
		if _, ok := o.sets[before]; !ok {
			return bad(source, "is After %q, which is not there: add its migrations", before)
		}
		if err := o.visit(before); err != nil {
			return err
		}
	}
	o.path = o.path[:len(o.path)-1]
	o.done[source] = true
	o.order = append(o.order, o.sets[source])
	return nil
}
