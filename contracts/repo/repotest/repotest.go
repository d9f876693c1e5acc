// Package repotest checks that a [repo.Repository] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		repotest.Run(t, func(t *testing.T) repotest.Items { return open(t) })
//	}
package repotest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
)

// An Item is the entity of the suite. Its key is generated, its deletion soft,
// its Code unique. Every field but Version and DeletedAt may be in a condition,
// and all of those but Active may be sorted by. The fields of queries are named as the tags say.
type Item struct {
	ID        int64      `db:"id"`
	Code      string     `db:"code"`
	Name      string     `db:"name"`
	Rank      *int64     `db:"rank"`
	Score     float64    `db:"score"`
	Active    bool       `db:"active"`
	At        time.Time  `db:"at"`
	Version   int64      `db:"version"`
	DeletedAt *time.Time `db:"deleted_at"`
}

// Filterable and Sortable are the fields of an [Item] that queries may name.
var (
	Filterable = []string{"id", "code", "name", "rank", "score", "active", "at"}
	Sortable   = []string{"id", "code", "name", "rank", "score", "at"}
)

// Attributes returns what conditions see of an item.
func (i Item) Attributes() map[string]any {
	attrs := map[string]any{"id": i.ID, "code": i.Code, "name": i.Name, "score": i.Score, "active": i.Active}
	if i.Rank != nil {
		attrs["rank"] = *i.Rank
	}
	if at, err := filter.Value(i.At); err == nil {
		attrs["at"] = at
	}
	return attrs
}

// Items is what the suite checks.
type Items = repo.Repository[Item, int64]

// Run checks every rule of [repo.Repository], and of [repo.Pager],
// [repo.Upserter], [repo.Batcher], [repo.Remover] and [repo.Aggregator] if the repository is
// one, each on a repository of its own. open returns an empty one and registers
// its own cleanup on t. A rule about an ability that the repository lacks is a
// skip that says so.
func Run(t *testing.T, open func(t *testing.T) Items) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), open(t))
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this repository cannot: %v\nrepo: %s", err, r.says)
			default:
				t.Errorf("%v\nrepo: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name     string
	says     string // the promise, as package repo words it
	optional bool   // errors.ErrUnsupported is an answer
	check    func(ctx context.Context, r Items) error
}

func rules() []rule {
	return slices.Concat(saveRules, deleteRules, findRules, abilityRules)
}
