package loading

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

const maxTags = 16

// errTag reports tags that are more than 16, or one that is not 1 to 255 bytes.
var errTag = errors.New("loading: tags are not at most 16 of 1 to 255 bytes")

func checkTags(tags []string) error {
	if len(tags) > maxTags {
		return errTag
	}
	for _, t := range tags {
		if len(t) == 0 || len(t) > 255 {
			return errTag
		}
	}
	return nil
}

// tags returns those of every entry and those of a call, each once.
func (c *Cache[T]) tags(opts []Option) ([]string, error) {
	if len(opts) == 0 {
		return c.opts.Tags, nil
	}
	all := slices.Clone(c.opts.Tags)
	for _, o := range opts {
		all = append(all, o.tag)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all, checkTags(all)
}

// newGeneration returns one that was never drawn.
func newGeneration() (g generation) {
	_, _ = rand.Read(g[:]) // never fails
	return g
}

// groupTTL is how long a generation is kept, which is renewed by the fills of its
// group: longer than every entry of it. One that has gone ends its group, as a
// new one does. Where it cannot be renewed in one step it is kept for ever: to
// write it again might undo that the group was ended.
func (c *Cache[T]) groupTTL() time.Duration {
	if c.swapper == nil {
		return 0
	}
	return 2 * (c.opts.TTL + c.opts.StaleIfError)
}

// In the store a generation is followed by when it was written or renewed.
const storedGeneration = len(generation{}) + 8

func (g generation) store() []byte {
	return binary.BigEndian.AppendUint64(g[:], uint64(time.Now().UnixMilli()))
}

// readGeneration returns a generation and how long ago it was written or renewed.
func readGeneration(raw []byte) (g generation, age time.Duration, ok bool) {
	if len(raw) != storedGeneration {
		return g, 0, false
	}
	written := time.UnixMilli(int64(binary.BigEndian.Uint64(raw[len(g):])))
	return generation(raw[:len(g)]), time.Since(written), true
}

// generations returns the generation of each tag, and begins those that have none.
func (c *Cache[T]) generations(ctx context.Context, tenant tenancy.ID, tags []string) ([]tagged, error) {
	if len(tags) == 0 {
		return nil, nil
	}
	keys := make([]string, len(tags))
	for i, t := range tags {
		keys[i] = c.physical(tenant, kindTag, t)
	}
	found, err := cache.GetMany(ctx, c.store, keys)
	if err != nil {
		return nil, err
	}
	all := make([]tagged, len(tags))
	for i, t := range tags {
		all[i].tag = t
		raw := found[keys[i]]
		if g, age, ok := readGeneration(raw); ok {
			all[i].generation = g
			c.prolong(ctx, keys[i], g, raw, age)
			continue
		}
		if all[i].generation, err = c.begin(ctx, keys[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// prolong renews a generation of which half the ttl has passed.
func (c *Cache[T]) prolong(ctx context.Context, key string, g generation, raw []byte, age time.Duration) {
	ttl := c.groupTTL()
	if ttl == 0 || age < ttl/2 {
		return
	}
	err := c.swapper.Swap(ctx, key, raw, g.store(), ttl)
	if err != nil && !errors.Is(err, cache.ErrChanged) && !errors.Is(err, errors.ErrUnsupported) && ctx.Err() == nil {
		c.report(ctx, "failed", "", err)
	}
}

// begin starts the generation under key, or returns the one that another started.
func (c *Cache[T]) begin(ctx context.Context, key string) (generation, error) {
	g := newGeneration()
	err := errors.ErrUnsupported
	if c.swapper != nil {
		err = c.swapper.Create(ctx, key, g.store(), c.groupTTL())
	}
	if errors.Is(err, errors.ErrUnsupported) {
		err = c.store.Set(ctx, key, g.store(), 0) // see groupTTL
	}
	if !errors.Is(err, cache.ErrChanged) {
		return g, err
	}
	raw, err := c.store.Get(ctx, key)
	theirs, _, ok := readGeneration(raw)
	if err == nil && !ok {
		err = errFormat
	}
	return theirs, err
}

// ForgetTags ends the entries of every group named in tags, of the tenant of
// ctx, in one write for each group, however many entries it has: they are not
// looked for but no longer used. A load of such an entry that began before is
// not used either. The error is the store's: some groups may have ended then.
//
// A cache whose [Options].Tags are ["all"] is emptied for one tenant by
// ForgetTags(ctx, "all").
func (c *Cache[T]) ForgetTags(ctx context.Context, tags ...string) error {
	tenant := c.tenant(ctx)
	if err := checkTenant(tenant); err != nil {
		return err
	}
	if err := checkTags(tags); err != nil {
		return cache.Err.Wrap(err, "loading: forget tags")
	}
	fresh := make(map[string][]byte, len(tags))
	for _, t := range tags {
		g := newGeneration()
		key := c.physical(tenant, kindTag, t)
		if err := cache.CheckKey(key); err != nil {
			return err
		}
		fresh[key] = g.store()
	}
	c.groundTags(tenant, tags)
	err := cache.SetMany(ctx, c.store, fresh, c.groupTTL())
	for _, t := range tags {
		c.local.dropTag(tenant, t)
	}
	return err
}

// groundTags takes the flights of tags away from those to come.
func (c *Cache[T]) groundTags(tenant tenancy.ID, tags []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r, f := range c.flights {
		if r.tenant == tenant && slices.ContainsFunc(f.tags, func(t string) bool { return slices.Contains(tags, t) }) {
			delete(c.flights, r)
		}
	}
}
