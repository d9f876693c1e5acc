package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/oneline"
)

// A pass brings one generation up to the log.
type pass struct {
	p        *Projector
	def      *Projection
	g        Generation
	page     page
	progress func(Progress)  // nil tells nobody
	stop     <-chan struct{} // closed: begin no further batch
}

// errStopped reports that stop was closed.
var errStopped = errors.New("stopped")

// A handlerError is that of an event.
type handlerError struct {
	at  int // in the batch
	err error
}

func (e *handlerError) Error() string { return e.err.Error() }

func (e *handlerError) Unwrap() error { return e.err }

// catchUp handles what is settled after the position, batch by batch.
func (s *pass) catchUp(ctx context.Context) error {
	batch := make([]eventstore.Recorded, 0, min(s.p.opts.Batch, 1024))
	for rec, err := range s.p.log.ReadAll(ctx, s.page.Position) {
		if err != nil {
			return s.lost(ctx, err)
		}
		if batch = append(batch, rec); len(batch) < s.p.opts.Batch {
			continue
		}
		if err := s.settle(ctx, batch); err != nil {
			return err
		}
		clear(batch) // what it held is not kept
		batch = batch[:0]
		if s.isStopped() {
			return errStopped
		}
	}
	if len(batch) > 0 {
		if err := s.settle(ctx, batch); err != nil {
			return err
		}
	}
	s.p.behind[s.def.Name].Store(0)
	return nil
}

func (s *pass) isStopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// lost tells an error of the log that says that the position is none of its own, and records it.
func (s *pass) lost(ctx context.Context, err error) error {
	if !errors.Is(err, eventstore.ErrPosition) {
		return err
	}
	err = lost(s.def, s.g, s.page.Position, err)
	return errors.Join(err, s.fail(ctx, err, true))
}

func lost(def *Projection, g Generation, at eventstore.Position, cause error) error {
	return ErrRestored.Wrap(cause, "projection: %q, generation %d, at position %q: rebuild it", def.Name, g, at)
}

// fail records why the generation is stopped.
func (s *pass) fail(ctx context.Context, cause error, restored bool) error {
	next := s.page
	next.Failed, next.Restored, next.Changed = oneline.Clip(cause.Error()), restored, s.p.opts.Clock.Now().UnixMicro()
	mark, err := save(ctx, s.p.book, pageKey(s.def.Name, s.g), s.page.mark, next)
	if err != nil {
		return err
	}
	s.page, s.page.mark = next, mark
	s.p.moved(s.def.Name)
	return nil
}

// settle handles a batch; of an event that fails for good it does what is to be done.
func (s *pass) settle(ctx context.Context, batch []eventstore.Recorded) error {
	s.p.behind[s.def.Name].Store(batch[0].Time.UnixMicro())
	for len(batch) > 0 {
		err := s.commit(ctx, batch, handle, nil)
		var failed *handlerError
		if err == nil {
			return nil
		}
		if !errors.As(err, &failed) || passing(err) || ctx.Err() != nil {
			return err
		}
		if sound := batch[:failed.at]; len(sound) > 0 {
			how := handle
			if !s.p.book.atomic() {
				how = passOver // for they were handled
			}
			if err := s.commit(ctx, sound, how, nil); err != nil {
				return err
			}
		}
		if err := s.retry(ctx, batch[failed.at], failed.err); err != nil {
			return err
		}
		batch = batch[failed.at+1:]
	}
	return nil
}

// passing reports whether an error will pass by itself.
func passing(err error) bool {
	switch errs.KindOf(err) {
	case errs.Unavailable, errs.Timeout, errs.Canceled:
		return true
	}
	return false
}

// retry handles one event by itself that has failed once.
func (s *pass) retry(ctx context.Context, rec eventstore.Recorded, err error) error {
	retry := s.def.Retry.WithDefaults()
	one := []eventstore.Recorded{rec}
	for attempt := 1; attempt < retry.MaxAttempts && (retry.RetryIf == nil || retry.RetryIf(err)); attempt++ {
		if err := sleep(ctx, backoff(retry, attempt)); err != nil {
			return err
		}
		again := s.commit(ctx, one, handle, nil)
		var failed *handlerError
		if again == nil || !errors.As(again, &failed) || passing(again) {
			return again
		}
		err = failed.err
	}
	if s.def.Dead != nil {
		return s.commit(ctx, one, bury, err)
	}
	err = ErrHalted.Wrap(err, "projection: %q, generation %d: event %q of type %q, version %d of stream %q, at position %q", s.def.Name, s.g, rec.ID, rec.Type, rec.Version, rec.Stream, rec.Position)
	return errors.Join(err, s.fail(ctx, err, false))
}

// What is done with a batch before it is recorded.
type how uint8

const (
	handle   how = iota
	passOver     // nothing
	bury         // give it to Dead
)

// commit does with a batch what how says and records that, in one transaction
// if the book has them. cause is why it is buried.
func (s *pass) commit(ctx context.Context, batch []eventstore.Recorded, how how, cause error) error {
	last := batch[len(batch)-1]
	next := s.page
	next.Position, next.EventTime, next.Changed = last.Position, last.Time.UnixMicro(), s.p.opts.Clock.Now().UnixMicro()
	next.Failed, next.Restored = "", false
	if how == bury {
		next.Dead++
	} else {
		next.Handled += int64(s.wanted(batch))
	}
	var mark string
	err := s.p.book.atomically(ctx, func(ctx context.Context) (err error) {
		record := func() error {
			mark, err = save(ctx, s.p.book, pageKey(s.def.Name, s.g), s.page.mark, next)
			return err
		}
		if s.p.book.atomic() { // first: whoever else does this batch waits here, and does not
			if err := record(); err != nil {
				return err
			}
		}
		if err := s.current(ctx); err != nil {
			return err
		}
		if how != passOver {
			if err := s.handle(ctx, batch, cause); err != nil {
				return err
			}
		}
		if !s.p.book.atomic() {
			return record()
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.page, s.page.mark = next, mark
	s.report(ctx, len(batch), last.Time)
	return nil
}

// current returns errMoved if the generation is no longer read, nor built.
func (s *pass) current(ctx context.Context) error {
	h, err := loadHead(ctx, s.p.book, s.def.Name)
	if err == nil && h.Live != s.g && h.Building != s.g {
		err = errMoved
	}
	return err
}

func (s *pass) wanted(batch []eventstore.Recorded) (n int) {
	for i := range batch {
		if s.def.wants(batch[i].Type) {
			n++
		}
	}
	return n
}

// handle gives the events of a batch to Handle, or, with a cause, to Dead.
func (s *pass) handle(ctx context.Context, batch []eventstore.Recorded, cause error) error {
	for i := range batch {
		rec := &batch[i]
		if !s.def.wants(rec.Type) {
			continue
		}
		err := errs.Catch(func() error {
			if cause != nil {
				return s.def.Dead(ctx, s.g, *rec, cause)
			}
			return s.def.Handle(ctx, s.g, *rec)
		})
		if err != nil && cause != nil {
			return fmt.Errorf("projection: %q: dead event %q: %w", s.def.Name, rec.ID, err)
		}
		if err != nil {
			return &handlerError{i, err}
		}
	}
	return nil
}

// report tells observers and waiters of a batch.
func (s *pass) report(ctx context.Context, n int, at time.Time) {
	name := slog.String("projection", s.def.Name)
	s.p.opts.Observer.Count(ctx, "projection.events", int64(n), name)
	s.p.opts.Observer.Record(ctx, "projection.delay", max(0, s.p.opts.Clock.Now().Sub(at).Seconds()), name)
	s.p.moved(s.def.Name)
	if s.progress != nil {
		s.progress(Progress{Projection: s.def.Name, Generation: s.g, Events: s.page.Handled + s.page.Dead, Position: s.page.Position})
	}
}

// takeOver makes the generation, which is built, the one that is read, unless
// that would take readers back. It reports whether it is.
func (s *pass) takeOver(ctx context.Context) (done bool, err error) {
	h, err := loadHead(ctx, s.p.book, s.def.Name)
	switch {
	case err != nil:
		return false, err
	case h.Live == s.g:
		return true, nil
	case h.Building != s.g:
		return false, errMoved
	}
	live, err := loadPage(ctx, s.p.book, s.def.Name, h.Live)
	if err != nil {
		return false, err
	}
	gone := s.page.Position < live.Position && s.p.unknown(ctx, live.Position) // the log was restored
	err = s.p.book.atomically(ctx, func(ctx context.Context) error {
		live, err := loadPage(ctx, s.p.book, s.def.Name, h.Live)
		if err != nil {
			return err
		}
		if done = gone || s.page.Position >= live.Position; !done {
			return nil
		}
		// A batch that is about to be recorded there is waited for, and is then what we lack; a later one is not recorded.
		live.Changed = max(s.p.opts.Clock.Now().UnixMicro(), live.Changed+1)
		if _, err := save(ctx, s.p.book, pageKey(s.def.Name, h.Live), live.mark, live); err != nil {
			return err
		}
		next := head{Live: s.g, Last: h.Last, Old: append(slices.Clone(h.Old), h.Live)}
		_, err = save(ctx, s.p.book, headKey(s.def.Name), h.mark, next)
		return err
	})
	if err != nil || !done {
		return false, err
	}
	s.p.moved(s.def.Name)
	s.p.opts.Logger.Info("projection: a generation was built and is read now", "projection", s.def.Name, "generation", s.g, "before", h.Live)
	return true, s.p.dropOld(ctx, s.def)
}
