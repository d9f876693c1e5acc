package sqlqueue

import (
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// work sends runs until the pump has no more. It never blocks on results.
func (p *Pump) work() {
	for run := range p.jobs {
		p.send(run)
	}
}

// send sends the rows of one key in order. What is behind one that will be
// tried again goes back unsent; a dead one holds nothing back.
func (p *Pump) send(run []row) {
	for i := range run {
		o := p.sendOne(run[i])
		p.results <- o
		if o.verdict == sent || o.verdict == dead {
			continue
		}
		for _, r := range run[i+1:] {
			p.results <- outcome{row: r, verdict: release}
		}
		return
	}
}

func (p *Pump) sendOne(r row) outcome {
	o := outcome{row: r, verdict: release}
	if p.sending.Err() != nil {
		return o
	}
	err := errs.Catch(func() error { return p.opts.Deliver(p.sending, r.ev) })
	if err == nil {
		o.verdict = sent
		return o
	}
	if o.verdict = p.judge(r, err); o.verdict == release {
		return o
	}
	o.reason = reasonOf(err)
	log := p.opts.Logger.Warn
	if o.verdict == dead {
		log = p.opts.Logger.Error
	}
	attrs := []any{"id", r.ev.ID, "type", r.ev.Type, "attempt", r.attempts + 1, "outcome", o.verdict.String(), "error", err}
	var caught *errs.PanicError
	if errors.As(err, &caught) {
		attrs = append(attrs, "stack", string(caught.Stack))
	}
	log(p.opts.Name+": event was not "+p.opts.Done, attrs...)
	return o
}

// judge says what an error means for the event.
func (p *Pump) judge(r row, err error) verdict {
	switch {
	case p.sending.Err() != nil:
		return release // the pump stops: nobody knows what the event would have done
	case errors.Is(err, events.ErrPoison):
		return dead
	case p.opts.Refused != nil && p.opts.Refused(err):
		return dead
	case p.opts.Excused != nil && p.opts.Excused(err):
		return postpone
	case r.attempts+1 >= p.opts.MaxAttempts:
		return dead
	}
	return retry
}
