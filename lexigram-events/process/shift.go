package process

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A shift is a worker that runs: one goroutine that looks for what is due, and
// one for each instance that runs.
type shift struct {
	*Worker
	ctx     context.Context // of steps; ends with Stop
	stop    <-chan struct{} // nil once seen
	kinds   []string
	running map[string]bool
	later   map[string]time.Time // what could not be run, and when it is tried again
	ended   chan end
}

// An end is that of one run.
type end struct {
	id  string
	err error
}

// retreat is how long an instance is left alone that could not be run.
const retreat = 30 * time.Second

func newShift(w *Worker, ctx context.Context) *shift {
	return &shift{
		Worker: w, ctx: ctx, stop: w.drain, kinds: slices.Sorted(maps.Keys(w.m.defs)),
		running: map[string]bool{}, later: map[string]time.Time{}, ended: make(chan end, w.opts.Parallel),
	}
}

// run works until the worker drains and nothing runs.
func (s *shift) run(notes <-chan struct{}) {
	poll := time.NewTicker(s.opts.Poll)
	defer poll.Stop()
	purge := time.NewTicker(time.Minute)
	defer purge.Stop()
	look := true
	for s.stop != nil || len(s.running) > 0 {
		if look && s.stop != nil {
			s.fill()
		}
		look = true
		select {
		case e := <-s.ended:
			s.note(e)
		case <-poll.C:
		case <-s.m.wake:
		case _, ok := <-notes:
			if !ok {
				notes = nil
			}
		case <-purge.C:
			look = false
			if _, err := s.m.Purge(s.ctx); err != nil && s.ctx.Err() == nil {
				s.opts.Logger.Warn("process: what has ended was not purged", "error", err)
			}
		case <-s.stop:
			s.stop = nil
		}
	}
}

// fill begins to run what is due, as many as may.
func (s *shift) fill() {
	free := s.opts.Parallel - len(s.running)
	if free == 0 || len(s.kinds) == 0 {
		return
	}
	now := time.Now()
	maps.DeleteFunc(s.later, func(_ string, until time.Time) bool { return !now.Before(until) })
	ids, err := s.m.book.ready(s.ctx, s.m.opts.Clock.Now(), s.kinds, free+len(s.running)+len(s.later))
	if err != nil {
		if s.ctx.Err() == nil {
			s.opts.Logger.Error("process: what is due cannot be read", "error", err)
		}
		return
	}
	for _, id := range ids {
		if _, wait := s.later[id]; wait || s.running[id] || free == 0 {
			continue
		}
		free--
		s.running[id] = true
		go func() {
			e := end{id: id, err: errors.New("a step ended its goroutine")}
			defer func() { s.ended <- e }() // and on runtime.Goexit; there is room for all
			_, e.err = s.m.run(s.ctx, id, false)
		}()
	}
}

// note takes note of a run that has ended.
func (s *shift) note(e end) {
	delete(s.running, e.id)
	switch {
	case e.err == nil || s.ctx.Err() != nil:
	case errors.Is(e.err, saga.ErrBusy), errors.Is(e.err, saga.ErrNotFound): // another worker was quicker
	case errors.Is(e.err, saga.ErrCompensated):
		s.opts.Logger.Warn("process: a saga was compensated", "instance", e.id, "error", e.err)
	case errors.Is(e.err, saga.ErrFailed):
		s.opts.Logger.Error("process: a saga could not be compensated", "instance", e.id, "error", e.err)
	default:
		s.later[e.id] = time.Now().Add(retreat)
		s.opts.Logger.Error("process: a saga could not be run", "instance", e.id, "error", e.err)
	}
}
