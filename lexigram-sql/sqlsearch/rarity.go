package sqlsearch

import (
	"context"
	"encoding/json"
	"math"
	"math/bits"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A rarity is words that are about equally rare, and what each of them counts.
type rarity struct {
	weight  float64
	queries []string
}

// maxCounted is how many words of a query the database counts. Further ones
// count as much as the commonest of them.
const maxCounted = 128

// rarities groups queries by how many documents each of them finds. ts_rank
// does not know how rare a word is, and reads the document anew each time that
// it is called: it is called once for each group, of which there are a few.
//
// A word counts ln(1 + (N - n + ½) / (n + ½)) where n of N documents have it,
// as in BM25; in a group n is the mean. N is PostgreSQL's own estimate for all
// indexes together, which costs nothing.
func (postgres) rarities(ctx context.Context, db sqldb.DB, queries []string) ([]rarity, error) {
	if len(queries) == 1 {
		return []rarity{{1, queries}}, nil
	}
	counted := queries[:min(len(queries), maxCounted)]
	list, err := json.Marshal(counted)
	if err != nil {
		return nil, search.Err.Wrap(err, "sqlsearch: words of the query")
	}
	type count struct{ found, all int64 }
	var groups [64]rarity
	var sums [64]float64
	place, total := 0, 0.
	scan := func(rows sqldb.Rows) (c count, err error) {
		err = rows.Scan(&c.found, &c.all)
		return c, err
	}
	for c, err := range sqldb.Select(ctx, db, scan, `
		SELECT (SELECT count(*) FROM lexigram_search_documents d WHERE d.words @@ CAST(t.query AS tsquery)),
			COALESCE((SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = to_regclass('lexigram_search_documents')), 0)
		FROM jsonb_array_elements_text(CAST(CAST($1 AS text) AS jsonb)) WITH ORDINALITY AS t(query, place) ORDER BY t.place`, string(list)) {
		if err != nil {
			return nil, err
		}
		i := bits.Len64(uint64(c.found))
		groups[i].queries = append(groups[i].queries, counted[place])
		sums[i] += float64(c.found)
		total = max(total, float64(c.all), 2*float64(c.found))
		place++
	}
	used := groups[:0]
	for i, g := range groups {
		if i == 0 || len(g.queries) == 0 {
			continue // of words that no document has
		}
		n := sums[i] / float64(len(g.queries))
		g.weight = math.Log1p((total - n + 0.5) / (n + 0.5))
		used = append(used, g)
	}
	if len(used) == 0 {
		return []rarity{{1, queries}}, nil
	}
	last := &used[len(used)-1]
	last.queries = append(last.queries, queries[len(counted):]...)
	return used, nil
}
