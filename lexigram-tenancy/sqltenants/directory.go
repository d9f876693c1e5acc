// Package sqltenants keeps tenants in a table of any [sqldb.DB]. Apply
// [Migrations] first.
package sqltenants

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/draft"
)

// A Directory is a [tenancy.Directory] in a database. It joins the transaction
// of its context, if there is one: a tenant and its first rows commit together.
// It is safe for concurrent use as the database is, keeps nothing in memory
// and starts no goroutine. Errors of the database are wrapped with
// [tenancy.Err] and keep their sentinels. Make one with [New].
type Directory struct{ db sqldb.DB }

var _ tenancy.Directory = (*Directory)(nil)

// New returns the Directory of db. It does no I/O.
func New(db sqldb.DB) *Directory { return &Directory{db: db} }

const columns = "id, slug, name, status, metadata, created"

// Find returns the tenant, or an error wrapping [tenancy.ErrNotFound].
func (d *Directory) Find(ctx context.Context, ref tenancy.Ref) (tenancy.Info, error) {
	by := "id"
	if ref.ID == "" {
		by = "slug"
	}
	// what cannot be a tenant is not asked for: databases differ in what text they take
	if tenancy.CheckID(tenancy.ID(ref.String())) != nil {
		if err := ctx.Err(); err != nil {
			return tenancy.Info{}, tenancy.Err.Wrap(context.Cause(ctx), "sqltenants: find %.70q", ref)
		}
		return tenancy.Info{}, tenancy.ErrNotFound.Wrap(nil, "sqltenants: find %.70q", ref)
	}
	for t, err := range sqldb.Select(ctx, d.db, scan, "SELECT "+columns+" FROM lexigram_tenants WHERE "+by+" = $1", ref.String()) {
		if err != nil {
			return tenancy.Info{}, tenancy.Err.Wrap(err, "sqltenants: find %q", ref)
		}
		return t, nil
	}
	return tenancy.Info{}, tenancy.ErrNotFound.Wrap(nil, "sqltenants: find %q", ref)
}

// Create adds a tenant, or returns an error wrapping [tenancy.ErrSlug],
// [tenancy.ErrID] or [tenancy.ErrInfo]. A slug that is taken does not fail the transaction of ctx.
func (d *Directory) Create(ctx context.Context, t tenancy.Info) (tenancy.Info, error) {
	t, err := draft.Complete(t)
	if err != nil {
		return tenancy.Info{}, err
	}
	metadata, err := json.Marshal(t.Metadata)
	if err != nil {
		return tenancy.Info{}, tenancy.Err.Wrap(err, "sqltenants: metadata of %q", t.Slug)
	}
	n, err := d.db.Exec(ctx, "INSERT INTO lexigram_tenants ("+columns+") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
		string(t.ID), t.Slug, t.Name, string(t.Status), string(metadata), t.Created.UnixMicro())
	if err != nil {
		return tenancy.Info{}, tenancy.Err.Wrap(err, "sqltenants: create %q", t.Slug)
	}
	if n == 0 {
		return tenancy.Info{}, tenancy.ErrSlug.Wrap(nil, "sqltenants: create %q", t.Slug)
	}
	return t, nil
}

// SetStatus changes a tenant's status, or returns an error wrapping
// [tenancy.ErrInfo] or [tenancy.ErrNotFound].
func (d *Directory) SetStatus(ctx context.Context, id tenancy.ID, s tenancy.Status) error {
	if err := tenancy.CheckStatus(s); err != nil {
		return err
	}
	if tenancy.CheckID(id) != nil {
		if ctx.Err() != nil {
			return tenancy.Err.Wrap(context.Cause(ctx), "sqltenants: set status of %.70q", id)
		}
		return tenancy.ErrNotFound.Wrap(nil, "sqltenants: set status of %.70q", id)
	}
	n, err := d.db.Exec(ctx, "UPDATE lexigram_tenants SET status = $2 WHERE id = $1", string(id), string(s))
	if err != nil {
		return tenancy.Err.Wrap(err, "sqltenants: set status of %q", id)
	}
	if n == 0 {
		return tenancy.ErrNotFound.Wrap(nil, "sqltenants: set status of %q", id)
	}
	return nil
}

const pageSize = 200

// List yields the tenants by slug, page by page: no rows stay open while the
// loop's body runs, so it may run statements of the same transaction. A tenant
// that is created meanwhile may be missing.
func (d *Directory) List(ctx context.Context) iter.Seq2[tenancy.Info, error] {
	return func(yield func(tenancy.Info, error) bool) {
		after := ""
		for {
			page, err := d.page(ctx, after)
			if err != nil {
				yield(tenancy.Info{}, tenancy.Err.Wrap(err, "sqltenants: list"))
				return
			}
			for _, t := range page {
				if !yield(t, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			after = page[len(page)-1].Slug
		}
	}
}

func (d *Directory) page(ctx context.Context, after string) ([]tenancy.Info, error) {
	var page []tenancy.Info
	for t, err := range sqldb.Select(ctx, d.db, scan,
		"SELECT "+columns+" FROM lexigram_tenants WHERE slug > $1 ORDER BY slug LIMIT $2", after, pageSize) {
		if err != nil {
			return nil, err
		}
		page = append(page, t)
	}
	return page, nil
}

func scan(rows sqldb.Rows) (tenancy.Info, error) {
	var t tenancy.Info
	var id, status, metadata string
	var created int64
	if err := rows.Scan(&id, &t.Slug, &t.Name, &status, &metadata, &created); err != nil {
		return t, err
	}
	t.ID, t.Status, t.Created = tenancy.ID(id), tenancy.Status(status), time.UnixMicro(created).UTC()
	if err := json.Unmarshal([]byte(metadata), &t.Metadata); err != nil {
		return t, fmt.Errorf("metadata of tenant %q: %w", id, err)
	}
	return t, nil
}
