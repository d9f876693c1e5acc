package journal

import (
	"fmt"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// A Log keeps what its owner writes in a journal, and knows how much of that is
// garbage. A nil Log keeps nothing. Its owner makes one call at a time, but for
// Size, Cut and Health.
type Log struct {
	journal *Journal
	live    int64 // bytes of what is no garbage
	retry   int64 // size from which on a rewrite that failed is tried again
	size    atomic.Int64
	fault   atomic.Pointer[fault]
}

// A fault is what is wrong with a journal.
type fault struct {
	err    error
	broken bool // it takes no more records
}

const (
	// BatchBytes is about how large the records of a rewrite are.
	BatchBytes = 1 << 20
	smallLog   = 64 << 10 // a journal is not worth rewriting below it
)

// CreateLog makes a journal with a first record, as Create does.
func (d *Dir) CreateLog(name string, kind Kind, first []byte) (*Log, error) {
	j, err := d.Create(name, kind, first)
	if err != nil {
		return nil, err
	}
	l := &Log{journal: j}
	l.note()
	return l, nil
}

// OpenLog reads a journal as Open does. Of the log that replay is given it may
// call only Live.
func (d *Dir) OpenLog(name string, kind Kind, replay func(l *Log, record []byte) error) (*Log, error) {
	l := &Log{}
	j, err := d.Open(name, kind, func(record []byte) error { return replay(l, record) })
	if err != nil {
		return nil, err
	}
	l.journal = j
	l.note()
	return l, nil
}

// Append adds a record; see [Journal.Append].
func (l *Log) Append(record []byte) error {
	if l == nil {
		return nil
	}
	err := l.journal.Append(record)
	l.note()
	return err
}

// Live says by how many bytes what is no garbage became more.
func (l *Log) Live(bytes int) {
	if l != nil {
		l.live += int64(bytes)
	}
}

// RewriteIfWasteful replaces the journal by one with the records that all adds
// if more than half of it is garbage. The write that led here is done, so a
// failure is not its error: Health shows it, and a later write tries again.
func (l *Log) RewriteIfWasteful(all func(add func(record []byte) error) error) {
	if l == nil || l.journal.Size() < max(smallLog, l.retry) || l.journal.Size() < 2*l.live {
		return
	}
	err := l.journal.Rewrite(all)
	if l.note(); err != nil {
		if l.journal.Err() == nil {
			l.fault.Store(&fault{fmt.Errorf("rewrite the journal: %w", err), false})
		}
		l.retry = l.journal.Size() * 5 / 4
		return
	}
	l.fault.Store(nil)
	l.retry = 0
}

// note publishes the journal's size, and its error if there is one.
func (l *Log) note() {
	l.size.Store(l.journal.Size())
	if err := l.journal.Err(); err != nil {
		l.fault.Store(&fault{err, true})
	}
}

// Size returns the bytes of the journal.
func (l *Log) Size() int64 {
	if l == nil {
		return 0
	}
	return l.size.Load()
}

// Cut returns how many bytes of a call that was interrupted were dropped when
// the journal was opened.
func (l *Log) Cut() int64 {
	if l == nil {
		return 0
	}
	return l.journal.Cut()
}

// Health is Degraded, with the reason, if the journal could not be rewritten,
// and Unhealthy if it takes no more records.
func (l *Log) Health() (health.Status, error) {
	if l == nil {
		return health.Healthy, nil
	}
	f := l.fault.Load()
	switch {
	case f == nil:
		return health.Healthy, nil
	case f.broken:
		return health.Unhealthy, f.err
	}
	return health.Degraded, f.err
}

// Close closes the journal. Append afterwards fails.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	return l.journal.Close()
}
