package process

import (
	"cmp"
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/state"
)

const (
	// shards is how many entries the index has, so that few writers meet at one.
	shards = 64
	// orphanAge is how old an ID in the index is when its record is no longer expected.
	orphanAge = time.Hour
)

func (b *stateBook) shard(i uint32) string { return b.prefix + "open/" + itoa(int(i)) }

// index adds an ID to the index, or removes it.
func (b *stateBook) index(ctx context.Context, id string, add bool) error {
	h := fnv.New32a()
	h.Write([]byte(id))
	return b.edit(ctx, h.Sum32()%shards, func(ids map[string]int64) {
		if add {
			ids[id] = b.now().UnixMicro()
		} else {
			delete(ids, id)
		}
	})
}

// edit changes one entry of the index: IDs, and when they were added.
func (b *stateBook) edit(ctx context.Context, shard uint32, change func(map[string]int64)) error {
	return state.Update(ctx, b.store, b.shard(shard), state.Permanent, func(old []byte, exists bool) ([]byte, error) {
		ids := map[string]int64{}
		if exists {
			if err := json.Unmarshal(old, &ids); err != nil {
				return nil, err
			}
		}
		change(ids)
		return json.Marshal(ids)
	})
}

// open returns the records in the index, those first that began first, and
// removes from it what is over and what never came to be.
func (b *stateBook) open(ctx context.Context) ([]*record, error) {
	keys := make([]string, shards)
	for i := range keys {
		keys[i] = b.shard(uint32(i))
	}
	entries, err := state.GetMany(ctx, b.store, keys)
	if err != nil {
		return nil, err
	}
	var all []*record
	for i, key := range keys {
		ids := map[string]int64{}
		if value, ok := entries[key]; !ok {
			continue
		} else if err := json.Unmarshal(value, &ids); err != nil {
			return nil, err
		}
		records, err := b.of(ctx, uint32(i), ids)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	slices.SortFunc(all, func(a, b *record) int { return cmp.Or(cmp.Compare(a.Began, b.Began), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// of returns the records of one entry of the index.
func (b *stateBook) of(ctx context.Context, shard uint32, ids map[string]int64) (found []*record, err error) {
	var keys []string
	for id := range ids {
		keys = append(keys, b.key(id))
	}
	values, err := state.GetMany(ctx, b.store, keys)
	if err != nil {
		return nil, err
	}
	var gone []string
	for id, added := range ids {
		value, ok := values[b.key(id)]
		if !ok {
			if b.now().Sub(time.UnixMicro(added)) > orphanAge {
				gone = append(gone, id)
			}
			continue
		}
		r, err := decode(value)
		if err != nil {
			return nil, err
		}
		if r.Status == saga.Completed || r.Status == saga.Compensated {
			gone = append(gone, id)
			continue
		}
		found = append(found, r)
	}
	if len(gone) == 0 {
		return found, nil
	}
	return found, b.edit(ctx, shard, func(now map[string]int64) {
		for _, id := range gone {
			if now[id] == ids[id] { // otherwise it was added again
				delete(now, id)
			}
		}
	})
}
