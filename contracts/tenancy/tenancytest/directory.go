package tenancytest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

var directoryRules = []rule[tenancy.Directory]{
	{
		name: "find",
		says: "Find returns the tenant, by its ID or, if that is empty, by its slug",
		check: func(ctx context.Context, d tenancy.Directory) error {
			a, b, err := two(ctx, d)
			if err != nil {
				return err
			}
			for ref, want := range map[tenancy.Ref]tenancy.Info{
				{ID: a.ID}: a, {Slug: a.Slug}: a, {ID: b.ID}: b, {Slug: b.Slug}: b, {ID: a.ID, Slug: b.Slug}: a,
			} {
				if err := finds(ctx, d, ref, want); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "not found",
		says: "or an error wrapping ErrNotFound; an empty ref is one too",
		check: func(ctx context.Context, d tenancy.Directory) error {
			a, _, err := two(ctx, d)
			if err != nil {
				return err
			}
			for _, ref := range []tenancy.Ref{
				{},
				{ID: "absent"},
				{Slug: "absent"},
				{ID: "absent", Slug: a.Slug},
				{ID: tenancy.ID(a.Slug)},
				{Slug: string(a.ID)},
				{ID: "' OR 1=1 --"},
				{Slug: strings.ToUpper(a.Slug)},
				{Slug: a.Slug + "\x00"},
				{ID: "%"},
				{Slug: strings.Repeat("x", 10_000)},
				{ID: "\xff"},
			} {
				if t, err := d.Find(ctx, ref); !errors.Is(err, tenancy.ErrNotFound) {
					return fmt.Errorf("Find(%.40q) = %+v, %v, want ErrNotFound", ref, t, err)
				}
			}
			return nil
		},
	},
	{name: "defaults", says: "an empty ID is set to a random one, an empty Slug to the ID, an empty Name to the slug, an empty Status to Active, and Created to now", check: checkDefaults},
	{
		name: "keeps what it is given",
		says: "Create adds a tenant",
		check: func(ctx context.Context, d tenancy.Directory) error {
			in := tenancy.Info{ID: "0", Slug: "z-1", Name: "Žofia & \"Söhne\" 🦊\n", Status: tenancy.Suspended, Metadata: map[string]string{"plan": "gold", "": "é\r\n"}}
			made, err := d.Create(ctx, in)
			if err != nil {
				return fmt.Errorf("Create: %w", err)
			}
			in.Created = made.Created
			if !equal(made, in) {
				return fmt.Errorf("Create = %+v, want %+v", made, in)
			}
			return finds(ctx, d, tenancy.Ref{ID: "0"}, in)
		},
	},
	{
		name: "slug is taken",
		says: "it returns an error wrapping ErrSlug if the slug or the ID is taken",
		check: func(ctx context.Context, d tenancy.Directory) error {
			return taken(ctx, d, func(t *tenancy.Info) { t.ID = "another" })
		},
	},
	{
		name: "id is taken",
		says: "it returns an error wrapping ErrSlug if the slug or the ID is taken",
		check: func(ctx context.Context, d tenancy.Directory) error {
			return taken(ctx, d, func(t *tenancy.Info) { t.Slug = "another" })
		},
	},
	{name: "race for a slug", says: "also by another process at the same time", check: checkRace},
	{
		name: "invalid",
		says: "and ErrID for what CheckID refuses",
		check: func(ctx context.Context, d tenancy.Directory) error {
			for _, t := range []tenancy.Info{{ID: "A"}, {ID: "a/b"}, {ID: "-a"}, {Slug: "a b"}, {Slug: "a-"}, {ID: "ok", Slug: "."}, {Slug: strings.Repeat("a", 64)}} {
				if _, err := d.Create(ctx, t); !errors.Is(err, tenancy.ErrID) {
					return fmt.Errorf("Create(ID %q, Slug %q) = %v, want ErrID", t.ID, t.Slug, err)
				}
			}
			return lists(ctx, d)
		},
	},
	{
		name: "invalid parts",
		says: "and ErrInfo for what CheckInfo refuses",
		check: func(ctx context.Context, d tenancy.Directory) error {
			for _, t := range []tenancy.Info{
				{Slug: "a", Name: "a\x00"},
				{Slug: "a", Name: "\xff"},
				{Slug: "a", Status: "enabled"},
				{Slug: "a", Metadata: map[string]string{"plan": "caf\xc3"}},
				{Slug: "a", Metadata: map[string]string{"\x00": ""}},
			} {
				if _, err := d.Create(ctx, t); !errors.Is(err, tenancy.ErrInfo) {
					return fmt.Errorf("Create(%.200q) = %v, want ErrInfo", fmt.Sprint(t), err)
				}
			}
			return lists(ctx, d)
		},
	},
	{
		name: "unknown status",
		says: "SetStatus returns an error wrapping ErrInfo for what CheckStatus refuses",
		check: func(ctx context.Context, d tenancy.Directory) error {
			a, _, err := two(ctx, d)
			if err != nil {
				return err
			}
			for _, s := range []tenancy.Status{"", "enabled", "Active"} {
				if err := d.SetStatus(ctx, a.ID, s); !errors.Is(err, tenancy.ErrInfo) {
					return fmt.Errorf("SetStatus(%q) = %v, want ErrInfo", s, err)
				}
			}
			return finds(ctx, d, tenancy.Ref{ID: a.ID}, a)
		},
	},
	{
		name: "status",
		says: "SetStatus changes a tenant's status; Find returns the tenant, whatever its status",
		check: func(ctx context.Context, d tenancy.Directory) error {
			a, b, err := two(ctx, d)
			if err != nil {
				return err
			}
			for _, s := range []tenancy.Status{tenancy.Suspended, tenancy.Suspended, tenancy.Inactive, tenancy.Provisioning, tenancy.Active} {
				if err := d.SetStatus(ctx, a.ID, s); err != nil {
					return fmt.Errorf("SetStatus(%s): %w", s, err)
				}
				a.Status = s
				if err := errors.Join(finds(ctx, d, tenancy.Ref{ID: a.ID}, a), finds(ctx, d, tenancy.Ref{ID: b.ID}, b)); err != nil {
					return fmt.Errorf("after SetStatus(%s): %w", s, err)
				}
			}
			return nil
		},
	},
	{
		name: "status of none",
		says: "or returns an error wrapping ErrNotFound",
		check: func(ctx context.Context, d tenancy.Directory) error {
			a, _, err := two(ctx, d)
			if err != nil {
				return err
			}
			for _, id := range []tenancy.ID{"absent", "", tenancy.ID(a.Slug), "\xff"} {
				if err := d.SetStatus(ctx, id, tenancy.Active); !errors.Is(err, tenancy.ErrNotFound) {
					return fmt.Errorf("SetStatus(%q) = %v, want ErrNotFound", id, err)
				}
			}
			return nil
		},
	},
	{name: "list", says: "List yields all tenants by slug, in byte order", check: checkList},
	{name: "leaving the list", says: "List yields all tenants by slug", check: checkLeaving},
	{name: "ended context", says: "a ctx that has ended is an error wrapping its cause from every method", check: checkEnded},
}

// two creates two tenants whose IDs and slugs all differ.
func two(ctx context.Context, d tenancy.Directory) (a, b tenancy.Info, err error) {
	a, err = d.Create(ctx, tenancy.Info{ID: "id-a", Slug: "acme", Metadata: map[string]string{"plan": "gold"}})
	if err != nil {
		return a, b, fmt.Errorf("Create: %w", err)
	}
	if b, err = d.Create(ctx, tenancy.Info{ID: "id-b", Slug: "beta"}); err != nil {
		err = fmt.Errorf("Create: %w", err)
	}
	return a, b, err
}

func finds(ctx context.Context, d tenancy.Directory, ref tenancy.Ref, want tenancy.Info) error {
	got, err := d.Find(ctx, ref)
	if err != nil || !equal(got, want) {
		return fmt.Errorf("Find(ID %q, Slug %q) = %+v, %v, want %+v", ref.ID, ref.Slug, got, err, want)
	}
	return nil
}

func equal(a, b tenancy.Info) bool {
	same := maps.Equal(a.Metadata, b.Metadata) && a.Created.Equal(b.Created)
	return same && a.ID == b.ID && a.Slug == b.Slug && a.Name == b.Name && a.Status == b.Status
}

// lists checks that the slugs of all tenants are want.
func lists(ctx context.Context, d tenancy.Directory, want ...string) error {
	var got []string
	for t, err := range d.List(ctx) {
		if err != nil {
			return fmt.Errorf("List: %w", err)
		}
		got = append(got, t.Slug)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("List yields %.200q, want %.200q", got, want)
	}
	return nil
}

func checkDefaults(ctx context.Context, d tenancy.Directory) error {
	before := time.Now()
	seen := map[tenancy.ID]bool{}
	for range 3 {
		t, err := d.Create(ctx, tenancy.Info{Created: time.Unix(0, 0)})
		if err != nil {
			return fmt.Errorf("Create: %w", err)
		}
		if err := tenancy.CheckID(t.ID); err != nil || seen[t.ID] || len(t.ID) < 16 {
			return fmt.Errorf("Create gives the ID %q, which is invalid, used or short", t.ID)
		}
		seen[t.ID] = true
		if t.Slug != string(t.ID) || t.Name != t.Slug || t.Status != tenancy.Active {
			return fmt.Errorf("Create(empty) = %+v", t)
		}
		if t.Created.Before(before.Add(-time.Second)) || t.Created.After(time.Now().Add(time.Second)) {
			return fmt.Errorf("Created is %v, now is %v", t.Created, time.Now())
		}
		if err := finds(ctx, d, tenancy.Ref{Slug: t.Slug}, t); err != nil {
			return err
		}
	}
	t, err := d.Create(ctx, tenancy.Info{Slug: "acme"})
	if err != nil || t.Name != "acme" || t.ID == "acme" || t.ID == "" {
		return fmt.Errorf("Create(Slug: acme) = %+v, %v", t, err)
	}
	return nil
}

// taken creates a tenant, and another one that change makes differ in part.
func taken(ctx context.Context, d tenancy.Directory, change func(*tenancy.Info)) error {
	first, err := d.Create(ctx, tenancy.Info{ID: "id-a", Slug: "acme", Name: "First"})
	if err != nil {
		return fmt.Errorf("Create: %w", err)
	}
	second := tenancy.Info{ID: "id-a", Slug: "acme", Name: "Second"}
	change(&second)
	if _, err := d.Create(ctx, second); !errors.Is(err, tenancy.ErrSlug) {
		return fmt.Errorf("Create(ID %q, Slug %q) beside ID %q, Slug %q = %v, want ErrSlug", second.ID, second.Slug, first.ID, first.Slug, err)
	}
	return errors.Join(finds(ctx, d, tenancy.Ref{ID: first.ID}, first), finds(ctx, d, tenancy.Ref{Slug: first.Slug}, first), lists(ctx, d, "acme"))
}

func checkRace(ctx context.Context, d tenancy.Directory) error {
	const racers = 8
	for round := range 5 {
		slug := fmt.Sprintf("slug-%d", round)
		results := make(chan error, racers)
		for range racers {
			go func() { _, err := d.Create(ctx, tenancy.Info{Slug: slug}); results <- err }()
		}
		won := 0
		var other error
		for range racers {
			switch err := <-results; {
			case err == nil:
				won++
			case !errors.Is(err, tenancy.ErrSlug):
				other = err
			}
		}
		if won != 1 || other != nil {
			return fmt.Errorf("%d of %d Creates of one slug at the same time succeed (want 1); other errors: %v", won, racers, other)
		}
	}
	return nil
}

func checkList(ctx context.Context, d tenancy.Directory) error {
	if err := lists(ctx, d); err != nil {
		return err
	}
	want := []string{"0", "a", "a-b", "a0", "ab", "b", "b-a"} // "-" < digits < letters: not the order of people
	for _, i := range []int{3, 0, 6, 2, 5, 1, 4} {
		if _, err := d.Create(ctx, tenancy.Info{Slug: want[i], Status: tenancy.Inactive}); err != nil {
			return fmt.Errorf("Create: %w", err)
		}
	}
	if err := lists(ctx, d, want...); err != nil {
		return err
	}
	for i := range 450 { // more than a page of anybody
		slug := fmt.Sprintf("t%03d", i)
		if _, err := d.Create(ctx, tenancy.Info{Slug: slug}); err != nil {
			return fmt.Errorf("Create: %w", err)
		}
		want = append(want, slug)
	}
	return lists(ctx, d, want...)
}

func checkLeaving(ctx context.Context, d tenancy.Directory) error {
	if _, _, err := two(ctx, d); err != nil {
		return err
	}
	calls := 0
	d.List(ctx)(func(_ tenancy.Info, err error) bool { calls++; return false })
	if calls != 1 {
		return fmt.Errorf("a loop that was left at once got %d tenants", calls)
	}
	for t, err := range d.List(ctx) { // the body may use the directory
		if err != nil {
			return fmt.Errorf("List: %w", err)
		}
		if err := d.SetStatus(ctx, t.ID, tenancy.Inactive); err != nil {
			return fmt.Errorf("SetStatus while listing: %w", err)
		}
	}
	return nil
}

func checkEnded(ctx context.Context, d tenancy.Directory) error {
	a, _, err := two(ctx, d)
	if err != nil {
		return err
	}
	cause := errors.New("the caller gave up")
	gone, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	_, findErr := d.Find(gone, tenancy.Ref{ID: a.ID})
	_, createErr := d.Create(gone, tenancy.Info{Slug: "gamma"})
	for what, err := range map[string]error{"Find": findErr, "Create": createErr, "SetStatus": d.SetStatus(gone, a.ID, tenancy.Inactive)} {
		if !errors.Is(err, cause) {
			return fmt.Errorf("%s(ended ctx) = %v, want its cause", what, err)
		}
	}
	n := 0
	for t, err := range d.List(gone) {
		if n++; n > 1 || !errors.Is(err, cause) || t.ID != "" {
			return fmt.Errorf("List(ended ctx) yields %+v, %v, want its cause alone", t, err)
		}
	}
	if n == 0 {
		return errors.New("List(ended ctx) yields nothing, want its cause")
	}
	return errors.Join(finds(ctx, d, tenancy.Ref{ID: a.ID}, a), lists(ctx, d, "acme", "beta"))
}
