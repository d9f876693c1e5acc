package sqlevents

import (
	"context"
	"encoding/json"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/subscription"
)

// A groupSet is the groups that there were at a version of theirs. It is immutable.
type groupSet struct {
	version int64
	groups  []group
}

// A group is who gets the events of a queue.
type group struct {
	id   int64
	name string
	sub  events.Subscription // normalized
}

// load reads the groups.
func (b *Bus) load(ctx context.Context) (*groupSet, error) {
	set := &groupSet{}
	scan := func(rows sqldb.Rows) (g group, err error) {
		var id *int64
		var name, text *string
		if err := rows.Scan(&set.version, &id, &name, &text); err != nil || id == nil {
			return g, err
		}
		g.id, g.name = *id, *name
		g.sub, err = read(*text)
		return g, err
	}
	for g, err := range sqldb.Select(ctx, b.db, scan, `SELECT v.version, g.id, g.name, g.subscription
		FROM lexigram_event_version v LEFT JOIN lexigram_event_groups g ON g.gone_at = 0 WHERE v.id = 1 ORDER BY g.id`) {
		if err != nil {
			return nil, events.Err.Wrap(err, "sqlevents: read the groups")
		}
		if g.id != 0 {
			set.groups = append(set.groups, g)
		}
	}
	if set.version == 0 {
		return nil, events.Err.Wrap(nil, "sqlevents: the tables have no version: apply the migrations")
	}
	return set, nil
}

// known returns what this bus knows of the groups, or reads them.
func (b *Bus) known(ctx context.Context) (*groupSet, error) {
	if set := b.groups.Load(); set != nil {
		return set, nil
	}
	return b.renew(ctx)
}

// renew reads the groups, and keeps what is newer than what the bus knows: a
// transaction may see older ones.
func (b *Bus) renew(ctx context.Context) (*groupSet, error) {
	set, err := b.load(ctx)
	if err != nil {
		return nil, err
	}
	for {
		old := b.groups.Load()
		if old != nil && old.version >= set.version || b.groups.CompareAndSwap(old, set) {
			return set, nil
		}
	}
}

// wanting calls yield with the IDs of the groups that want events of typ.
func (s *groupSet) wanting(typ string, yield func(id int64)) {
	for i := range s.groups {
		if subscription.Wants(&s.groups[i].sub, typ) {
			yield(s.groups[i].id)
		}
	}
}

// write returns a subscription as the table has it.
func write(s events.Subscription) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

func read(text string) (s events.Subscription, err error) {
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, events.Err.Wrap(err, "sqlevents: subscription of a group")
	}
	return s, nil
}
