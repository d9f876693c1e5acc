package process

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// A stateBook keeps records in a store of state, each under a key of its own,
// and the IDs of those that are not over in an index. Their marks are what is stored.
type stateBook struct {
	store  state.Swapper
	prefix string
	keep   time.Duration // what is over
	now    func() time.Time
	mono   func() time.Duration
}

func (b *stateBook) key(id string) string { return b.prefix + "i/" + id }

func (b *stateBook) get(ctx context.Context, id string) (*record, error) {
	value, err := b.store.Get(ctx, b.key(id))
	if errors.Is(err, state.ErrNotFound) {
		return nil, saga.ErrNotFound.Wrap(nil, "process: instance %q", id)
	}
	if err != nil {
		return nil, err
	}
	return decode(value)
}

func decode(value []byte) (*record, error) {
	r := new(record)
	if err := json.Unmarshal(value, r); err != nil {
		return nil, err
	}
	r.mark = value
	return r, nil
}

// create indexes first: a record without an index entry would be run by nobody.
func (b *stateBook) create(ctx context.Context, r *record) error {
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	began := b.mono()
	if err := b.index(ctx, r.ID, true); err != nil {
		return err
	}
	err = b.store.Create(ctx, b.key(r.ID), value, state.Permanent)
	switch {
	case errors.Is(err, state.ErrChanged):
		return saga.ErrExists.Wrap(nil, "process: instance %q", r.ID)
	case err == nil && b.mono()-began > orphanAge/2:
		err = b.index(ctx, r.ID, true) // the entry may be gone already
	}
	return err
}

func (b *stateBook) swap(ctx context.Context, old, next *record) error {
	value, err := json.Marshal(next)
	if err != nil {
		return err
	}
	over := next.Status == saga.Completed || next.Status == saga.Compensated
	ttl := state.Permanent
	if over {
		ttl = b.keep
	}
	err = b.store.Swap(ctx, b.key(old.ID), old.mark, value, ttl)
	switch {
	case errors.Is(err, state.ErrChanged):
		return errChanged
	case err != nil:
		return err
	}
	next.mark = value
	if over {
		_ = b.index(ctx, old.ID, false) // what stays there is found and removed by open
	}
	return nil
}

func (b *stateBook) ready(ctx context.Context, now time.Time, kinds []string, n int) ([]string, error) {
	type ready struct {
		id  string
		due int64
	}
	var found []ready
	all, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if at, ok := r.due(); ok && at <= now.UnixMicro() && slices.Contains(kinds, kindOf(r.Saga, r.Version)) {
			found = append(found, ready{r.ID, at})
		}
	}
	slices.SortStableFunc(found, func(a, b ready) int { return int(min(max(a.due-b.due, -1), 1)) })
	var ids []string
	for _, f := range found[:min(n, len(found))] {
		ids = append(ids, f.id)
	}
	return ids, nil
}

func (b *stateBook) list(ctx context.Context, f saga.Filter) iter.Seq2[*record, error] {
	return func(yield func(*record, error) bool) {
		if slices.Contains(f.Status, saga.Completed) || slices.Contains(f.Status, saga.Compensated) {
			yield(nil, saga.Err.Wrap(errors.ErrUnsupported, "process: a store of state has no list of what is completed or compensated"))
			return
		}
		all, err := b.open(ctx)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, r := range all {
			if matches(f, r) && !yield(r, nil) {
				return
			}
		}
	}
}

// purge does nothing: what is over has a ttl.
func (b *stateBook) purge(context.Context, time.Time) (int64, error) { return 0, nil }

func (b *stateBook) atomically(context.Context, func(context.Context) error) error {
	return saga.Err.Wrap(errors.ErrUnsupported, "process: a store of state has no transactions")
}

func (b *stateBook) notify(_ context.Context, wake func()) error { wake(); return nil }

func (b *stateBook) listen(context.Context) (<-chan struct{}, error) { return nil, nil }
