package memoryvector

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/topk"
)

// A candidate is a slot that may be among the best.
type candidate struct {
	score float64
	slot  int
}

// A scan compares a query with every point of a snapshot.
type scan struct {
	*snapshot
	query  []float32
	where  func(map[string]any) bool // nil matches all
	floor  float64                   // no score below it is returned
	limit  int
	kernel kernel
	next   atomic.Int64 // the chunk that nobody has taken yet
}

const (
	parallelFrom = 1 << 19 // components; less is done before a goroutine has begun
	sampled      = 256     // points after which a worker knows how selective a filter is
	// slack is what "to the precision of float32" grants to MinScore: a few
	// units in the last place, relative to scores of 1.
	slack = 5e-7
)

// newScan prepares q, which has passed vector.CheckQuery.
func newScan(s *snapshot, q vector.Query) (*scan, error) {
	sc := &scan{snapshot: s, query: q.Vector, limit: q.Limit, kernel: kernelOf(s.cfg.Metric), floor: math.Inf(-1)}
	if s.cfg.Metric == vector.Cosine {
		sc.query = make([]float32, len(q.Vector))
		normalize(sc.query, q.Vector)
	}
	if q.MinScore != nil {
		sc.floor = *q.MinScore - slack*max(1, *q.MinScore, -*q.MinScore)
	}
	if q.Where == nil {
		return sc, nil
	}
	var err error
	sc.where, err = filter.Compile(q.Where)
	return sc, err
}

// run returns the best candidates, best first, or ctx's error.
func (s *scan) run(ctx context.Context) ([]candidate, error) {
	workers := min(runtime.GOMAXPROCS(0), len(s.chunks), 1+s.n*s.cfg.Dimension/parallelFrom)
	if workers <= 1 {
		best := s.heap()
		err := s.work(ctx, best)
		return best.Sorted(), err
	}
	heaps, errs := make([]*topk.Heap[candidate], workers), make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			heaps[w] = s.heap()
			errs[w] = s.work(ctx, heaps[w])
		})
	}
	wg.Wait()
	best := heaps[0]
	for w := 1; w < workers; w++ {
		for _, c := range heaps[w].Items() {
			best.Offer(c)
		}
	}
	return best.Sorted(), cmp.Or(errs...)
}

func (s *scan) heap() *topk.Heap[candidate] {
	return topk.New(s.limit, s.n, func(a, b candidate) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		return strings.Compare(s.id(a.slot), s.id(b.slot))
	})
}

// work takes chunks until there are none left.
func (s *scan) work(ctx context.Context, best *topk.Heap[candidate]) error {
	w := worker{scan: s, best: best, filterFirst: s.where != nil}
	for {
		ci := int(s.next.Add(1)) - 1
		if ci >= len(s.chunks) {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.chunk(ci)
	}
}

// A worker scans some of the chunks.
type worker struct {
	*scan
	best *topk.Heap[candidate]
	// A filter is asked before the vectors are compared if it refuses most
	// points, and otherwise only about those that would be among the best.
	filterFirst bool
	asked, kept int
}

func (w *worker) chunk(ci int) {
	c, first := w.chunks[ci], ci<<w.shift
	for i := range min(len(c.ids), w.n-first) {
		if w.isDead(first + i) {
			continue
		}
		if w.filterFirst && !w.ask(c.payloads[i]) {
			continue
		}
		found := score(w.cfg.Metric, w.kernel(w.query, c.vector(i, w.cfg.Dimension)))
		if found < w.floor {
			continue
		}
		if worst, full := w.best.Worst(); full && found < worst.score {
			continue
		}
		if !w.filterFirst && w.where != nil && !w.where(c.payloads[i]) {
			continue
		}
		w.best.Offer(candidate{found, first + i})
	}
	if w.asked >= sampled && w.kept > w.asked/2 {
		w.filterFirst = false
	}
}

func (w *worker) ask(payload map[string]any) bool {
	w.asked++
	if !w.where(payload) {
		return false
	}
	w.kept++
	return true
}
