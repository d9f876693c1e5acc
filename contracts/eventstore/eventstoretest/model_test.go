package eventstoretest

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// A model is the smallest store that keeps every rule. With the name of a rule
// in breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu      chan struct{} // locks what follows
	writer  chan struct{} // held by what appends, to the end of its transaction
	log     []eventstore.Recorded
	streams map[string][]eventstore.Recorded
	last    int
	changed chan struct{}
	breaks  string
}

var (
	_ eventstore.Log = (*model)(nil)
	_ Transactor     = (*model)(nil)
)

func newModel(breaks string) *model {
	return &model{
		mu: make(chan struct{}, 1), writer: make(chan struct{}, 1), changed: make(chan struct{}),
		streams: map[string][]eventstore.Recorded{}, breaks: breaks,
	}
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) lock(ctx context.Context, mu chan struct{}) error {
	if m.is("a context that has ended") {
		mu <- struct{}{}
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case mu <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A mtx is a transaction: what it appended shows when it commits.
type mtx struct {
	recs   []eventstore.Recorded
	failed bool
	last   *int // that of the model, or a number from when the transaction began
}

type mtxKey struct{}

func (m *model) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	tx := &mtx{}
	if m.is("a transaction that began before") {
		first := m.last
		tx.last = &first
		m.last += 100
	} else if !m.is("a late commit") {
		if err := m.lock(ctx, m.writer); err != nil {
			return err
		}
		defer func() { <-m.writer }()
	}
	if err := fn(context.WithValue(ctx, mtxKey{}, tx)); err != nil && !m.is("rollback") {
		return err
	} else if err != nil {
		defer m.commit(tx.recs)
		return err
	}
	return m.commit(tx.recs)
}

func (m *model) commit(recs []eventstore.Recorded) error {
	m.mu <- struct{}{}
	defer func() { <-m.mu }()
	for _, rec := range recs {
		m.log = append(m.log, rec)
		name := m.name(rec.Stream)
		m.streams[name] = append(m.streams[name], rec)
	}
	slices.SortFunc(m.log, func(a, b eventstore.Recorded) int { return cmp.Compare(a.Position, b.Position) })
	close(m.changed)
	m.changed = make(chan struct{})
	return nil
}

func (m *model) name(stream string) string {
	if m.is("streams are apart") {
		return strings.TrimSpace(stream)
	}
	return stream
}

func (m *model) Append(ctx context.Context, stream string, expected eventstore.Version, evs ...events.Event) (eventstore.Appended, error) {
	if m.is("all or none") {
		evs = slices.DeleteFunc(evs, func(ev events.Event) bool { return events.Check(ev) != nil })
	}
	if err := eventstore.Check(stream, expected, evs...); err != nil {
		return eventstore.Appended{}, err
	}
	if m.is("many events at once") && len(evs) > 1000 {
		evs = evs[:1000]
	}
	tx, ambient := ctx.Value(mtxKey{}).(*mtx)
	if !ambient {
		tx = &mtx{}
		if err := m.lock(ctx, m.writer); err != nil {
			return eventstore.Appended{}, err
		}
		defer func() { <-m.writer }()
	}
	done, err := m.add(ctx, tx, stream, expected, evs)
	if err == nil && (!ambient || m.is("commit")) {
		if m.is("nothing appears behind a reader") {
			<-m.writer
			time.Sleep(time.Duration(len(evs)) * time.Millisecond)
			m.writer <- struct{}{}
		}
		err = m.commit(tx.recs)
		tx.recs = nil
	}
	return done, err
}

// add appends to tx.
func (m *model) add(ctx context.Context, tx *mtx, stream string, expected eventstore.Version, evs []events.Event) (eventstore.Appended, error) {
	at := m.at(tx, stream)
	if err := m.check(tx, stream, expected, at, len(evs)); err != nil {
		return eventstore.Appended{}, err
	}
	done := eventstore.Appended{Version: at}
	if m.is("one winner") { // checked here, appended there
		<-m.writer
		time.Sleep(time.Microsecond)
		m.writer <- struct{}{}
	}
	for i, ev := range evs {
		if m.is("writers that expect nothing") && i > 0 {
			if err := m.commit(tx.recs); err != nil {
				return done, err
			}
			tx.recs = nil
			<-m.writer
			time.Sleep(time.Microsecond)
			m.writer <- struct{}{}
			done.Version = m.at(tx, stream)
		}
		if m.is("the same event again") && slices.ContainsFunc(tx.recs, func(r eventstore.Recorded) bool { return r.ID == ev.ID }) {
			continue
		}
		if m.is("an event is kept intact") {
			ev.Format = ""
		}
		last := cmp.Or(tx.last, &m.last)
		*last++
		done.Version++
		rec := eventstore.Recorded{Event: ev, Stream: stream, Version: done.Version, Position: eventstore.Position(fmt.Sprintf("%016d", *last))}
		if m.is("versions are counted") {
			rec.Version--
		}
		if !m.is("positions are told") || i == 0 {
			done.Position = rec.Position
		}
		rec.Time = rec.Time.Truncate(time.Microsecond)
		tx.recs = append(tx.recs, rec)
	}
	return done, nil
}

// at returns the version of a stream as tx sees it.
func (m *model) at(tx *mtx, stream string) eventstore.Version {
	m.mu <- struct{}{}
	defer func() { <-m.mu }()
	n := len(m.streams[m.name(stream)])
	for _, rec := range tx.recs {
		if m.name(rec.Stream) == m.name(stream) {
			n++
		}
	}
	return eventstore.Version(n)
}

func (m *model) check(tx *mtx, stream string, expected, at eventstore.Version, n int) error {
	switch {
	case tx.failed:
		return eventstore.Err.Wrap(nil, "model: transaction has failed")
	case n == 0 && m.is("without events"):
		return nil
	case m.is("a version that is not expected") && at < expected:
		return nil
	case m.is("no stream") && expected == eventstore.NoStream:
		return nil
	case expected == at, expected == eventstore.Any && !m.is("any version"):
		return nil
	}
	tx.failed = m.is("a conflict in a transaction")
	return eventstore.ErrConflict.Wrap(nil, "model: append to %q", stream)
}

func (m *model) Read(ctx context.Context, stream string, after eventstore.Version) iter.Seq2[eventstore.Recorded, error] {
	used := false
	return func(yield func(eventstore.Recorded, error) bool) {
		if err := eventstore.CheckStream(stream); err != nil && !m.is("invalid arguments") {
			yield(eventstore.Recorded{}, err)
			return
		}
		if err := m.lock(ctx, m.mu); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		recs := slices.Clone(m.streams[m.name(stream)])
		<-m.mu
		if m.is("the loop uses the store") {
			m.writer <- struct{}{}
			defer func() { <-m.writer }()
		}
		if tx, ok := ctx.Value(mtxKey{}).(*mtx); ok {
			recs = append(recs, tx.recs...)
		}
		if len(recs) == 0 && !m.is("no such stream") {
			yield(eventstore.Recorded{}, eventstore.ErrNoStream.Wrap(nil, "model: read %q", stream))
		}
		if m.is("leaving a loop") && used {
			return
		}
		used = true
		if m.is("read after a version") {
			after--
		}
		for _, rec := range recs {
			if rec.Version > after && !yield(rec, nil) {
				return
			}
		}
	}
}

// position returns an error unless after is one of this store.
func (m *model) position(after eventstore.Position) error {
	if strings.Trim(string(after), "0123456789") != "" && !m.is("a position of nowhere") {
		return eventstore.ErrPosition.Wrap(nil, "model: position %q", after)
	}
	return nil
}

func (m *model) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if err := m.position(after); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		if err := m.lock(ctx, m.mu); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		recs := slices.Clone(m.log)
		<-m.mu
		if m.is("all streams are one sequence") {
			slices.SortStableFunc(recs, func(a, b eventstore.Recorded) int { return cmp.Compare(a.Stream, b.Stream) })
		}
		skip := m.is("subscribe") && after != ""
		for _, rec := range recs {
			if !(rec.Position > after || rec.Position == after && m.is("read on after a position")) {
				continue
			}
			if skip {
				skip = false
				continue
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func (m *model) Wait(ctx context.Context, after eventstore.Position) error {
	if m.is("leaving a wait") {
		return nil
	}
	if err := m.position(after); err != nil {
		return err
	}
	if err := m.lock(ctx, m.mu); err != nil {
		return err
	}
	there := len(m.log) > 0 && m.log[len(m.log)-1].Position > after
	changed := m.changed
	<-m.mu
	if there && !m.is("wait for what is there") {
		return nil
	}
	if m.is("wait for what comes") {
		changed = nil
	}
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
