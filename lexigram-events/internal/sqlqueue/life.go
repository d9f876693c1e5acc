package sqlqueue

import (
	"context"
	"crypto/rand"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// New returns a pump. It does no I/O.
func New(t *Table, opts Options) *Pump {
	drain := make(chan struct{})
	return &Pump{
		table: t, opts: opts, name: rand.Text(),
		drain: drain, stop: drain, closed: make(chan struct{}),
		jobs: make(chan []row, opts.Batch), results: make(chan outcome, opts.Batch),
		claimed: map[string]int{}, more: true, batch: min(opts.First, opts.Batch),
	}
}

// Start begins to pump and returns. ctx lends its values to Deliver. A pump that
// runs is left alone; one that was stopped is an error wrapping
// [events.ErrClosed]. wake, if not nil, is called with a context that ends with the
// pump's work, to begin what sets Options.Notes.
func (p *Pump) Start(ctx context.Context, wake func(context.Context) (<-chan struct{}, error)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.stopped:
		return events.ErrClosed.Wrap(nil, "%s: start what was stopped; make a new one", p.opts.Name)
	case p.started:
		return nil
	}
	ctx = sqldb.Detach(ctx)
	if err := p.table.renumber(ctx); err != nil {
		return events.Err.Wrap(err, "%s: start", p.opts.Name)
	}
	base := context.WithoutCancel(ctx)
	run, cancel := context.WithCancel(base)
	if wake != nil {
		notes, err := wake(run)
		if err != nil {
			cancel()
			return events.Err.Wrap(err, "%s: start: listen", p.opts.Name)
		}
		p.opts.Notes = notes
	}
	p.started, p.cancel, p.base, p.sending = true, cancel, base, run
	go func() {
		defer close(p.closed)
		defer cancel()
		p.run()
	}()
	return nil
}

// Stop ends claiming, cancels the contexts of Deliver and has what was claimed
// given back. It does not wait: Closed tells.
func (p *Pump) Stop() {
	if p.end() {
		p.cancel()
	}
}

// Wait waits until the pump that was stopped has ended, or ctx.
func (p *Pump) Wait(ctx context.Context, op string) error {
	if !p.isStarted() {
		return nil
	}
	select {
	case <-p.closed:
		return nil
	case <-ctx.Done():
		return events.Err.Wrap(context.Cause(ctx), "%s: %s", p.opts.Name, op)
	}
}

// Drain ends claiming and waits until what was claimed is delivered, or ctx
// ends: then it does as Stop and returns the cause. If the database fails for
// good it gives up marking, and says so.
func (p *Pump) Drain(ctx context.Context) error {
	if !p.end() {
		return nil
	}
	err := p.Wait(ctx, "drain")
	p.cancel()
	if err == nil {
		err = p.unmarked
	}
	return err
}

// Closed is closed when the last call of Deliver has returned and its outcome
// is recorded, or cannot be.
func (p *Pump) Closed() <-chan struct{} { return p.closed }

// end has nothing more claimed, and reports whether the pump ever ran.
func (p *Pump) end() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.stopped = true
		close(p.drain)
	}
	return p.started
}

func (p *Pump) isStarted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}
