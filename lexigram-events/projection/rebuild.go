package projection

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Progress says how far a rebuild is.
type Progress struct {
	Projection string
	Generation Generation
	Events     int64 // handled so far, by this call and those before it that built the same generation
	Position   eventstore.Position
}

// Rebuild makes a new generation of a projection from the first event on,
// while the one that is read stays up to the log where somebody follows it,
// and returns when the new one has taken its place. One that was begun before,
// and is of the projection's Version, is gone on with. progress, if it is not
// nil, is called after each batch, in this goroutine. It is outside every ambient transaction.
//
// When ctx ends the error wraps its cause, and a further Rebuild goes on. An
// event that fails for good is [ErrHalted], and the generation that is read stays.
func (p *Projector) Rebuild(ctx context.Context, name string, progress func(Progress)) error {
	def, err := p.find(name)
	if err != nil {
		return err
	}
	ctx = sqldb.Detach(ctx)
	for {
		err := p.rebuild(ctx, def, progress)
		if errors.Is(err, errMoved) && ctx.Err() == nil {
			if err = sleep(ctx, p.opts.Poll); err == nil {
				continue // another one does the same, or did
			}
		}
		return wrap(err, "rebuild", name)
	}
}

func (p *Projector) rebuild(ctx context.Context, def *Projection, progress func(Progress)) error {
	h, err := loadHead(ctx, p.book, def.Name)
	if errors.Is(err, errAbsent) {
		err = p.begin(ctx, def, head{Live: 1, Last: 1}, 1)
		if err == nil {
			h, err = loadHead(ctx, p.book, def.Name)
		}
	}
	if err != nil {
		return err
	}
	live, err := loadPage(ctx, p.book, def.Name, h.Live)
	if err != nil {
		return err
	}
	if live.Version > def.Version {
		return newer(def, live.Version)
	}
	g, err := p.build(ctx, def, h)
	if err != nil {
		return err
	}
	s := &pass{p: p, def: def, g: g, progress: progress}
	if err := s.open(ctx); err != nil {
		return err
	}
	for {
		if err := s.catchUp(ctx); err != nil {
			return err
		}
		done, err := s.takeOver(ctx)
		if err != nil || done {
			return err
		}
		if err := sleep(ctx, p.opts.Poll); err != nil {
			return err
		}
	}
}
