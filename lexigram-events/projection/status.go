package projection

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A State says what becomes of a projection.
type State string

// The states.
const (
	Following State = "following" // it is, or will be, kept up to the log
	Halted    State = "halted"    // an event has stopped it; see Reason
	Restored  State = "restored"  // the log no longer has its position; it needs a rebuild
)

// A Status is that of one projection, by what is recorded.
type Status struct {
	Name       string
	Version    int
	Generation Generation // that is read; 0 if there is none yet
	State      State
	Position   eventstore.Position
	Events     int64     // handled
	Dead       int64     // events that failed for good
	Changed    time.Time // when it last moved
	// Lag is the age of the oldest event that it does not show; 0 if it shows all that are settled.
	Lag      time.Duration
	Reason   string     // why it does not follow
	Building Generation // 0 if none is
	Built    int64      // events that Building has handled
}

// Status returns where each projection is.
func (p *Projector) Status(ctx context.Context) ([]Status, error) {
	ctx = sqldb.Detach(ctx)
	var all []Status
	for _, def := range p.defs {
		s, err := p.status(ctx, def)
		if errors.Is(err, errAbsent) { // another generation was just put in its place
			s, err = p.status(ctx, def)
		}
		if err != nil {
			return all, wrap(err, "status of", def.Name)
		}
		all = append(all, s)
	}
	return all, nil
}

func (p *Projector) status(ctx context.Context, def *Projection) (Status, error) {
	s := Status{Name: def.Name, Version: def.Version, State: Following}
	h, err := loadHead(ctx, p.book, def.Name)
	if errors.Is(err, errAbsent) {
		s.Lag, err = p.lag(ctx, "")
		return s, err
	}
	if err != nil {
		return s, err
	}
	live, err := loadPage(ctx, p.book, def.Name, h.Live)
	if err != nil {
		return s, err
	}
	s.Version, s.Generation, s.Position, s.Events, s.Dead = live.Version, h.Live, live.Position, live.Handled, live.Dead
	s.Changed, s.Reason = time.UnixMicro(live.Changed).UTC(), live.Failed
	if h.Building != 0 {
		built, err := loadPage(ctx, p.book, def.Name, h.Building)
		if err != nil {
			return s, err
		}
		if s.Building, s.Built = h.Building, built.Handled+built.Dead; built.Failed != "" {
			s.Reason = built.Failed
		}
	}
	switch {
	case live.Restored:
		s.State = Restored
	case live.Failed != "":
		s.State = Halted
	}
	s.Lag, err = p.lag(ctx, live.Position)
	if errors.Is(err, eventstore.ErrPosition) {
		s.State, err = Restored, nil
		if s.Reason == "" { // nobody follows it
			s.Reason = lost(def, h.Live, live.Position, nil).Error()
		}
	}
	return s, err
}

// lag returns the age of the first event after a position.
func (p *Projector) lag(ctx context.Context, at eventstore.Position) (time.Duration, error) {
	for rec, err := range p.log.ReadAll(ctx, at) {
		if err != nil {
			return 0, err
		}
		return max(0, p.opts.Clock.Now().Sub(rec.Time)), nil
	}
	return 0, nil
}

// Live returns the generation of a projection that is to be read, in the
// ambient transaction if there is one. Before the projector has ever run that is the first.
func (p *Projector) Live(ctx context.Context, name string) (Generation, error) {
	if _, err := p.find(name); err != nil {
		return 0, err
	}
	h, err := loadHead(ctx, p.book, name)
	if errors.Is(err, errAbsent) {
		return 1, nil
	}
	return h.Live, wrap(err, "generation of", name)
}

// WaitFor returns nil when the generation that is read shows the event at a
// position, such as that of [eventstore.Appended], and what is before it. When ctx ends the
// error wraps its cause; a projection that does not follow is its error,
// [ErrHalted] or [ErrRestored], at once.
func (p *Projector) WaitFor(ctx context.Context, name string, at eventstore.Position) error {
	if _, err := p.find(name); err != nil {
		return err
	}
	ctx = sqldb.Detach(ctx)
	poll := time.NewTicker(p.opts.Poll)
	defer poll.Stop()
	for {
		change := p.change(name)
		done, err := p.shows(ctx, name, at)
		if done || err != nil {
			return wrap(err, "wait for", name)
		}
		select {
		case <-change:
		case <-poll.C:
		case <-ctx.Done():
			return Err.Wrap(context.Cause(ctx), "projection: %q is not at position %q", name, at)
		}
	}
}

func (p *Projector) shows(ctx context.Context, name string, at eventstore.Position) (bool, error) {
	h, err := loadHead(ctx, p.book, name)
	if errors.Is(err, errAbsent) {
		return at == "", nil
	}
	if err != nil {
		return false, err
	}
	live, err := loadPage(ctx, p.book, name, h.Live)
	switch {
	case errors.Is(err, errAbsent): // it was dropped in between
		return false, nil
	case err != nil:
		return false, err
	case live.Position >= at && !live.Restored:
		return true, nil
	case live.Restored:
		return false, ErrRestored.Wrap(errors.New(live.Failed), "projection: wait for %q", name)
	case live.Failed != "":
		return false, ErrHalted.Wrap(errors.New(live.Failed), "projection: wait for %q", name)
	}
	return false, nil
}

// CheckHealth is Unhealthy if a projection cannot be read, was halted, or has
// lost its log; Degraded if one is behind by more than Options.Lag; and Healthy otherwise.
func (p *Projector) CheckHealth(ctx context.Context) health.Result {
	start := time.Now()
	res := health.Result{Status: health.Healthy, Details: map[string]string{}}
	all, err := p.Status(ctx)
	if err != nil {
		res.Status, res.Message = health.Unhealthy, err.Error()
	}
	for _, s := range all {
		res.Details[s.Name+".lag"] = s.Lag.Round(time.Millisecond).String()
		switch {
		case s.State != Following:
			res.Status, res.Message = health.Unhealthy, "projection "+s.Name+" is "+string(s.State)+": "+s.Reason
		case s.Lag > p.opts.Lag && res.Status == health.Healthy:
			res.Status, res.Message = health.Degraded, "projection "+s.Name+" is "+s.Lag.Round(time.Second).String()+" behind"
		}
	}
	res.Took = time.Since(start)
	return res
}
