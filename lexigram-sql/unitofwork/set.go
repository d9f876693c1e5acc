package unitofwork

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/repo"
)

// A Set is the entities of one repository that a unit has seen: of each there
// is one copy. It belongs to the unit.
type Set[T any, ID comparable] struct {
	u       *Unit
	repo    repo.Repository[T, ID]
	key     func(*T) ID
	known   map[ID]*T
	removed map[ID]bool
	broken  error
}

func (s *Set[T, ID]) check() error {
	if err := s.u.check(); err != nil {
		return err
	}
	return s.broken
}

// Get returns the entity with the key: the copy that the unit has, or the
// repository's. One that was removed is [repo.ErrNotFound].
func (s *Set[T, ID]) Get(ctx context.Context, id ID) (*T, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.removed[id] {
		return nil, repo.ErrNotFound.Wrap(nil, "unit of work: get %v, which is removed", id)
	}
	if p, ok := s.known[id]; ok {
		return p, nil
	}
	v, err := s.repo.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	s.track(id, &v)
	return &v, nil
}

// Find writes what is registered, and returns the entities of q: the copies
// that the unit has, changes that are not registered included, or the repository's.
func (s *Set[T, ID]) Find(ctx context.Context, q repo.Query) ([]*T, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := s.u.Flush(ctx); err != nil {
		return nil, err
	}
	var all []*T
	for v, err := range s.repo.Find(ctx, q) {
		if err != nil {
			return nil, err
		}
		p := &v
		if known, ok := s.known[s.key(p)]; ok {
			p = known
		} else {
			s.track(s.key(p), p)
		}
		all = append(all, p)
	}
	return all, nil
}

// New registers an entity to be inserted.
func (s *Set[T, ID]) New(v *T) error {
	if err := s.check(); err != nil {
		return err
	}
	var zero ID
	if id := s.key(v); id != zero {
		if s.removed[id] || s.known[id] != nil && s.known[id] != v {
			return s.twice(id)
		}
		s.track(id, v)
	} else {
		s.aggregate(v)
	}
	if s.u.pending[v] == nil {
		s.save(v)
		s.u.pending[v].insert = true
	}
	return nil
}

// Dirty registers an entity to be updated: that of Get or Find, or one that the
// unit has not seen. One that is registered already is written once, as it is then.
func (s *Set[T, ID]) Dirty(v *T) error {
	if err := s.check(); err != nil {
		return err
	}
	if op := s.u.pending[v]; op != nil && !op.remove {
		return nil
	}
	var zero ID
	id := s.key(v)
	switch {
	case id == zero:
		return repo.ErrKey.Wrap(nil, "unit of work: dirty %T", v)
	case s.removed[id], s.known[id] != nil && s.known[id] != v:
		return s.twice(id)
	}
	s.track(id, v)
	s.save(v)
	return nil
}

// Removed registers an entity to be deleted: if the repository is a
// [repo.Remover], only as it was read, or else the unit fails with
// [repo.ErrConflict]. One that was to be inserted is not.
func (s *Set[T, ID]) Removed(v *T) error {
	if err := s.check(); err != nil {
		return err
	}
	var zero ID
	id := s.key(v)
	op := s.u.pending[v]
	if known := s.known[id]; s.removed[id] || known != nil && known != v {
		return s.twice(id)
	}
	if op == nil && id == zero {
		return repo.ErrKey.Wrap(nil, "unit of work: remove %T", v)
	}
	if op != nil {
		s.u.drop(op)
	}
	if id == zero {
		return nil
	}
	known := s.known[id]
	delete(s.known, id)
	s.u.did(func() {
		delete(s.removed, id)
		if known != nil {
			s.known[id] = known
		}
	})
	if op != nil && op.insert {
		return nil
	}
	s.aggregate(v)
	s.removed[id] = true
	s.u.add(&operation{set: s, entity: v, remove: true, write: func(ctx context.Context, _ []*operation) error {
		if r, ok := s.repo.(repo.Remover[T]); ok {
			if err := r.Remove(ctx, v); !errors.Is(err, errors.ErrUnsupported) {
				return err
			}
		}
		_, err := s.repo.Delete(ctx, id)
		return err
	}})
	return nil
}

func (s *Set[T, ID]) twice(id ID) error {
	return ErrIdentity.Wrap(nil, "unit of work: %T %v", *new(T), id)
}

// track keeps v as the copy of its entity.
func (s *Set[T, ID]) track(id ID, v *T) {
	if s.known[id] == v {
		return
	}
	s.known[id] = v
	s.u.did(func() { delete(s.known, id) })
	s.aggregate(v)
}

// aggregate sees to it that the events of v are published.
func (s *Set[T, ID]) aggregate(v *T) {
	a, ok := any(v).(Aggregate)
	if !ok {
		return
	}
	if s.u.seen[v] {
		return
	}
	s.u.seen[v] = true
	n := len(s.u.aggregates)
	s.u.aggregates = append(s.u.aggregates, a)
	s.u.did(func() {
		s.u.aggregates = s.u.aggregates[:n]
		delete(s.u.seen, v)
	})
}

func (s *Set[T, ID]) save(v *T) {
	if s.u.pending[v] != nil {
		return
	}
	s.u.add(&operation{set: s, entity: v, write: s.write(v)})
}

// write saves v and more, and keeps those that have a key now.
func (s *Set[T, ID]) write(v *T) func(context.Context, []*operation) error {
	return func(ctx context.Context, more []*operation) error {
		all := []*T{v}
		for _, op := range more {
			p, ok := op.entity.(*T)
			if !ok {
				return Err.Wrap(fmt.Errorf("a %T among %T", op.entity, v), "unit of work: flush")
			}
			all = append(all, p)
		}
		for _, p := range all {
			before := *p
			s.u.did(func() { *p = before })
		}
		var err error
		if len(all) == 1 {
			err = s.repo.Save(ctx, v)
		} else {
			err = repo.SaveMany(ctx, s.repo, all)
		}
		if err != nil {
			return err
		}
		for _, p := range all {
			s.track(s.key(p), p)
		}
		return nil
	}
}

func (u *Unit) add(op *operation) {
	u.ops = append(u.ops, op)
	u.pending[op.entity] = op
}

// drop takes back an operation that is not written yet.
func (u *Unit) drop(op *operation) {
	delete(u.pending, op.entity)
	for i, o := range u.ops {
		if o == op {
			u.ops = append(u.ops[:i:i], u.ops[i+1:]...)
			return
		}
	}
}
