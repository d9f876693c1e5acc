package memoryeventstore

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// A Store is an [eventstore.Log] in memory, without transactions. It is safe for
// concurrent use; make one with [New].
type Store struct {
	began uint64 // begins every position: those of an earlier store sort before

	mu      sync.RWMutex
	chunks  []*chunk // of all events, in order; what was written stays as it is
	n       int      // how many
	streams map[string][]int
	changed chan struct{} // closed by the next append; nil if nobody waits
}

// A chunk holds events one after another, so that a log grows without being copied.
type chunk [512]entry

type entry struct {
	ev      events.Event
	stream  string
	version eventstore.Version
}

var _ eventstore.Log = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	return &Store{began: uint64(time.Now().UnixNano()), streams: map[string][]int{}}
}

// Append implements [eventstore.Store]. It keeps Data and Headers.
func (s *Store) Append(ctx context.Context, stream string, expected eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	if err := eventstore.Check(stream, expected, evs...); err != nil {
		return eventstore.Appended{}, err
	}
	if ctx.Err() != nil {
		return eventstore.Appended{}, eventstore.Err.Wrap(context.Cause(ctx), "memoryeventstore: append to %q", stream)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	index := s.streams[stream]
	at := eventstore.Version(len(index))
	if expected != eventstore.Any && expected != at {
		return eventstore.Appended{}, eventstore.ErrConflict.Wrap(nil, "memoryeventstore: append to %q at %d, which is at %d", stream, expected, at)
	}
	if len(evs) == 0 {
		return eventstore.Appended{Version: at}, nil
	}
	for _, ev := range evs {
		ev.Time = time.UnixMicro(ev.Time.UnixMicro()).UTC()
		if s.n%len(chunk{}) == 0 {
			s.chunks = append(s.chunks, new(chunk))
		}
		at++
		s.chunks[s.n/len(chunk{})][s.n%len(chunk{})] = entry{ev, stream, at}
		index = append(index, s.n)
		s.n++
	}
	s.streams[stream] = index
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	return eventstore.Appended{Version: at, Position: s.position(s.n)}, nil
}

// position returns that of the n-th event.
func (s *Store) position(n int) eventstore.Position {
	return eventstore.Position(fmt.Sprintf("%016x.%010x", s.began, n))
}

// count returns how many events a position is after.
func (s *Store) count(after eventstore.Position, n int) (int, error) {
	if after == "" {
		return 0, nil
	}
	began, place, ok := strings.Cut(string(after), ".")
	b, berr := strconv.ParseUint(began, 16, 64)
	at, err := strconv.ParseUint(place, 16, 40)
	switch {
	case !ok || berr != nil || err != nil || b > s.began || b == s.began && at > uint64(n):
		return 0, eventstore.ErrPosition.Wrap(nil, "memoryeventstore: position %.40q", after)
	case b < s.began:
		return 0, nil // of a store before this one
	}
	return int(at), nil
}

// Read implements [eventstore.Store].
func (s *Store) Read(ctx context.Context, stream string, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if err := eventstore.CheckStream(stream); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		s.mu.RLock()
		index, chunks := s.streams[stream], s.chunks
		s.mu.RUnlock()
		if ctx.Err() == nil && len(index) == 0 {
			yield(eventstore.Recorded{}, eventstore.ErrNoStream.Wrap(nil, "memoryeventstore: read %q", stream))
			return
		}
		from := min(max(int(after), 0), len(index))
		s.yield(ctx, chunks, len(index)-from, func(i int) int { return index[from+i] }, yield)
	}
}

// ReadAll implements [eventstore.AllReader].
func (s *Store) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		s.mu.RLock()
		n, chunks := s.n, s.chunks
		s.mu.RUnlock()
		from, err := s.count(after, n)
		if err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		s.yield(ctx, chunks, n-from, func(i int) int { return from + i }, yield)
	}
}

// yield yields n events, the i-th of which is at at(i), until ctx ends.
func (s *Store) yield(ctx context.Context, chunks []*chunk, n int, at func(int) int, yield func(eventstore.Recorded, error) bool) {
	for i := 0; ; i++ {
		if i%64 == 0 && ctx.Err() != nil {
			yield(eventstore.Recorded{}, eventstore.Err.Wrap(context.Cause(ctx), "memoryeventstore: read"))
			return
		}
		if i >= n {
			return
		}
		place := at(i)
		e := &chunks[place/len(chunk{})][place%len(chunk{})]
		if !yield(eventstore.Recorded{Event: e.ev, Stream: e.stream, Version: e.version, Position: s.position(place + 1)}, nil) {
			return
		}
	}
}

// Wait implements [eventstore.AllReader].
func (s *Store) Wait(ctx context.Context, after eventstore.Position) error {
	if ctx.Err() != nil {
		return eventstore.Err.Wrap(context.Cause(ctx), "memoryeventstore: wait")
	}
	s.mu.Lock()
	at, err := s.count(after, s.n)
	if err != nil || at < s.n {
		s.mu.Unlock()
		return err
	}
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	changed := s.changed
	s.mu.Unlock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return eventstore.Err.Wrap(context.Cause(ctx), "memoryeventstore: wait")
	}
}
