package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A row is one piece of work that each contestant does in its own way.
type row struct {
	name  string
	work  string // what one operation is, the same for all
	sides []side // ours first
	// goal is what we promise, in words, and met whether it holds.
	goal string
	met  func(r result) bool
}

// A side is a contestant. Its start prepares the work; what it returns is
// called many times and then closed.
type side struct {
	name  string
	start func(ctx context.Context) (worker, error)
}

// A worker does the work of a side. Each operation checks its own outcome: a
// contestant that does not do the work must not win.
type worker struct {
	ops   func(ctx context.Context, n int) error // does n operations
	close func() error                           // may be nil
}

// each makes the ops of a worker from one operation.
func each(op func(ctx context.Context) error) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		for range n {
			if err := op(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// An effort says how thoroughly to measure.
type effort struct {
	rounds int
	slice  time.Duration
}

func (e effort) check() error {
	if e.rounds < 1 || e.slice <= 0 {
		return fmt.Errorf("-rounds=%d -time=%v: both must be positive", e.rounds, e.slice)
	}
	return nil
}

// A result is what measuring a row came to.
type result struct {
	Name, Work, Goal string
	Met              bool
	Sides            []stats
}

// ours returns the figures of the first side.
func (r result) ours() stats { return r.Sides[0] }

// peer returns the figures of the side of that name, which must exist.
func (r result) peer(name string) stats {
	for _, s := range r.Sides {
		if s.Name == name {
			return s
		}
	}
	panic("bench: row " + r.Name + " has no side " + name)
}

// measure lets the sides of r take turns. Their order changes from round to
// round, so that nobody always runs in another one's wake.
func measure(ctx context.Context, r row, cfg effort) (res result, err error) {
	var turns []*turn
	defer func() {
		for _, t := range turns {
			if t.worker.close != nil {
				err = errors.Join(err, t.worker.close())
			}
		}
	}()
	for _, s := range r.sides {
		w, err := s.start(ctx)
		if err != nil {
			return result{}, fmt.Errorf("%s: %w", s.name, err)
		}
		turns = append(turns, &turn{side: s, worker: w})
	}
	for _, t := range turns {
		if err := t.calibrate(ctx, cfg.slice); err != nil {
			return result{}, fmt.Errorf("%s: %w", t.side.name, err)
		}
	}
	for round := range cfg.rounds {
		for i := range turns {
			t := turns[(i+round)%len(turns)]
			if err := t.take(ctx); err != nil {
				return result{}, fmt.Errorf("%s: %w", t.side.name, err)
			}
		}
	}
	res = result{Name: r.name, Work: r.work, Goal: r.goal}
	for _, t := range turns {
		res.Sides = append(res.Sides, t.stats())
	}
	res.Met = r.met(res)
	return res, nil
}
