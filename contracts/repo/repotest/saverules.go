package repotest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/repo"
)

var saveRules = []rule{
	{
		name: "save and get",
		says: "Save inserts an entity and sets its key and version; Get returns the entity with the key",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, len(names))
			if err != nil {
				return err
			}
			seen := map[int64]bool{0: true}
			for i, it := range all {
				if seen[it.ID] || it.Version != 1 || it.Name != names[i] {
					return fmt.Errorf("after Save: %s, want a new key and version 1", show(it))
				}
				seen[it.ID] = true
				if err := holds(ctx, r, it); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "get of none",
		says: "Get returns an error wrapping ErrNotFound if no entity has the key",
		check: func(ctx context.Context, r Items) error {
			if i, err := r.Get(ctx, 1<<40); !errors.Is(err, repo.ErrNotFound) || !errors.Is(err, repo.Err) || i.ID != 0 {
				return fmt.Errorf("Get of none = %s, %w, want ErrNotFound", show(i), err)
			}
			return nil
		},
	},
	{
		name: "the zero key",
		says: "The zero key is ErrKey: it is never every entity",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 2)
			if err != nil {
				return err
			}
			_, errGet := r.Get(ctx, 0)
			_, errDelete := r.Delete(ctx, 0)
			update := Item{Code: "x", Version: 1}
			for method, err := range map[string]error{"Get": errGet, "Delete": errDelete, "Save in version 1": r.Save(ctx, &update)} {
				if !errors.Is(err, repo.ErrKey) {
					return fmt.Errorf("%s of the zero key = %w, want ErrKey", method, err)
				}
			}
			if b, ok := r.(repo.Batcher[Item, int64]); ok {
				if _, err := b.DeleteMany(ctx, []int64{all[0].ID, 0}); !errors.Is(err, repo.ErrKey) && !errors.Is(err, errors.ErrUnsupported) {
					return fmt.Errorf("DeleteMany with the zero key = %w, want ErrKey", err)
				}
			}
			return finds(ctx, r, repo.Query{}, all)
		},
	},
	{
		name: "update",
		says: "Save updates an entity that is still in its version, and it is one higher afterwards",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 3)
			if err != nil {
				return err
			}
			rank := int64(-1 << 62)
			it := all[1]
			it.Name, it.Rank, it.Score, it.At = "new", &rank, -2.5, time.Date(1, 2, 3, 4, 5, 6, 7000, time.FixedZone("", 3600))
			if err := r.Save(ctx, &it); err != nil {
				return err
			}
			if it.Version != 2 {
				return fmt.Errorf("after the update: version %d, want 2", it.Version)
			}
			again := it
			again.Rank = nil
			if err := r.Save(ctx, &again); err != nil || again.Version != 3 {
				return fmt.Errorf("second update: version %d, %w", again.Version, err)
			}
			return errors.Join(holds(ctx, r, all[0]), holds(ctx, r, again), holds(ctx, r, all[2]))
		},
	},
	{
		name: "optimistic locking",
		says: "An update of an entity that is not in that version is a ConflictError, and nothing has changed",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 2)
			if err != nil {
				return err
			}
			mine, theirs := all[0], all[0]
			theirs.Name = "theirs"
			if err := r.Save(ctx, &theirs); err != nil {
				return err
			}
			gone := Item{ID: 1 << 40, Code: "gone", Version: 7}
			for _, it := range []Item{mine, gone} {
				before := it
				err := r.Save(ctx, &it)
				c, ok := errors.AsType[*repo.ConflictError](err)
				if !ok || !errors.Is(err, repo.ErrConflict) || c.Key != any(it.ID) || c.Expected != before.Version || c.Entity == "" {
					return fmt.Errorf("Save of %s in an old version = %w, want a ConflictError that says so", show(before), err)
				}
				if !same(it, before) {
					return fmt.Errorf("after the conflict the entity is %s, want %s", show(it), show(before))
				}
			}
			return errors.Join(holds(ctx, r, theirs), finds(ctx, r, repo.Query{}, all))
		},
	},
	{
		name: "what exists",
		says: "Save of version 0 whose key, or another value that is unique, is taken, is ErrExists, and nothing has changed",
		check: func(ctx context.Context, r Items) error {
			all, err := fill(ctx, r, 2)
			if err != nil {
				return err
			}
			key := item(7)
			key.ID = all[0].ID
			code := item(8)
			code.Code = all[1].Code
			for _, it := range []Item{key, code} {
				before := it
				if err := r.Save(ctx, &it); !errors.Is(err, repo.ErrExists) {
					return fmt.Errorf("Save of %s = %w, want ErrExists", show(before), err)
				}
				if !same(it, before) {
					return fmt.Errorf("after ErrExists the entity is %s, want %s", show(it), show(before))
				}
			}
			taken := all[0]
			taken.Code = all[1].Code
			if err := r.Save(ctx, &taken); !errors.Is(err, repo.ErrExists) || taken.Version != 1 {
				return fmt.Errorf("an update to a code that is taken = %w, want ErrExists", err)
			}
			return errors.Join(holds(ctx, r, all[0]), holds(ctx, r, all[1]))
		},
	},
	{
		name: "ConcurrentSafe",
		says: "A Writer is safe for concurrent use: of several updates of one version, one is done",
		check: func(ctx context.Context, r Items) error {
			it := item(0)
			if err := r.Save(ctx, &it); err != nil {
				return err
			}
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for n := range errs {
				wg.Go(func() {
					for range 5 {
						errs[n] = errors.Join(errs[n], add(ctx, r, it.ID))
					}
				})
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				return err
			}
			got, err := r.Get(ctx, it.ID)
			if err != nil || got.Score != 20 || got.Version != 21 {
				return fmt.Errorf("after 20 updates: %s, %w, want score 20 and version 21", show(got), err)
			}
			return nil
		},
	},
}

// add adds 1 to the score of an item, however often that takes.
func add(ctx context.Context, r Items, id int64) error {
	for {
		it, err := r.Get(ctx, id)
		if err != nil {
			return err
		}
		it.Score++
		if err = r.Save(ctx, &it); !errors.Is(err, repo.ErrConflict) {
			return err
		}
	}
}
