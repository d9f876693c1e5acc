package projection

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/lock"
)

// follow keeps one projection up to the log until ctx ends, the projector
// drains, or an event halts it.
func (p *Projector) follow(ctx context.Context, def *Projection) {
	const first, most = 100 * time.Millisecond, 30 * time.Second
	draining, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with follow
		select {
		case <-p.drain:
		case <-draining.Done():
		}
		cancel()
	}()
	for pause := first; draining.Err() == nil; {
		began := time.Now()
		err := p.alone(ctx, draining, def)
		switch {
		case draining.Err() != nil:
			return
		case errors.Is(err, ErrHalted), errors.Is(err, ErrRestored):
			p.opts.Logger.Error("projection: stopped", "projection", def.Name, "error", err)
			p.park(draining, def)
			continue
		case errors.Is(err, errMoved):
			p.opts.Logger.Debug("projection: another one was quicker", "projection", def.Name)
			pause = first
			continue
		}
		if time.Since(began) > most {
			pause = first
		}
		p.opts.Logger.Warn("projection: tried again", "projection", def.Name, "after", pause, "error", err)
		_ = sleep(draining, pause) // its end is looked at above
		pause = min(2*pause, most)
	}
}

// park waits until somebody has rebuilt what is stopped.
func (p *Projector) park(ctx context.Context, def *Projection) {
	h, err := loadHead(ctx, p.book, def.Name)
	for sleep(ctx, 5*time.Second) == nil {
		now, failed := loadHead(ctx, p.book, def.Name)
		if failed == nil && (err != nil || now.Live != h.Live) {
			return
		}
	}
}

// alone is turn, under the lock if there is one.
func (p *Projector) alone(ctx, draining context.Context, def *Projection) error {
	if p.opts.Lock == nil {
		return p.turn(ctx, draining, def)
	}
	acquiring, cancel := context.WithCancel(ctx) // the lease's parent, so it outlives draining
	defer cancel()
	acquired := context.AfterFunc(draining, cancel)
	lease, err := lock.Acquire(acquiring, p.opts.Lock, "projection/"+def.Name, p.opts.Lease)
	if err != nil {
		return err
	}
	acquired()
	held := lease.Context()
	waiting, end := context.WithCancel(draining)
	defer end()
	defer context.AfterFunc(held, end)()
	keeping, stop := context.WithCancel(held)
	kept := make(chan error, 1)
	go func() { kept <- lease.Keep(keeping) }() // ends with stop
	err = p.turn(held, waiting, def)
	stop()
	return errors.Join(err, <-kept, lease.Release(ctx))
}

// turn follows the log with the generation that this process is to work on, until something fails.
func (p *Projector) turn(ctx, draining context.Context, def *Projection) error {
	g, building, err := p.choose(ctx, def)
	if err != nil {
		return err
	}
	s := &pass{p: p, def: def, g: g, stop: draining.Done()}
	if err := s.open(ctx); err != nil {
		return err
	}
	for {
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		if s.isStopped() {
			return errStopped
		}
		if building {
			switch done, err := s.takeOver(ctx); {
			case err != nil:
				return err
			case done:
				building = false
			default: // the one that is read is ahead, so there is more
				if err := sleep(draining, p.opts.Poll); err != nil {
					return err
				}
				continue
			}
		}
		if err := s.await(ctx, draining); err != nil {
			return s.lost(ctx, err)
		}
	}
}

// recheck is how often what waits for the log asks whether it is still to.
const recheck = 5 * time.Second

// await returns when the log has more than the generation. It is errMoved when
// that is neither read nor built: without transactions another one may have
// taken over while the last batch was recorded, and lacks it until somebody goes over.
func (s *pass) await(ctx, draining context.Context) error {
	for {
		waiting, cancel := context.WithTimeout(draining, recheck)
		err := s.p.log.Wait(waiting, s.page.Position)
		again := err != nil && waiting.Err() != nil && draining.Err() == nil
		cancel()
		if again {
			err = s.current(ctx)
		}
		if err != nil || !again {
			return err
		}
	}
}

// open reads how far the generation is, and makes room for it.
func (s *pass) open(ctx context.Context) (err error) {
	if s.page, err = loadPage(ctx, s.p.book, s.def.Name, s.g); err != nil {
		return err
	}
	return s.def.prepare(ctx, s.g)
}

// choose returns the generation of the projection's Version: the one that is
// read, or one that is being built.
func (p *Projector) choose(ctx context.Context, def *Projection) (g Generation, building bool, err error) {
	h, err := loadHead(ctx, p.book, def.Name)
	if errors.Is(err, errAbsent) {
		return 1, false, p.begin(ctx, def, head{Live: 1, Last: 1}, 1)
	}
	if err != nil {
		return 0, false, err
	}
	live, err := loadPage(ctx, p.book, def.Name, h.Live)
	switch {
	case err != nil:
		return 0, false, err
	case live.Version == def.Version:
		if err := p.dropOld(ctx, def); err != nil { // which does not keep the others from what is new
			p.opts.Logger.Warn("projection: what is old was not dropped", "projection", def.Name, "error", err)
		}
		return h.Live, false, nil
	case live.Version > def.Version:
		return 0, false, newer(def, live.Version)
	}
	g, err = p.build(ctx, def, h)
	return g, true, err
}

// build returns the generation that is being built of the projection's Version, and begins one if there is none.
func (p *Projector) build(ctx context.Context, def *Projection, h head) (Generation, error) {
	if h.Building != 0 {
		page, err := loadPage(ctx, p.book, def.Name, h.Building)
		if err != nil || page.Version == def.Version && !page.Restored {
			return h.Building, err
		}
		if page.Version > def.Version {
			return 0, newer(def, page.Version)
		}
		h.Old = append(slices.Clone(h.Old), h.Building)
	}
	h.Last++
	h.Building = h.Last
	return h.Building, p.begin(ctx, def, h, h.Building)
}

func newer(def *Projection, version int) error {
	return ErrNewer.Wrap(nil, "projection: %q is of version %d, and this process knows %d", def.Name, version, def.Version)
}

// begin records a generation that is new.
func (p *Projector) begin(ctx context.Context, def *Projection, h head, g Generation) error {
	return p.book.atomically(ctx, func(ctx context.Context) error {
		fresh := page{Version: def.Version, Changed: p.opts.Clock.Now().UnixMicro()}
		_, err := save(ctx, p.book, pageKey(def.Name, g), "", fresh)
		if errors.Is(err, errMoved) && !p.book.atomic() {
			err = nil // whoever wrote it died before the head, below
		}
		if err != nil {
			return err
		}
		_, err = save(ctx, p.book, headKey(def.Name), h.mark, h)
		return err
	})
}

// dropOld removes the generations that are no longer read.
func (p *Projector) dropOld(ctx context.Context, def *Projection) error {
	h, err := loadHead(ctx, p.book, def.Name)
	if err != nil || len(h.Old) == 0 {
		return err
	}
	for _, g := range h.Old {
		// First: a batch of it that is about to commit is waited for, and none can after that.
		if err := p.book.remove(ctx, pageKey(def.Name, g)); err != nil {
			return err
		}
		if err := def.drop(ctx, g); err != nil {
			return Err.Wrap(err, "projection: drop generation %d of %q", g, def.Name)
		}
	}
	h.Old = nil
	_, err = save(ctx, p.book, headKey(def.Name), h.mark, h)
	if errors.Is(err, errMoved) {
		return nil // the next one does it again
	}
	return err
}

// unknown reports whether the log says that a position is none of its own.
func (p *Projector) unknown(ctx context.Context, at eventstore.Position) bool {
	for _, err := range p.log.ReadAll(ctx, at) {
		return errors.Is(err, eventstore.ErrPosition)
	}
	return false
}
