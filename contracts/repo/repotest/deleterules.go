package repotest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/repo"
)

// deletes checks what Delete reports.
func deletes(ctx context.Context, r Items, id int64, want bool) error {
	existed, err := r.Delete(ctx, id)
	if err != nil || existed != want {
		return fmt.Errorf("Delete(%d) = %v, %w, want %v", id, existed, err, want)
	}
	return nil
}

// conflict checks that err is the conflict of a version.
func conflict(err error, id, version int64) error {
	c, ok := errors.AsType[*repo.ConflictError](err)
	if !ok || !errors.Is(err, repo.ErrConflict) || c.Key != any(id) || c.Expected != version {
		return fmt.Errorf("%w (%T), want a ConflictError of %d in version %d", err, err, id, version)
	}
	return nil
}

var deleteRules = []rule{
	{
		name: "delete",
		says: "Delete removes the entity with the key and reports whether there was one",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 3)
			if err != nil {
				return err
			}
			if err := errors.Join(deletes(ctx, r, all[1].ID, true), deletes(ctx, r, all[1].ID, false), deletes(ctx, r, 1<<40, false)); err != nil {
				return err
			}
			if _, err := r.Get(ctx, all[1].ID); !errors.Is(err, repo.ErrNotFound) {
				return fmt.Errorf("Get of what was deleted = %w, want ErrNotFound", err)
			}
			return finds(ctx, r, repo.Query{}, []Item{all[0], all[2]})
		},
	},
	{
		name: "soft delete",
		says: "Softly deleted entities are absent unless a Query asks for them",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 3)
			if err != nil {
				return err
			}
			if err := deletes(ctx, r, all[0].ID, true); err != nil {
				return err
			}
			if n, err := r.Count(ctx, repo.Query{}); err != nil || n != 2 {
				return fmt.Errorf("Count = %d, %w, want 2", n, err)
			}
			if n, err := r.Count(ctx, repo.Query{Deleted: true}); err != nil || n != 3 {
				return fmt.Errorf("Count of the deleted ones too = %d, %w, want 3", n, err)
			}
			got, err := find(ctx, r, repo.Query{Deleted: true})
			if err != nil || len(got) != 3 || got[0].DeletedAt == nil || got[1].DeletedAt != nil {
				return fmt.Errorf("Find of the deleted ones too = %d, %w, want 3 of which the first says when", len(got), err)
			}
			return nil
		},
	},
	{
		name:     "delete of an old copy",
		optional: true,
		says:     "Remove does as Delete for an entity that is still in its version; otherwise, also if it is gone, the error is a ConflictError",
		check: func(ctx context.Context, r Items) error {
			rm, err := as[repo.Remover[Item]](r)
			if err != nil {
				return err
			}
			all, err := fill(ctx, r, 2)
			if err != nil {
				return err
			}
			old := all[0]
			all[0].Name = "renamed"
			if err := r.Save(ctx, &all[0]); err != nil {
				return err
			}
			if err := rm.Remove(ctx, &old); conflict(err, old.ID, 1) != nil {
				return fmt.Errorf("Remove of an old copy: %w", conflict(err, old.ID, 1))
			}
			fresh := all[0]
			if err := errors.Join(holds(ctx, r, all[0]), rm.Remove(ctx, &all[0]), finds(ctx, r, repo.Query{}, all[1:])); err != nil {
				return err
			}
			if !same(fresh, all[0]) {
				return fmt.Errorf("after Remove: %s, want %s", show(all[0]), show(fresh))
			}
			if err := rm.Remove(ctx, &fresh); conflict(err, fresh.ID, 2) != nil {
				return fmt.Errorf("Remove of what is gone: %w", conflict(err, fresh.ID, 2))
			}
			if err := rm.Remove(ctx, &Item{Version: 1}); !errors.Is(err, repo.ErrKey) {
				return fmt.Errorf("Remove without a key = %w, want ErrKey", err)
			}
			return finds(ctx, r, repo.Query{}, all[1:])
		},
	},
	{
		name: "an update after a delete",
		says: "An update of an entity that is gone is a ConflictError: it does not come back",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 1)
			if err != nil {
				return err
			}
			if err := deletes(ctx, r, all[0].ID, true); err != nil {
				return err
			}
			if err := r.Save(ctx, &all[0]); !errors.Is(err, repo.ErrConflict) {
				return fmt.Errorf("Save of what was deleted = %w, want ErrConflict", err)
			}
			return finds(ctx, r, repo.Query{}, nil)
		},
	},
}
