// Package memorytenants keeps tenants in memory: for tests, and for
// applications whose tenants stand in their configuration.
package memorytenants

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/draft"
)

// A Directory is a [tenancy.Directory] in memory; what it holds ends with the
// process. It is safe for concurrent use, copies what it is given and what it
// returns, and starts no goroutine. When ctx has ended, every method returns
// its cause and does nothing. Make one with [New].
type Directory struct {
	mu   sync.RWMutex
	byID map[tenancy.ID]tenancy.Info
	slug map[string]tenancy.ID
}

var _ tenancy.Directory = (*Directory)(nil)

// New returns an empty Directory.
func New() *Directory {
	return &Directory{byID: make(map[tenancy.ID]tenancy.Info), slug: make(map[string]tenancy.ID)}
}

// Find returns the tenant, or an error wrapping [tenancy.ErrNotFound].
func (d *Directory) Find(ctx context.Context, ref tenancy.Ref) (tenancy.Info, error) {
	if err := ended(ctx); err != nil {
		return tenancy.Info{}, err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	id := ref.ID
	if id == "" {
		id = d.slug[ref.Slug]
	}
	t, ok := d.byID[id]
	if !ok {
		return tenancy.Info{}, tenancy.ErrNotFound.Wrap(nil, "memorytenants: find %.70q", ref)
	}
	return clone(t), nil
}

// Create adds a tenant, or returns an error wrapping [tenancy.ErrSlug],
// [tenancy.ErrID] or [tenancy.ErrInfo].
func (d *Directory) Create(ctx context.Context, t tenancy.Info) (tenancy.Info, error) {
	if err := ended(ctx); err != nil {
		return tenancy.Info{}, err
	}
	t, err := draft.Complete(t)
	if err != nil {
		return tenancy.Info{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, idTaken := d.byID[t.ID]
	_, slugTaken := d.slug[t.Slug]
	if idTaken || slugTaken {
		return tenancy.Info{}, tenancy.ErrSlug.Wrap(nil, "memorytenants: create %q", t.Slug)
	}
	d.byID[t.ID], d.slug[t.Slug] = t, t.ID
	return clone(t), nil
}

// SetStatus changes a tenant's status, or returns an error wrapping
// [tenancy.ErrInfo] or [tenancy.ErrNotFound].
func (d *Directory) SetStatus(ctx context.Context, id tenancy.ID, s tenancy.Status) error {
	if err := tenancy.CheckStatus(s); err != nil {
		return err
	}
	if err := ended(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, ok := d.byID[id]
	if !ok {
		return tenancy.ErrNotFound.Wrap(nil, "memorytenants: set status of %.70q", id)
	}
	t.Status = s
	d.byID[id] = t
	return nil
}

// List yields the tenants that there are when iteration begins, by slug.
func (d *Directory) List(ctx context.Context) iter.Seq2[tenancy.Info, error] {
	return func(yield func(tenancy.Info, error) bool) {
		d.mu.RLock()
		all := slices.SortedFunc(maps.Values(d.byID), func(a, b tenancy.Info) int { return strings.Compare(a.Slug, b.Slug) })
		d.mu.RUnlock()
		for _, t := range all {
			if err := ended(ctx); err != nil {
				yield(tenancy.Info{}, err)
				return
			}
			if !yield(clone(t), nil) {
				return
			}
		}
		if err := ended(ctx); err != nil {
			yield(tenancy.Info{}, err)
		}
	}
}

func clone(t tenancy.Info) tenancy.Info {
	t.Metadata = maps.Clone(t.Metadata)
	return t
}

func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return tenancy.Err.Wrap(context.Cause(ctx), "memorytenants")
}
