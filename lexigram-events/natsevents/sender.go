package natsevents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	answerWait = 5 * time.Second        // for the server's answer, before a message is sent again
	againWait  = 250 * time.Millisecond // after an answer that nobody was there
	fullWait   = 500 * time.Millisecond // after one that there is no room
	look       = 100 * time.Millisecond // between looks for what is due
)

// A sender publishes messages and waits for the server's answers. It is here
// because that of nats.go gives up after 200 ms of back-pressure, knows no
// context, and does not send again.
type sender struct {
	nc    *nats.Conn
	opts  *Options
	inbox string
	sub   *nats.Subscription
	room  chan struct{} // holds a value for each flight
	state chan nats.Status
	done  chan struct{} // closed when watch has returned

	mu      sync.Mutex
	flights map[uint64]*flight
	last    uint64
	timer   *time.Timer // of again; runs while there are flights
	closed  bool
}

// A flight is one message on its way. The sender's mutex guards what is below call.
type flight struct {
	msg *nats.Msg
	key string

	call  *sending
	id    uint64
	began time.Time
	due   time.Time // when it is sent again
	full  bool      // the server had no room
	fin   bool
	last  error // why it is sent again
}

// A sending is one call of send.
type sending struct {
	left int           // flights without an answer
	err  error         // the first
	wake chan struct{} // holds a value when something has changed
}

func newSender(nc *nats.Conn, opts *Options) (*sender, error) {
	s := &sender{
		nc: nc, opts: opts, inbox: nc.NewInbox() + ".", room: make(chan struct{}, opts.Window), done: make(chan struct{}),
		flights: map[uint64]*flight{},
	}
	var err error
	if s.sub, err = nc.Subscribe(s.inbox+"*", s.answer); err != nil {
		return nil, err
	}
	if err := s.sub.SetPendingLimits(-1, -1); err != nil { // the window bounds them
		return nil, err
	}
	s.state = nc.StatusChanged(nats.CONNECTED)
	go s.watch()
	return s, nil
}

// watch has everything sent again over a new connection.
func (s *sender) watch() {
	defer close(s.done)
	for range s.state {
		s.mu.Lock()
		for _, f := range s.flights {
			f.due = time.Time{}
		}
		s.mu.Unlock()
	}
}

// close fails what is on its way, and waits for watch.
func (s *sender) close() {
	s.mu.Lock()
	s.closed = true
	for _, f := range s.flights {
		s.finish(f, events.ErrClosed.Wrap(nil, "natsevents: publish to %q", f.msg.Subject))
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	_ = s.sub.Unsubscribe() // fails only on a closed connection
	s.nc.RemoveStatusListener(s.state)
	<-s.done
}

// send sends all and returns when all have been taken, or the first error.
func (s *sender) send(ctx context.Context, all []flight) error {
	c := &sending{wake: make(chan struct{}, 1)}
	var latest map[string]*flight // of a key
	if len(all) > 1 {
		latest = make(map[string]*flight)
	}
	for i := range all {
		f := &all[i]
		if f.key != "" && latest != nil {
			if before := latest[f.key]; before != nil {
				if err := s.wait(ctx, c, all[:i], func() bool { return before.fin }); err != nil {
					return err
				}
			}
			latest[f.key] = f
		}
		select {
		case s.room <- struct{}{}:
		default:
			select {
			case s.room <- struct{}{}:
			case <-ctx.Done():
				s.abandon(all[:i])
				return events.Err.Wrap(context.Cause(ctx), "natsevents: publish to %q: %d events are on their way", f.msg.Subject, s.opts.Window)
			}
		}
		if !s.takeOff(c, f) {
			break
		}
	}
	return s.wait(ctx, c, all, func() bool { return c.left == 0 })
}

// takeOff sends f, for which there is room, unless the call has failed.
func (s *sender) takeOff(c *sending, f *flight) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && c.err == nil {
		c.err = events.ErrClosed.Wrap(nil, "natsevents: publish to %q", f.msg.Subject)
	}
	if c.err != nil {
		<-s.room
		return false
	}
	s.last++
	f.id, f.call, f.began, f.due = s.last, c, now, now.Add(answerWait)
	s.flights[f.id] = f
	c.left++
	var b [20]byte
	f.msg.Reply = s.inbox + string(strconv.AppendUint(b[:0], f.id, 36))
	s.transmit(f)
	if s.timer == nil {
		s.timer = time.AfterFunc(look, s.again)
	} else if len(s.flights) == 1 {
		s.timer.Reset(look)
	}
	return true
}

// transmit hands f to the connection. It is called with the mutex held, so
// that messages leave in the order of their flights.
func (s *sender) transmit(f *flight) {
	err := s.nc.PublishMsg(f.msg)
	switch {
	case err == nil:
	case errors.Is(err, nats.ErrConnectionClosed):
		s.finish(f, ErrUnavailable.Wrap(err, "natsevents: publish to %q", f.msg.Subject))
	case errors.Is(err, nats.ErrMaxPayload):
		s.finish(f, events.ErrSize.Wrap(err, "natsevents: publish to %q", f.msg.Subject))
	default: // the buffer of a lost connection is full
		f.last, f.due = err, time.Now().Add(againWait)
	}
}

// again sends what is due once more, and gives up what is too old.
func (s *sender) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, f := range s.flights {
		if !f.due.After(now) {
			s.retry(f, now)
		}
	}
	if len(s.flights) > 0 && !s.closed {
		s.timer.Reset(look)
	}
}

func (s *sender) retry(f *flight, now time.Time) {
	if !f.full && now.Sub(f.began) >= s.opts.PublishTimeout {
		err := f.last
		if err == nil {
			err = fmt.Errorf("no answer within %v", s.opts.PublishTimeout)
		}
		s.finish(f, ErrUnavailable.Wrap(redacted(err), "natsevents: publish to %q", f.msg.Subject))
		return
	}
	f.due = now.Add(answerWait)
	s.transmit(f)
}

// answer takes the server's answer to a message.
func (s *sender) answer(m *nats.Msg) {
	id, err := strconv.ParseUint(m.Subject[len(s.inbox):], 36, 64)
	if err != nil {
		return // not to one of ours
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.flights[id]
	switch {
	case f == nil: // the second answer to one that was sent twice, or nobody waits any more
	case bytes.HasPrefix(m.Data, []byte(`{"stream":`)):
		s.finish(f, nil)
	default:
		s.judge(f, m)
	}
}

// judge does what an answer calls for that is not plainly a yes.
func (s *sender) judge(f *flight, m *nats.Msg) {
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" { // no stream, or no leader at the moment
		f.last, f.due = nats.ErrNoResponders, time.Now().Add(againWait)
		return
	}
	var resp struct {
		Error  *jetstream.APIError `json:"error"`
		Stream string              `json:"stream"`
	}
	err := json.Unmarshal(m.Data, &resp)
	switch {
	case err != nil:
		s.finish(f, errRefused.Wrap(err, "natsevents: publish to %q", f.msg.Subject))
	case resp.Error == nil && resp.Stream != "":
		s.finish(f, nil)
	case resp.Error == nil:
		s.finish(f, errRefused.Wrap(nil, "natsevents: publish to %q: an answer that is none", f.msg.Subject))
	case isFull(resp.Error):
		f.full, f.last, f.due = true, resp.Error, time.Now().Add(fullWait)
	case resp.Error.ErrorCode == codeInProcess:
		f.last, f.due = resp.Error, time.Now() // the next look
	case resp.Error.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum:
		s.finish(f, events.ErrSize.Wrap(resp.Error, "natsevents: publish to %q", f.msg.Subject))
	case resp.Error.Code == 503:
		f.last, f.due = resp.Error, time.Now().Add(againWait)
	default:
		s.finish(f, errRefused.Wrap(resp.Error, "natsevents: publish to %q", f.msg.Subject))
	}
}

// codeInProcess is what a cluster answers to a message whose ID it has not
// finished taking: whether it will is not known yet.
const codeInProcess = 10158

// isFull reports an answer that there is no room in the stream, the account or
// the server's disk.
func isFull(e *jetstream.APIError) bool {
	switch e.ErrorCode {
	case 10023, // insufficient resources
		10028, // memory of the server
		10047, // storage of the server
		10002, // resource limits of the account
		10077: // the stream's own limits
		return true
	}
	return false
}

// finish ends f. The mutex is held.
func (s *sender) finish(f *flight, err error) {
	delete(s.flights, f.id)
	<-s.room
	c := f.call
	f.fin = true
	c.left--
	if err != nil && c.err == nil {
		c.err = err
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// wait returns nil once ready, which is asked with the mutex held, or the
// error of the call when nothing of it is on its way.
func (s *sender) wait(ctx context.Context, c *sending, sent []flight, ready func() bool) error {
	for {
		s.mu.Lock()
		failed := c.err
		over := failed == nil && ready() || failed != nil && c.left == 0
		s.mu.Unlock()
		if over {
			return failed
		}
		select {
		case <-c.wake:
		case <-ctx.Done():
			n, last := s.abandon(sent)
			return events.Err.Wrap(errors.Join(context.Cause(ctx), last), "natsevents: publish: %d events without an answer", n)
		}
	}
}

// abandon waits for the flights no more. It returns how many had no answer, and
// why one of them was to be sent again, if one was.
func (s *sender) abandon(sent []flight) (n int, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range sent {
		f := &sent[i]
		if f.fin || f.call == nil {
			continue
		}
		n++
		if f.last != nil {
			why = redacted(f.last)
		}
		s.finish(f, nil)
	}
	return n, why
}
