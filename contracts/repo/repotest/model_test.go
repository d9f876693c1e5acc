package repotest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/repo"
)

// A model is the smallest repository that keeps every rule. With the name of a
// rule in breaks, it breaks that rule, in the way that real repositories do.
type model struct {
	mu      sync.Mutex
	items   map[int64]Item
	next    int64
	updates int
	left    bool // a loop was left
	cursors map[string]position
	breaks  string
}

type position struct {
	query string
	last  Item
	count int
}

var (
	_ repo.Pager[Item]          = (*model)(nil)
	_ repo.Upserter[Item]       = (*model)(nil)
	_ repo.Batcher[Item, int64] = (*model)(nil)
	_ repo.Remover[Item]        = (*model)(nil)
	_ repo.Aggregator           = (*model)(nil)
)

func newModel(breaks string) *model {
	return &model{items: map[int64]Item{}, cursors: map[string]position{}, breaks: breaks}
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context) error {
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

func (m *model) Get(ctx context.Context, id int64) (Item, error) {
	if id == 0 {
		return Item{}, repo.ErrKey
	}
	if err := m.begin(ctx); err != nil {
		return Item{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	it, ok := m.items[id]
	if (!ok || it.DeletedAt != nil) && !m.is("get of none") {
		return Item{}, repo.ErrNotFound
	}
	if m.is("save and get") && it.Rank == nil {
		it.Rank = new(int64)
	}
	return it, nil
}

func (m *model) check(q repo.Query) error {
	err := q.Check(func(f string) bool { return slices.Contains(Filterable, f) }, func(f string) bool { return slices.Contains(Sortable, f) })
	if errors.Is(err, repo.ErrField) && m.is("what is unknown") {
		return nil
	}
	return err
}

// all returns the items of q in its order; its caller holds the mutex.
func (m *model) all(q repo.Query) ([]Item, error) {
	if err := m.check(q); err != nil {
		return nil, err
	}
	if m.left && m.is("leaving a loop") {
		return nil, errors.New("the connection is in use")
	}
	var all []Item
	for _, it := range m.items {
		if it.DeletedAt == nil || q.Deleted && !m.is("soft delete") {
			all = append(all, it)
		}
	}
	all, err := matching(all, q.Where)
	if m.is("conditions") && q.Where != nil {
		all = slices.DeleteFunc(all, func(i Item) bool { return i.Rank == nil })
	}
	all = ordered(all, q.Sort)
	if m.is("order") && len(q.Sort) > 0 && q.Sort[0] == (repo.Sort{Field: "rank"}) {
		missing := slices.DeleteFunc(slices.Clone(all), func(i Item) bool { return i.Rank != nil })
		all = append(slices.DeleteFunc(all, func(i Item) bool { return i.Rank == nil }), missing...)
	}
	return all, err
}

func (m *model) Find(ctx context.Context, q repo.Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		m.mu.Lock()
		all, err := m.all(q)
		m.mu.Unlock()
		if err == nil {
			err = m.begin(ctx)
		}
		if err != nil {
			yield(Item{}, err)
			return
		}
		if q.Limit > 0 || !m.is("offset and limit") {
			all = all[min(q.Offset, len(all)):]
		}
		if q.Limit > 0 {
			all = all[:min(q.Limit, len(all))]
		}
		for _, it := range all {
			if !yield(it, nil) {
				m.left = true
				return
			}
		}
	}
}

func (m *model) Count(ctx context.Context, q repo.Query) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.all(q)
	if err == nil {
		err = m.begin(ctx)
	}
	if m.is("offset pages") && q.Limit > 0 {
		return int64(min(q.Limit, len(all))), err
	}
	return int64(len(all)), err
}

func (m *model) Save(ctx context.Context, it *Item) error {
	if it.ID == 0 && it.Version != 0 {
		return repo.ErrKey
	}
	if err := m.begin(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.save(it)
}

func (m *model) save(it *Item) error {
	for _, other := range m.items {
		if other.Code == it.Code && other.ID != it.ID {
			return repo.ErrExists
		}
	}
	kept, ok := m.items[it.ID]
	if it.Version == 0 {
		if ok && !m.is("what exists") {
			return repo.ErrExists
		}
		if it.ID == 0 {
			m.next++
			it.ID = m.next
		}
		it.Version = 1
		m.items[it.ID] = *it
		return nil
	}
	gone := !ok || kept.DeletedAt != nil
	if gone && !(ok && m.is("an update after a delete")) || kept.Version != it.Version && !m.is("optimistic locking") {
		return &repo.ConflictError{Entity: "item", Key: it.ID, Expected: it.Version}
	}
	if !m.is("update") {
		it.Version++
	}
	if m.updates++; m.updates%5 != 4 || !m.is("ConcurrentSafe") {
		m.items[it.ID] = *it
	}
	return nil
}

func (m *model) Delete(ctx context.Context, id int64) (bool, error) {
	if id == 0 && !m.is("the zero key") {
		return false, repo.ErrKey
	}
	if err := m.begin(ctx); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if id == 0 {
		clear(m.items)
	}
	return m.delete(id), nil
}

func (m *model) delete(id int64) bool {
	it, ok := m.items[id]
	if !ok || it.DeletedAt != nil {
		return m.is("delete")
	}
	now := noon
	it.DeletedAt = &now
	m.items[id] = it
	return true
}

func (m *model) Remove(ctx context.Context, it *Item) error {
	if it.ID == 0 {
		return repo.ErrKey
	}
	if err := m.begin(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.items[it.ID]
	if kept.Version != it.Version && !m.is("delete of an old copy") || kept.DeletedAt != nil || !m.delete(it.ID) {
		return &repo.ConflictError{Entity: "item", Key: it.ID, Expected: it.Version}
	}
	return nil
}

func (m *model) Page(ctx context.Context, q repo.Query, cursor string, limit int) (page.Cursor[Item], error) {
	var none page.Cursor[Item]
	if err := page.CheckLimit(limit); err != nil {
		return none, err
	}
	switch {
	case q.Offset != 0:
		return none, page.ErrOffset
	case q.Limit != 0:
		return none, page.ErrLimit
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.all(q)
	if err == nil {
		err = m.begin(ctx)
	}
	if err != nil {
		return none, err
	}
	name := fmt.Sprintf("%#v", q)
	at, ok := m.cursors[cursor]
	if cursor != "" && (!ok || at.query != name && !m.is("cursors")) {
		return none, page.ErrCursor
	}
	if cursor != "" {
		all = m.after(all, q.Sort, at)
	}
	p := page.Cursor[Item]{Items: all[:min(limit, len(all))]}
	if len(all) > limit {
		p.Next = fmt.Sprintf("cursor-%010d", len(m.cursors))
		m.cursors[p.Next] = position{query: name, last: all[limit-1], count: at.count + limit}
	}
	return p, nil
}

// after returns those of all, which are in order, that come after a position.
func (m *model) after(all []Item, sort []repo.Sort, at position) []Item {
	if m.is("pages of a list that changes") {
		return all[min(at.count, len(all)):]
	}
	last := at.last
	return slices.DeleteFunc(all, func(i Item) bool {
		if i.ID == last.ID {
			return true
		}
		if m.is("pages") && len(sort) > 0 { // ties are lost
			x, y := i, last
			x.ID, y.ID = 0, 0
			return ordered([]Item{x, y}, sort)[0].Code == x.Code && ordered([]Item{y, x}, sort)[0].Code == x.Code || ordered([]Item{x, y}, sort)[0].Code != ordered([]Item{y, x}, sort)[0].Code
		}
		return ordered([]Item{i, last}, sort)[0].ID == i.ID
	})
}

func (m *model) Upsert(ctx context.Context, it *Item) error {
	if it.ID == 0 {
		return repo.ErrKey
	}
	if err := m.begin(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.items[it.ID]
	it.Version = kept.Version + 1
	stored := *it
	if m.is("upsert") {
		stored.DeletedAt = kept.DeletedAt
	}
	m.items[it.ID] = stored
	return nil
}

func (m *model) SaveMany(ctx context.Context, all []*Item) error {
	if err := m.begin(ctx); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := make(map[int64]Item, len(m.items))
	for id, it := range m.items {
		before[id] = it
	}
	entities := make([]Item, len(all))
	for i, it := range all {
		entities[i] = *it
	}
	for _, it := range all {
		if err := m.save(it); err != nil {
			if !m.is("batches") {
				m.items = before
			}
			for i := range entities {
				*all[i] = entities[i]
			}
			return err
		}
	}
	return nil
}

func (m *model) DeleteMany(ctx context.Context, ids []int64) (n int64, err error) {
	if slices.Contains(ids, 0) {
		return 0, repo.ErrKey
	}
	if err := m.begin(ctx); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if m.delete(id) {
			n++
		}
	}
	return n, nil
}

func (m *model) Aggregate(_ context.Context, f repo.Func, field string, q repo.Query) (any, error) {
	if !slices.Contains(Filterable, field) || !slices.Contains([]repo.Func{repo.Sum, repo.Avg, repo.Min, repo.Max}, f) ||
		(f == repo.Sum || f == repo.Avg) && !slices.Contains([]string{"id", "rank", "score"}, field) {
		return nil, repo.ErrField
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	all, err := m.all(q)
	if err != nil {
		return nil, err
	}
	var values []any
	for _, it := range all {
		if v, ok := it.Attributes()[field]; ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 && !m.is("aggregates") {
		return nil, nil
	}
	if f == repo.Sum || f == repo.Avg {
		return total(values, f == repo.Avg), nil
	}
	least := func(a, b any) int { c, _ := filter.Compare(a, b); return c }
	if f == repo.Min {
		return slices.MinFunc(values, least), nil
	}
	return slices.MaxFunc(values, least), nil
}

func total(values []any, mean bool) any {
	var ints int64
	var floats float64
	whole := true
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			ints += v
			floats += float64(v)
		case float64:
			floats, whole = floats+v, false
		}
	}
	if mean {
		return floats / float64(len(values))
	}
	if whole {
		return ints
	}
	return floats
}
