package sqlqueue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A Pump takes events from a queue to a function: one goroutine, that of run,
// which alone talks to the database, and workers, which call the function. It is
// safe for concurrent use; make one with [New].
type Pump struct {
	table *Table
	opts  Options
	name  string // of this pump, in the claims

	mu       sync.Mutex
	started  bool
	stopped  bool
	drain    chan struct{} // closed: claim nothing more
	cancel   context.CancelFunc
	closed   chan struct{} // closed when the last goroutine has ended
	unmarked error         // of what was sent and could not be marked; read after closed

	base    context.Context // of statements; never ends
	sending context.Context // of Deliver; ends with Stop
	jobs    chan []row      // runs, see runs; there is room for all that is claimed
	results chan outcome    // the same
	stop    chan struct{}   // nil once seen

	batch   int       // claimed and not settled at most, now
	full    time.Time // when it last claimed as many as it could
	claims  int64
	claimed map[string]int // by token, rows whose outcome is not recorded
	held    int            // their sum
	outs    []outcome      // to record
	more    bool           // there may be something to claim
	failing bool           // the database; until the next tick nothing is asked of it
	misses  int            // failures in a row since the pump drains
	soon    *time.Timer    // to look again, when what is there may not be taken yet
	pause   time.Duration  // before that
}

// run works until the pump drains and the outcome of everything claimed is
// recorded, or was tried to be after Stop.
func (p *Pump) run() {
	var workers sync.WaitGroup
	for range p.opts.Parallel {
		workers.Go(p.work)
	}
	defer workers.Wait()
	defer close(p.jobs)
	poll := time.NewTicker(p.opts.Poll)
	defer poll.Stop()
	beat := time.NewTicker(p.opts.Lease / 3)
	defer beat.Stop()
	purge := time.NewTicker(time.Minute)
	defer purge.Stop()
	p.soon = time.NewTimer(time.Hour)
	p.soon.Stop()
	defer p.soon.Stop()
	wake, notes := p.opts.Wake, p.opts.Notes
	for {
		p.gather()
		p.record()
		p.fill()
		if p.finished() {
			if p.held == 0 {
				p.unmarked = nil
			}
			return
		}
		var ok bool
		select {
		case o := <-p.results:
			p.outs = append(p.outs, o)
		case <-poll.C:
			p.more, p.failing = true, false
		case <-p.soon.C:
			p.more = true
		case _, ok = <-wake:
			if p.more = true; !ok {
				wake = nil
			}
		case _, ok = <-notes:
			if p.more = true; !ok {
				notes = nil
			}
		case <-beat.C:
			p.failing = false
			p.beat()
		case <-purge.C:
			p.clean()
		case <-p.stop:
			p.stop = nil
		}
	}
}

// gather takes the outcomes that are there, so that they are recorded together.
func (p *Pump) gather() {
	for {
		select {
		case o := <-p.results:
			p.outs = append(p.outs, o)
		default:
			return
		}
	}
}

// finished reports whether run has nothing left to do. It does not wait for a
// database that fails, after Stop at all and after Drain for ever: the leases
// end by themselves.
func (p *Pump) finished() bool {
	if p.stop != nil {
		return false
	}
	if p.held == 0 {
		return true
	}
	return p.failing && len(p.outs) == p.held && (p.sending.Err() != nil || p.misses >= maxMisses)
}

// maxMisses is how often in a row a database may fail before a draining relay
// gives up marking what it has sent.
const maxMisses = 3

// statement returns the context of statements: no longer than a heartbeat may wait.
func (p *Pump) statement() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.base, max(p.opts.Lease/3, time.Second))
}

// fill claims rows and hands them to the workers, if there is room and reason.
func (p *Pump) fill() {
	room := p.batch - p.held
	if !p.more || p.stop == nil || p.failing || p.held > 0 && room < (p.batch+3)/4 {
		return
	}
	ctx, cancel := p.statement()
	defer cancel()
	p.claims++
	rows, soon, err := p.claim(ctx, p.claims, room)
	if err != nil {
		p.failed("claim", err)
		return
	}
	if p.more = len(rows) == room; p.more {
		p.adapt()
	}
	if soon {
		p.pause = min(max(2*p.pause, firstPause), p.opts.Poll)
		p.soon.Reset(p.pause)
	}
	if len(rows) == 0 {
		return
	}
	p.pause = 0
	p.claimed[rows[0].token] = len(rows)
	p.held += len(rows)
	for _, run := range runs(rows) {
		p.jobs <- run
	}
}

// adapt has a pump that comes back soon claim more, up to Batch, and one that
// does not less: what it holds nobody else can take.
func (p *Pump) adapt() {
	now := time.Now()
	switch {
	case p.full.IsZero():
	case now.Sub(p.full) < swift:
		p.batch = min(2*p.batch, p.opts.Batch)
	default:
		p.batch = max(p.batch/2, min(p.opts.Least, p.opts.Batch))
	}
	p.full = now
}

// swift is how soon a pump comes back that does well with what it claims.
const swift = time.Second

// firstPause is how soon the table is looked at again for what a transaction
// in progress holds back; each time after that it is twice as long, up to Poll.
const firstPause = 2 * time.Millisecond

// record writes the outcomes down.
func (p *Pump) record() {
	if len(p.outs) == 0 || p.failing {
		return
	}
	ctx, cancel := p.statement()
	defer cancel()
	lost, err := p.settle(ctx, p.outs)
	if err != nil {
		p.failed("record what was sent", err)
		return
	}
	if lost > 0 {
		p.opts.Logger.Warn(p.opts.Name+": lost the lease of events while they were "+p.opts.Done+"; others do it again", "events", lost, "lease", p.opts.Lease)
	}
	counts := [dead + 1]int64{}
	for _, o := range p.outs {
		counts[o.verdict]++
		if p.claimed[o.token]--; p.claimed[o.token] == 0 {
			delete(p.claimed, o.token)
		}
		p.more = p.more || o.ev.Key != "" // later ones of the key may be free now
	}
	p.misses = 0
	p.held -= len(p.outs)
	clear(p.outs)
	p.outs = p.outs[:0]
	for v, n := range counts {
		if n > 0 {
			p.opts.Observer.Count(p.base, p.opts.Name+".settled", n, append([]slog.Attr{slog.String("outcome", verdict(v).String())}, p.opts.Attrs...)...)
		}
	}
}

// beat extends the leases of what is claimed.
func (p *Pump) beat() {
	if p.opts.Beat != nil {
		ctx, cancel := p.statement()
		err := p.opts.Beat(ctx)
		cancel()
		if err != nil {
			p.failed("beat", err)
			return
		}
	}
	for token, n := range p.claimed {
		ctx, cancel := p.statement()
		still, err := p.extend(ctx, token)
		cancel()
		if err != nil {
			p.failed("extend leases", err)
			return
		}
		if int(still) < n {
			p.opts.Logger.Warn(p.opts.Name+": leases ended before they were extended; the events may be "+p.opts.Done+" again",
				"events", n-int(still), "lease", p.opts.Lease)
		}
	}
}

func (p *Pump) clean() {
	ctx, cancel := p.statement()
	defer cancel()
	if err := p.opts.Clean(ctx); err != nil {
		p.failed("clean up", err)
	}
}

// failed leaves the database alone until the next tick.
func (p *Pump) failed(what string, err error) {
	p.failing = true
	if p.stop == nil {
		p.misses++
		p.unmarked = events.Err.Wrap(err, "%s: drain: %d events were %s and could not be marked: they will be %s again", p.opts.Name, p.held, p.opts.Done, p.opts.Done)
	}
	p.opts.Logger.Error(p.opts.Name+": cannot "+what+", will try again", "error", err)
}
