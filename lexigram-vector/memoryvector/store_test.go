package memoryvector

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

// random returns n points with payloads, always the same.
func random(n, dim int) []vector.Point {
	rng := rand.New(rand.NewPCG(1, 2))
	points := make([]vector.Point, n)
	for i := range points {
		v := make([]float32, dim)
		for j := range v {
			v[j] = rng.Float32()*2 - 1
		}
		points[i] = vector.Point{ID: fmt.Sprint(i), Vector: v, Payload: map[string]any{"n": i, "third": i % 3, "name": "some text"}}
	}
	return points
}

func filled(tb testing.TB, cfg Config, n, dim int) (*Store, vector.Collection) {
	tb.Helper()
	s := open(tb, cfg)
	c := must[vector.Collection](tb)(s.Create(tb.Context(), "c", vector.Config{Dimension: dim}))
	if err := c.Upsert(tb.Context(), random(n, dim)...); err != nil {
		tb.Fatal(err)
	}
	return s, c
}

func TestReopen(t *testing.T) {
	cfg := Config{Dir: t.TempDir(), NoSync: true}
	s, c := filled(t, cfg, 500, 16)
	if err := errors.Join(c.Delete(t.Context(), "3", "4"), c.Upsert(t.Context(), random(3, 16)...)); err != nil {
		t.Fatal(err)
	}
	q := vector.Query{Vector: random(1, 16)[0].Vector, Limit: 1_000, Vectors: true}
	want := must[[]vector.Match](t)(c.Search(t.Context(), q))
	if _, err := Open(cfg); !errors.Is(err, vector.Err) {
		t.Fatalf("second Open of the directory = %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, cfg)
	c = must[vector.Collection](t)(s.Open(t.Context(), "c"))
	if got := must[[]vector.Match](t)(c.Search(t.Context(), q)); !reflect.DeepEqual(got, want) || len(got) != 498 {
		t.Fatalf("%d matches after Open, want %d alike", len(got), len(want))
	}
	if err := s.Drop(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Dir, "*"+suffix)); err != nil || len(left) > 0 {
		t.Fatalf("%q is left after Drop, %v", left, err)
	}
}

// TestChurn replaces and deletes again and again: neither memory nor disk may grow with it.
func TestChurn(t *testing.T) {
	s, c := filled(t, Config{Dir: t.TempDir(), NoSync: true}, 1_000, 32)
	before := s.Stats()
	points := random(1_000, 32)
	for round := range 20 {
		for i := 0; i < len(points); i += 50 {
			if err := c.Upsert(t.Context(), points[i:i+50]...); err != nil {
				t.Fatal(err)
			}
		}
		for i := round; i < len(points); i += 7 {
			if err := c.Delete(t.Context(), points[i].ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Upsert(t.Context(), points...); err != nil {
		t.Fatal(err)
	}
	after := s.Stats()
	if after.Points != 1_000 || after.MemoryBytes > 3*before.MemoryBytes || after.DiskBytes > 3*before.DiskBytes {
		t.Fatalf("before %+v, after %+v", before, after)
	}
	if found := must[[]vector.Match](t)(c.Search(t.Context(), vector.Query{Vector: points[7].Vector, Limit: 1})); found[0].ID != "7" {
		t.Fatalf("found %v", found)
	}
	t.Logf("before %+v, after %+v", before, after)
}

// TestSnapshotConcurrentSafe searches while points are moved: each is found
// exactly once, at its old place or its new one.
func TestSnapshotConcurrentSafe(t *testing.T) {
	_, c := filled(t, Config{}, 300, 8)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				found, err := c.Search(t.Context(), vector.Query{Vector: make([]float32, 8), Limit: 1_000})
				if err != nil || len(found) != 300 {
					t.Errorf("%d points, %v, want 300", len(found), err)
					return
				}
			}
		})
	}
	for range 50 {
		if err := c.Upsert(t.Context(), random(300, 8)[100:]...); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
}

// TestParallel compares a scan of many chunks by several workers with one by hand.
func TestParallel(t *testing.T) {
	_, c := filled(t, Config{}, 12_000, 96)
	q := random(1, 96)[0].Vector
	for _, where := range []filter.Filter{nil, filter.Cmp{Field: "third", Op: filter.Eq, Value: 1}, filter.Cmp{Field: "n", Op: filter.Gt, Value: 50}} {
		all := must[[]vector.Match](t)(c.Search(t.Context(), vector.Query{Vector: q, Where: where, Limit: vector.MaxLimit}))
		some := must[[]vector.Match](t)(c.Search(t.Context(), vector.Query{Vector: q, Where: where, Limit: 25}))
		if !reflect.DeepEqual(some, all[:25]) {
			t.Errorf("Where %v: the best 25 are not the first 25 of all", where)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Search(ctx, vector.Query{Vector: q}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search = %v, want context.Canceled", err)
	}
}

func TestClosed(t *testing.T) {
	s, c := filled(t, Config{Dir: t.TempDir()}, 1, 2)
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	_, create := s.Create(t.Context(), "x", vector.Config{Dimension: 1})
	_, list := s.List(t.Context())
	_, search := c.Search(t.Context(), vector.Query{Vector: []float32{1, 0}})
	for op, err := range map[string]error{"Create": create, "List": list, "Search": search, "Upsert": c.Upsert(t.Context()), "Delete": c.Delete(t.Context()), "Drop": s.Drop(t.Context(), "c")} {
		if !errors.Is(err, vector.ErrClosed) || !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s after Close = %v, want ErrClosed", op, err)
		}
	}
	if r := s.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("health after Close = %+v", r)
	}
}

func TestHealth(t *testing.T) {
	dir := t.TempDir()
	s, c := filled(t, Config{Dir: dir}, 10, 2)
	if r := s.CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Fatalf("health = %+v", r)
	}
	// A journal whose file was closed under it stands for a disk that fails.
	if err := c.(*collection).log.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Upsert(t.Context(), vector.Point{ID: "new", Vector: []float32{1, 0}}); !errors.Is(err, vector.Err) {
		t.Fatalf("Upsert = %v", err)
	}
	if got := must[[]vector.Match](t)(c.Search(t.Context(), vector.Query{Vector: []float32{1, 0}, Limit: 100})); len(got) != 10 {
		t.Errorf("%d points, want the 10 that were stored", len(got))
	}
	if r := s.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("health = %+v", r)
	}
	_ = s.Close() // the journal is closed already
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkSearch(b *testing.B) {
	_, c := filled(b, Config{}, 10_000, 128)
	q := random(1, 128)[0].Vector
	for name, where := range map[string]filter.Filter{
		"all": nil, "third": filter.Cmp{Field: "third", Op: filter.Eq, Value: 0},
		"most": filter.Cmp{Field: "n", Op: filter.Gt, Value: 100}, "few": filter.Cmp{Field: "n", Op: filter.Lt, Value: 10},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Search(b.Context(), vector.Query{Vector: q, Where: where}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	cfg := Config{Dir: b.TempDir(), NoSync: true}
	s, _ := filled(b, cfg, 20_000, 256)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(cfg)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
