package loading

import (
	"context"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A route is what callers must have in common to share a load.
type route struct {
	tenant tenancy.ID // "" without one
	key    string
}

// In the store a key is the prefix, the tenant, what it is of, and its name.
// Tenant IDs hold none of the three signs, so that keys of two tenants differ,
// whatever the names.
const (
	kindEntry   = '/'
	kindTag     = '#' // of a generation
	kindRefresh = '!' // of the lease under which an entry is refreshed that is still used
)

// tenant returns that of ctx, and none if tenants share what is loaded.
func (c *Cache[T]) tenant(ctx context.Context) tenancy.ID {
	if c.opts.Shared {
		return ""
	}
	id, _ := tenancy.From(ctx) // no tenant is one of its own
	return id
}

func checkTenant(id tenancy.ID) error {
	if id == "" {
		return nil
	}
	return tenancy.CheckID(id)
}

// physical returns a key of the store.
func (c *Cache[T]) physical(tenant tenancy.ID, kind byte, name string) string {
	return c.opts.Prefix + string(tenant) + string(rune(kind)) + name
}

// logical takes apart a key of the store. It reports false for one that is not of this cache.
func (c *Cache[T]) logical(key string) (tenant tenancy.ID, kind byte, name string, ok bool) {
	rest, ok := strings.CutPrefix(key, c.opts.Prefix)
	i := strings.IndexAny(rest, "/#!")
	if !ok || i < 0 || checkTenant(tenancy.ID(rest[:i])) != nil {
		return "", 0, "", false
	}
	return tenancy.ID(rest[:i]), rest[i], rest[i+1:], true
}

// check returns why r cannot be a key.
func (c *Cache[T]) check(r route) error {
	if r.key == "" {
		return cache.CheckKey("")
	}
	if err := checkTenant(r.tenant); err != nil {
		return err
	}
	return cache.CheckKey(c.physical(r.tenant, kindEntry, r.key))
}
