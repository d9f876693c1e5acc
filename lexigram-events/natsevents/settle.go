package natsevents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// settle ends the quarantine if the server waits for nothing that this fetcher
// does not have. At the third look it asks for the rest.
func (f *fetcher) settle(ctx context.Context, cons jetstream.Consumer, looks int) bool {
	g := f.group
	g.mu.Lock()
	settling := f.settling
	g.mu.Unlock()
	if !settling {
		return true
	}
	ask, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	info, err := cons.Info(ask)
	if err != nil {
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			f.signal(f.broken)
		}
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if info.NumAckPending > len(f.held) {
		if looks == 2 {
			f.recall(info)
		}
		return false
	}
	f.release()
	return true
}

// recall gives back, for whoever had them, the messages that the server waits
// for an answer to and that this fetcher does not have: they were on their way
// to a process that died or has left, or were lost with a connection. Without
// it they would come again after AckWait. The server ignores answers about what
// it does not wait for, so it may be asked for all that it may have delivered.
func (f *fetcher) recall(info *jetstream.ConsumerInfo) {
	const most = 20_000 // the rest comes after AckWait
	b := f.group.bus
	first, last := info.AckFloor.Stream+1, info.Delivered.Stream
	for seq := first; seq <= min(last, first+most); seq++ {
		if f.held[seq] != nil {
			continue
		}
		subject := fmt.Sprintf("$JS.ACK.%s.%s.1.%d.%d.0.0", b.opts.Stream, f.cfg.Name, seq, info.Delivered.Consumer)
		f.answer(subject, nak)
	}
}

// release ends the quarantine and hands on what is in it.
func (f *fetcher) release() {
	f.settling = false
	slices.SortFunc(f.quarantine, func(a, b *item) int { return cmp.Compare(a.seq, b.seq) })
	for _, it := range f.quarantine {
		f.group.push(it)
	}
	f.quarantine = nil
}
