package tenancytest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A directory keeps every rule but the one that it is told to break.
type directory struct {
	breaks string
	mu     sync.Mutex
	all    []tenancy.Info
}

func (d *directory) begin(ctx context.Context) error {
	if ctx.Err() != nil && d.breaks != "ended context" {
		return context.Cause(ctx)
	}
	return nil
}

func (d *directory) Find(ctx context.Context, ref tenancy.Ref) (tenancy.Info, error) {
	if err := d.begin(ctx); err != nil {
		return tenancy.Info{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.all, func(t tenancy.Info) bool {
		if d.breaks == "find" {
			return t.ID == ref.ID || t.Slug == ref.Slug && ref.ID == "id-b"
		}
		return t.ID == ref.ID || ref.ID == "" && t.Slug == ref.Slug
	})
	if i < 0 && d.breaks == "not found" {
		return tenancy.Info{}, nil
	}
	if i < 0 {
		return tenancy.Info{}, tenancy.ErrNotFound
	}
	return d.all[i], nil
}

func (d *directory) Create(ctx context.Context, t tenancy.Info) (tenancy.Info, error) {
	if err := d.begin(ctx); err != nil {
		return t, err
	}
	t.ID = cmp.Or(t.ID, tenancy.ID(strings.ToLower(rand.Text())))
	t.Slug = cmp.Or(t.Slug, string(t.ID))
	t.Name, t.Status, t.Created = cmp.Or(t.Name, t.Slug), cmp.Or(t.Status, tenancy.Active), time.Now()
	broken := errors.Is(tenancy.CheckInfo(t), tenancy.ErrID) && d.breaks == "invalid" || d.breaks == "invalid parts"
	if err := tenancy.CheckInfo(t); err != nil && !broken {
		return t, err
	}
	switch d.breaks {
	case "defaults":
		t.Status = tenancy.Provisioning
	case "keeps what it is given":
		t.Metadata = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken(t) {
		return t, tenancy.ErrSlug
	}
	d.all = append(d.all, t)
	return t, nil
}

// taken lets others in between the look and the write if it is to lose races.
func (d *directory) taken(t tenancy.Info) bool {
	taken := slices.ContainsFunc(d.all, func(x tenancy.Info) bool {
		return x.ID == t.ID && d.breaks != "id is taken" || x.Slug == t.Slug && d.breaks != "slug is taken"
	})
	if d.breaks == "race for a slug" {
		d.mu.Unlock()
		time.Sleep(time.Millisecond)
		d.mu.Lock()
	}
	return taken
}

func (d *directory) SetStatus(ctx context.Context, id tenancy.ID, s tenancy.Status) error {
	if err := d.begin(ctx); err != nil {
		return err
	}
	if err := tenancy.CheckStatus(s); err != nil && d.breaks != "unknown status" {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.all {
		if d.all[i].ID == id || d.breaks == "status" {
			d.all[i].Status = s
			if d.breaks != "status" {
				return nil
			}
		}
	}
	if d.breaks == "status of none" || d.breaks == "status" {
		return nil
	}
	return tenancy.ErrNotFound
}

func (d *directory) List(ctx context.Context) iter.Seq2[tenancy.Info, error] {
	return func(yield func(tenancy.Info, error) bool) {
		if err := d.begin(ctx); err != nil {
			yield(tenancy.Info{}, err)
			return
		}
		d.mu.Lock()
		all := slices.Clone(d.all)
		d.mu.Unlock()
		if d.breaks != "list" {
			slices.SortFunc(all, func(a, b tenancy.Info) int { return strings.Compare(a.Slug, b.Slug) })
		}
		for _, t := range all {
			if !yield(t, nil) && d.breaks != "leaving the list" {
				return
			}
		}
	}
}

func TestBrokenDirectory(t *testing.T) {
	for _, r := range directoryRules {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), &directory{}); err != nil {
				t.Errorf("rule %q: the good directory: %v", r.name, err)
			}
			if err := r.check(t.Context(), &directory{breaks: r.name}); err == nil {
				t.Errorf("rule %q: the directory that breaks it passed", r.name)
			}
		})
	}
}

// A resolver reads a header, and breaks one rule if told to.
type resolver struct {
	breaks string
	busy   *atomic.Int64
}

func (r resolver) Resolve(_ context.Context, req *tenancy.Request) (tenancy.Ref, error) {
	if r.busy.Add(1) > 1 && r.breaks == "concurrent use" {
		return tenancy.Ref{}, errors.New("busy")
	}
	time.Sleep(time.Millisecond)
	defer r.busy.Add(-1)
	lines := req.Header["X-T"]
	if r.breaks == "request stays as it is" {
		req.Header.Del("X-T")
	}
	switch {
	case len(lines) == 0 && r.breaks == "none":
		return tenancy.Ref{}, nil
	case len(lines) == 0:
		return tenancy.Ref{}, tenancy.ErrNone
	case len(lines) > 1 && r.breaks != "wrong":
		return tenancy.Ref{}, tenancy.ErrResolution
	case r.breaks == "named":
		return tenancy.Ref{ID: "other"}, nil
	}
	return tenancy.Ref{ID: tenancy.ID(lines[0])}, nil
}

func TestBrokenResolver(t *testing.T) {
	cases := func() Cases {
		return Cases{
			Named: map[tenancy.Ref]tenancy.Request{{ID: "acme"}: {Header: http.Header{"X-T": {"acme"}}}},
			Wrong: []tenancy.Request{{Header: http.Header{"X-T": {"a", "b"}}}},
		}
	}
	for i, r := range resolverRules(cases()) {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), resolver{"", new(atomic.Int64)}); err != nil {
				t.Errorf("rule %q: the good resolver: %v", r.name, err)
			}
			if err := resolverRules(cases())[i].check(t.Context(), resolver{r.name, new(atomic.Int64)}); err == nil {
				t.Errorf("rule %q: the resolver that breaks it passed", r.name)
			}
		})
	}
	for _, r := range resolverRules(Cases{}) {
		if err := r.check(t.Context(), resolver{"", new(atomic.Int64)}); (r.name == "named" || r.name == "wrong") && err == nil {
			t.Errorf("rule %q passes without a case", r.name)
		}
	}
}

func TestSuites(t *testing.T) {
	RunDirectory(t, func(*testing.T) tenancy.Directory { return &directory{} })
}
