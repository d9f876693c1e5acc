package loading

import (
	"context"
	"encoding/json"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A Change is what is no longer so: the values under Keys and those of the groups Tags.
type Change struct {
	Keys []string `json:"keys,omitempty"`
	Tags []string `json:"tags,omitempty"`
}

// ForgetOnCommit forgets what is in ch once the transaction of ctx has committed
// ([sqldb.OnCommit]), at once without one, and never if it is rolled back: what
// others load before the commit is of before. It returns only what is wrong with
// ch; what the store fails to do then is counted and logged. A process that dies
// in between forgets nothing: for what must not be lost, see [Cache.Announce].
func (c *Cache[T]) ForgetOnCommit(ctx context.Context, ch Change) error {
	if err := c.checkChange(ctx, ch); err != nil {
		return err
	}
	sqldb.OnCommit(ctx, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if err := c.apply(ctx, ch); err != nil {
			c.report(ctx, "failed", "", err)
		}
	})
	return nil
}

func (c *Cache[T]) checkChange(ctx context.Context, ch Change) error {
	for _, k := range ch.Keys {
		if err := c.check(route{c.tenant(ctx), k}); err != nil {
			return err
		}
	}
	for _, t := range ch.Tags {
		if err := checkTags([]string{t}); err != nil {
			return cache.Err.Wrap(err, "loading: forget")
		}
	}
	return nil
}

// apply forgets what is in ch.
func (c *Cache[T]) apply(ctx context.Context, ch Change) error {
	if len(ch.Keys) > 0 {
		if err := c.Forget(ctx, ch.Keys...); err != nil {
			return err
		}
	}
	for _, t := range ch.Tags {
		if err := c.ForgetTags(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// EventChanged is the type of the events of [Cache.Announce].
const EventChanged = "cache.entries.changed"

// announced is the data of such an event, as JSON.
type announced struct {
	Cache string `json:"cache"` // Options.Name
	Change
}

// Announce publishes that ch is no longer so. Over a publisher that joins the
// transaction of ctx, such as an outbox, the event is there if and only if the
// transaction commits, and a crash loses neither. Subscribe [Cache.Heed], in one
// process of each that shares the store, to forget it then. The event is of the tenant of ctx.
func (c *Cache[T]) Announce(ctx context.Context, p events.Publisher, ch Change) error {
	if err := c.checkChange(ctx, ch); err != nil {
		return err
	}
	data, err := json.Marshal(announced{c.opts.Name, ch})
	if err != nil {
		return cache.Err.Wrap(err, "loading: announce")
	}
	ev := events.New("/lexigram/loading", EventChanged, data)
	if tenant := c.tenant(ctx); tenant != "" {
		ev.Headers = map[string]string{events.HeaderTenant: string(tenant)}
	}
	return p.Publish(ctx, ev)
}

// Heed is an [events.Handler] that forgets what [Cache.Announce] published of a
// cache with the Options.Name of c. Events of other caches and types are not its
// concern. It may be called again for one event. An error is the store's, or
// says that the event is malformed.
func (c *Cache[T]) Heed(ctx context.Context, ev events.Event) error {
	if ev.Type != EventChanged {
		return nil
	}
	var a announced
	if err := json.Unmarshal(ev.Data, &a); err != nil {
		return cache.Err.Wrap(err, "loading: event %q", ev.ID)
	}
	if a.Cache != c.opts.Name {
		return nil
	}
	if tenant := ev.Headers[events.HeaderTenant]; tenant != "" {
		ctx = tenancy.With(ctx, tenancy.ID(tenant))
	}
	return c.apply(ctx, a.Change)
}
