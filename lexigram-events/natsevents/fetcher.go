package natsevents

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	pullExpiry    = 30 * time.Second
	pullHeartbeat = 5 * time.Second // of the server, while a pull waits
	reattachWait  = 500 * time.Millisecond
	settleWait    = 20 * time.Millisecond // between looks at what the server waits for; doubles
	askWait       = 2 * time.Second       // for an answer of the server to a question of the background
)

// A fetcher takes the messages of one consumer on the server to its group: of
// a partition of a named group, or of all of group "". The group's mutex guards
// what is below cfg.
//
// The server delivers in the order of the stream, but what was on its way when
// a line broke, a server fell or a process died comes again, later than what
// is behind it. So a fetcher begins, and goes on after a gap in the numbers of
// deliveries, unsettled: it keeps what comes in quarantine until it has
// everything that the server waits for an answer to, and then hands it on in
// the order of the stream.
type fetcher struct {
	group *group
	cfg   jetstream.ConsumerConfig
	over  chan struct{} // closed when it is stopped and nothing of it runs

	broken    chan struct{} // holds a value when the consumer has to be looked for
	unsettled chan struct{} // holds a value when a gap was seen

	held       map[uint64]*item // by sequence of the stream
	done       ring
	last       uint64 // delivery
	high       uint64 // sequence of the stream that was received
	start      uint64 // sequence that a new consumer on the server has to begin with, if nothing was received
	settling   bool
	quarantine []*item
	stopped    bool // it has given back what did not run
	ended      bool // nothing more will come
}

func newFetcher(g *group, cfg jetstream.ConsumerConfig, start uint64) *fetcher {
	return &fetcher{
		group: g, cfg: cfg, start: start, over: make(chan struct{}),
		broken: make(chan struct{}, 1), unsettled: make(chan struct{}, 1), held: map[uint64]*item{},
	}
}

// run fetches until ctx ends, and returns when everything was given back.
func (f *fetcher) run(ctx context.Context) {
	for ctx.Err() == nil {
		cons, err := f.attach(ctx)
		if err == nil {
			err = f.fetch(ctx, cons)
		}
		if ctx.Err() != nil {
			break
		}
		f.group.bus.opts.Logger.Warn("natsevents: looking for the consumer", "group", f.group.sub.Group, "consumer", f.cfg.Name, "error", err)
		timer := time.NewTimer(reattachWait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	f.end()
	if f.group.single == f {
		f.delete(ctx)
	}
}

// delete has the server forget the consumer, as it would by itself some time later.
func (f *fetcher) delete(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWait)
	defer cancel()
	b := f.group.bus
	if err := b.js.DeleteConsumer(ctx, b.opts.Stream, f.cfg.Name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		b.opts.Logger.Debug("natsevents: delete consumer", "consumer", f.cfg.Name, "error", err)
	}
}

// attach finds the consumer on the server, or makes it anew where this fetcher is.
func (f *fetcher) attach(ctx context.Context) (jetstream.Consumer, error) {
	ask, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	b := f.group.bus
	cons, err := b.js.Consumer(ask, b.opts.Stream, f.cfg.Name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		cfg := f.cfg
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, f.position()
		b.opts.Logger.Warn("natsevents: consumer is gone, making it anew", "group", f.group.sub.Group, "consumer", cfg.Name, "sequence", cfg.OptStartSeq)
		cons, err = b.js.CreateConsumer(ask, b.opts.Stream, cfg)
	}
	if err != nil {
		return nil, err
	}
	f.group.mu.Lock()
	defer f.group.mu.Unlock()
	f.start = max(f.start, startOf(cons.CachedInfo()))
	f.last = 0
	f.settling = true
	return cons, nil
}

// startOf returns the sequence from which on not everything is answered.
func startOf(info *jetstream.ConsumerInfo) uint64 {
	if info.NumAckPending == 0 {
		return max(info.AckFloor.Stream, info.Delivered.Stream) + 1
	}
	return info.AckFloor.Stream + 1
}

// position returns the first sequence that is not handled.
func (f *fetcher) position() uint64 {
	f.group.mu.Lock()
	defer f.group.mu.Unlock()
	first := max(f.high+1, f.start)
	for seq := range f.held {
		first = min(first, seq)
	}
	return max(first, 1)
}

// fetch takes messages until ctx ends, or there is something wrong with the consumer.
func (f *fetcher) fetch(ctx context.Context, cons jetstream.Consumer) error {
	f.signal(f.unsettled)
	batch := min(max(f.group.bus.opts.Buffer/2, 1), 2048)
	sub, err := cons.Consume(f.receive,
		jetstream.PullMaxMessages(batch), jetstream.PullThresholdMessages(max(batch/2, 1)),
		jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(pullHeartbeat), jetstream.ConsumeErrHandler(f.failed))
	if err != nil {
		return err
	}
	alive := time.NewTicker(f.group.bus.opts.AckWait / 3)
	defer alive.Stop()
	settle := time.NewTimer(0)
	defer settle.Stop()
	looks := 0
	for {
		select {
		case <-ctx.Done():
			finish(sub)
			return nil
		case <-f.broken:
			sub.Stop()
			<-sub.Closed()
			return errors.New("it sends nothing")
		case <-f.unsettled:
			looks = 0
			settle.Reset(0)
		case <-settle.C:
			if !f.settle(ctx, cons, looks) {
				settle.Reset(min(settleWait<<min(looks, 10), time.Second))
				looks++
			}
		case <-alive.C:
			f.touch()
		}
	}
}

// finish ends sub when what has arrived was received.
func finish(sub jetstream.ConsumeContext) {
	sub.Drain()
	timer := time.NewTimer(askWait)
	defer timer.Stop()
	select {
	case <-sub.Closed():
	case <-timer.C: // there is no connection
		sub.Stop()
	}
}

// failed is told of errors by the client.
func (f *fetcher) failed(_ jetstream.ConsumeContext, err error) {
	switch {
	case errors.Is(err, jetstream.ErrNoHeartbeat), errors.Is(err, jetstream.ErrConsumerDeleted), errors.Is(err, jetstream.ErrConsumerNotFound),
		errors.Is(err, jetstream.ErrBadRequest), errors.Is(err, jetstream.ErrConnectionClosed), errors.Is(err, jetstream.ErrNoStreamResponse):
		f.signal(f.broken)
	}
	f.group.bus.opts.Logger.Debug("natsevents: fetching", "group", f.group.sub.Group, "consumer", f.cfg.Name, "error", err)
}

func (f *fetcher) signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// receive takes one message from the client. It never blocks: the server sends
// no more than Buffer without an answer.
func (f *fetcher) receive(msg jetstream.Msg) {
	g := f.group
	at, ok := deliveryOf(msg.Reply())
	if !ok {
		g.bus.opts.Logger.Error("natsevents: a message without its place in the stream", "subject", msg.Subject(), "reply", msg.Reply())
		return
	}
	it := g.newItem()
	it.msg, it.from, it.seq = msg, f, at.sequence
	mine := g.read(it)
	if at.count > uint64(g.sub.Retry.Attempts+endless) {
		it.fatal = errEndless.Wrap(nil, "natsevents: event %q was delivered %d times", it.ev.ID, at.count)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	gap := f.last != 0 && at.number != f.last+1
	f.last = at.number
	if gap && !f.settling {
		f.settling = true
		f.signal(f.unsettled)
	}
	switch known := f.held[it.seq]; {
	case f.stopped:
		f.nak(msg)
	case known != nil: // the server did not hear that we are at it
		f.inProgress(msg)
		known.touched = time.Now()
	case !mine, it.seq <= f.high && f.done.has(it.seq):
		f.ack(msg)
		f.high = max(f.high, it.seq)
	default:
		f.high = max(f.high, it.seq)
		it.touched = time.Now()
		f.held[it.seq] = it
		g.held++
		if f.settling {
			f.quarantine = append(f.quarantine, it)
			return
		}
		g.push(it)
	}
}

// endless is how many deliveries more than attempts an event may have: each
// process that died with it, or gave it back, is one.
const endless = 100

// read decodes it, and reports whether it is for the group.
func (g *group) read(it *item) bool {
	h := it.msg.Headers()
	if to := h[headerTo]; len(to) > 0 && (g.sub.Group == "" || to[0] != g.token) {
		return false
	}
	typ, _ := g.bus.opts.typeOf(it.msg.Subject())
	if !g.exact && !g.wants(typ) {
		return false
	}
	it.ev, it.bad = events.Parse(h, it.msg.Data())
	if it.bad == nil && it.ev.Type != typ {
		it.bad = events.ErrInvalid.Wrap(nil, "natsevents: an event of type %q on subject %q", it.ev.Type, it.msg.Subject())
	}
	return true
}

// touch tells the server that what is held is being worked on.
func (f *fetcher) touch() {
	g := f.group
	now := time.Now()
	old := now.Add(-g.bus.opts.AckWait / 4)
	var msgs []jetstream.Msg
	g.mu.Lock()
	for _, it := range f.held {
		if it.touched.Before(old) {
			it.touched = now
			msgs = append(msgs, it.msg)
		}
	}
	g.mu.Unlock()
	for _, m := range msgs {
		f.inProgress(m)
	}
}

// drop forgets it.
func (f *fetcher) drop(it *item) {
	delete(f.held, it.seq)
	f.group.held--
	f.rest()
}

// rest tells that nothing runs any more of a fetcher that is stopped.
func (f *fetcher) rest() {
	if !f.stopped && !f.ended || len(f.held) > 0 {
		return
	}
	select {
	case <-f.over:
	default:
		close(f.over)
	}
}

// end gives everything back, unless group "" drains, and waits for what runs.
func (f *fetcher) end() {
	g := f.group
	g.mu.Lock()
	f.ended = true
	if g.sub.Group != "" {
		f.giveBack()
	} else {
		f.release()
	}
	f.rest()
	g.work.Broadcast()
	for _, c := range slices.Clone(g.all) {
		c.rest()
	}
	g.mu.Unlock()
	alive := time.NewTicker(g.bus.opts.AckWait / 3)
	defer alive.Stop()
	for {
		select {
		case <-f.over:
			return
		case <-alive.C:
			f.touch()
		}
	}
}

// giveBack answers the server, in the order of the stream, that it shall
// deliver again what is held and does not run.
func (f *fetcher) giveBack() {
	if f.stopped {
		return
	}
	g := f.group
	f.stopped = true
	f.quarantine = nil
	g.ready.remove(f)
	g.parked = slices.DeleteFunc(g.parked, func(it *item) bool { return it.from == f })
	heap.Init(&g.parked)
	for key, l := range g.lanes {
		if l.head.from != f {
			continue
		}
		l.pending = queue{}
		if !l.head.running {
			delete(g.lanes, key)
		}
	}
	var rest []*item
	for _, it := range f.held {
		if !it.running {
			rest = append(rest, it)
		}
	}
	slices.SortFunc(rest, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	for _, it := range rest {
		f.nak(it.msg)
		delete(f.held, it.seq)
		g.held--
	}
	f.rest()
	if g.held == 0 {
		g.work.Broadcast()
	}
}
