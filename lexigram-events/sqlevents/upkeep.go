package sqlevents

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// alive says that c lives, for two leases.
func (b *Bus) alive(ctx context.Context, c *consumer) error {
	_, err := b.db.Exec(ctx, "INSERT INTO lexigram_event_consumers (id, group_id, alive_until) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET alive_until = EXCLUDED.alive_until",
		c.id, c.group, b.opts.Clock.Now().Add(2*b.opts.Lease).UnixMicro())
	return err
}

// beat says that c lives, and ends it if its group does not.
func (c *consumer) beat(ctx context.Context) error {
	var gone bool
	err := sqldb.QueryRow(ctx, c.bus.db, "SELECT gone_at > 0 FROM lexigram_event_groups WHERE id = $1", c.group).Scan(&gone)
	if errors.Is(err, sqldb.ErrNoRows) {
		gone, err = true, nil
	}
	if gone {
		c.fail(events.ErrClosed.Wrap(nil, "sqlevents: group %q has gone: it was forgotten, or its consumer was silent for two leases", c.sub.Group))
		c.pump.Stop()
	}
	if err != nil || gone {
		return err
	}
	return c.bus.alive(ctx, c)
}

// leave takes c off its group, and the group with it if it has no name.
func (b *Bus) leave(ctx context.Context, c *consumer) error {
	if c.group == 0 {
		return nil // it never joined
	}
	if _, err := b.db.Exec(ctx, "DELETE FROM lexigram_event_consumers WHERE id = $1", c.id); err != nil {
		return err
	}
	if c.sub.Group != "" {
		return nil
	}
	if err := b.end(ctx, c.group); err != nil {
		return err
	}
	_, err := b.empty(ctx, c.group)
	return err
}

// end has nothing more published to the group.
func (b *Bus) end(ctx context.Context, group int64) error {
	return b.db.InTx(ctx, func(ctx context.Context) error {
		n, err := b.db.Exec(ctx, "UPDATE lexigram_event_groups SET name = '', gone_at = $2 WHERE id = $1 AND gone_at = 0", group, b.opts.Clock.Now().UnixMicro())
		if err != nil || n == 0 {
			return err
		}
		return b.changed(ctx)
	})
}

// empty deletes the queue of a group, in small batches, and returns how many
// events had waited in it.
func (b *Bus) empty(ctx context.Context, group int64) (waited int64, err error) {
	const some = " AND seq IN (SELECT seq FROM " + table + " WHERE group_id = $1 AND status"
	for _, status := range []string{" = 0", " <> 0"} {
		for n := int64(batch); n == batch; {
			if n, err = b.db.Exec(ctx, "DELETE FROM "+table+" WHERE group_id = $1"+some+status+" LIMIT 500)", group); err != nil {
				return waited, err
			}
			if status == " = 0" {
				waited += n
			}
		}
	}
	return waited, nil
}

// batch is how many rows are deleted at once.
const batch = 500

// Forget ends a named group that has no consumer, with the events that wait for
// one and its dead letters, and returns how many events waited. A group that has
// a consumer anywhere is an error wrapping [events.ErrGroup]; one that does not
// exist is no error.
func (b *Bus) Forget(ctx context.Context, name string) (dropped int64, err error) {
	ctx = sqldb.Detach(ctx)
	var id int64
	err = b.db.InTx(ctx, func(ctx context.Context) error {
		if _, err := b.db.Exec(ctx, "UPDATE lexigram_event_version SET version = version WHERE id = 1"); err != nil {
			return err
		}
		var others int64
		err := sqldb.QueryRow(ctx, b.db, `SELECT id, (SELECT COUNT(*) FROM lexigram_event_consumers c WHERE c.group_id = g.id AND c.alive_until > $2)
			FROM lexigram_event_groups g WHERE name = $1 AND name <> ''`, name, b.opts.Clock.Now().UnixMicro()).Scan(&id, &others)
		switch {
		case errors.Is(err, sqldb.ErrNoRows):
			id = 0
			return nil
		case err != nil:
			return err
		case others > 0:
			return events.ErrGroup.Wrap(nil, "sqlevents: forget group %q: stop its %d consumers first: group subscribed", name, others)
		}
		return b.end(ctx, id)
	})
	if err == nil && id != 0 {
		dropped, err = b.empty(ctx, id)
	}
	if err != nil && !errors.Is(err, events.ErrGroup) {
		err = events.Err.Wrap(err, "sqlevents: forget group %q", name)
	}
	return dropped, err
}

// Purge forgets what nobody needs: events that were kept for Retention,
// consumers that have died, groups without a name whose consumer has, and,
// Retention later, what transactions in progress then had still given them.
// Every consumer does so once a minute.
func (b *Bus) Purge(ctx context.Context) error {
	if err := b.purge(sqldb.Detach(ctx)); err != nil {
		return events.Err.Wrap(err, "sqlevents: purge")
	}
	return nil
}

func (b *Bus) purge(ctx context.Context) error {
	now := b.opts.Clock.Now()
	if _, err := b.queue(0).Purge(ctx, now.Add(-b.opts.Retention)); err != nil {
		return err
	}
	if _, err := b.db.Exec(ctx, "DELETE FROM lexigram_event_consumers WHERE alive_until < $1", now.UnixMicro()); err != nil {
		return err
	}
	orphans, err := b.ids(ctx, `SELECT id FROM lexigram_event_groups g WHERE name = '' AND gone_at = 0
		AND NOT EXISTS (SELECT 1 FROM lexigram_event_consumers c WHERE c.group_id = g.id)`)
	if err != nil {
		return err
	}
	for _, id := range orphans {
		if err := b.end(ctx, id); err != nil {
			return err
		}
	}
	gone, err := b.ids(ctx, "SELECT id FROM lexigram_event_groups WHERE gone_at > 0")
	if err != nil {
		return err
	}
	for _, id := range gone {
		if _, err := b.empty(ctx, id); err != nil {
			return err
		}
	}
	const old = " IN (SELECT id FROM lexigram_event_groups WHERE gone_at > 0 AND gone_at < $1)"
	for _, sql := range []string{"DELETE FROM " + table + "_claim WHERE id" + old, "DELETE FROM lexigram_event_groups WHERE id" + old} {
		if _, err := b.db.Exec(ctx, sql, now.Add(-b.opts.Retention).UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bus) ids(ctx context.Context, sql string) (all []int64, err error) {
	scan := func(rows sqldb.Rows) (id int64, err error) { return id, rows.Scan(&id) }
	for id, err := range sqldb.Select(ctx, b.db, scan, sql) {
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}
