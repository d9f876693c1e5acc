package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 100}, 3}} {
		in := append([]float64(nil), c.in...)
		if got := median(in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for ns, want := range map[float64]string{0.5: "0.50 ns", 49.96: "50.0 ns", 431: "431 ns", 2230: "2.23 µs", 4.7e6: "4.70 ms", 1.5e9: "1.50 s"} {
		if got := duration(ns); got != want {
			t.Errorf("duration(%v) = %q, want %q", ns, got, want)
		}
	}
}

var sink []byte

// fake is a row whose sides allocate once and never per operation.
func fake(closed *int) row {
	start := func(allocs int) func(context.Context) (worker, error) {
		return func(context.Context) (worker, error) {
			return worker{
				ops: each(func(context.Context) error {
					for range allocs {
						sink = make([]byte, 64)
					}
					return nil
				}),
				close: func() error { *closed++; return nil },
			}, nil
		}
	}
	return row{
		name: "fake", work: "nothing", goal: "fewer allocs than two",
		met:   func(r result) bool { return r.ours().Allocs < r.peer("two").Allocs },
		sides: []side{{"one", start(1)}, {"two", start(2)}},
	}
}

func TestMeasure(t *testing.T) {
	closed := 0
	res, err := measure(t.Context(), fake(&closed), effort{rounds: 3, slice: 2 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if closed != 2 {
		t.Errorf("%d sides were closed, want 2", closed)
	}
	if !res.Met || count(res.ours().Allocs) != "1" || count(res.peer("two").Allocs) != "2" {
		t.Errorf("measured %+v", res)
	}
	if o := res.ours(); o.Ns <= 0 || o.Fastest > o.Ns || o.Slowest < o.Ns {
		t.Errorf("times out of order: %+v", o)
	}
	rep := report{Date: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Machine: "m", LoadAfter: "l", Rows: []result{res}}
	for _, text := range []string{rep.text(), rep.markdown()} {
		for _, want := range []string{"fake", "one", "two", "met", "ratio", "fewer allocs than two"} {
			if !strings.Contains(text, want) {
				t.Errorf("the report lacks %q:\n%s", want, text)
			}
		}
	}
	if _, err := json.Marshal(rep); err != nil {
		t.Error(err)
	}
}

func TestMeasureStopsAtAWrongOutcome(t *testing.T) {
	closed := 0
	r := fake(&closed)
	broken := errors.New("wrong outcome")
	r.sides = append(r.sides, side{"broken", func(context.Context) (worker, error) {
		return worker{ops: each(func(context.Context) error { return broken })}, nil
	}})
	if _, err := measure(t.Context(), r, effort{rounds: 1, slice: time.Millisecond}); !errors.Is(err, broken) {
		t.Errorf("measure = %v, want %v", err, broken)
	}
	if closed != 2 {
		t.Errorf("%d sides were closed, want 2", closed)
	}
}

func TestRunRefuses(t *testing.T) {
	good := effort{rounds: 1, slice: time.Millisecond}
	for name, f := range map[string]func() error{
		"bad regexp": func() error { return run(t.Context(), &strings.Builder{}, "(", good, false, false) },
		"no row":     func() error { return run(t.Context(), &strings.Builder{}, "^no such row$", good, false, false) },
		"part":       func() error { return run(t.Context(), &strings.Builder{}, "cache", good, false, true) },
		"no rounds":  func() error { return run(t.Context(), &strings.Builder{}, "", effort{}, false, false) },
	} {
		if err := f(); err == nil {
			t.Errorf("%s: run = nil, want an error", name)
		}
	}
}

// TestRows does each operation of each contestant a few times, so that a row
// that has stopped working is seen before somebody measures.
func TestRows(t *testing.T) {
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			if r.name == "" || r.work == "" || r.goal == "" || r.met == nil || len(r.sides) < 2 {
				t.Fatal("the row is incomplete")
			}
			for _, s := range r.sides {
				w, err := s.start(t.Context())
				if err == nil {
					err = w.ops(t.Context(), 3)
				}
				if err == nil && w.close != nil {
					err = w.close()
				}
				if err != nil {
					t.Errorf("%s: %v", s.name, err)
				}
			}
		})
	}
}
