package sqllock

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// linger is how long a connection listens when nobody waits any more: waiters of a name
// that is contended come and go.
const linger = 10 * time.Second

// errDeaf reports that the database stopped listening, as one that is closed does.
var errDeaf = errors.New("the database has stopped listening")

// waiting is who waits in a store. The zero value is nobody.
type waiting struct {
	mu  sync.Mutex
	ear *ear // that listens or is about to; nil if none does
}

// An ear is one time of listening, for all who wait meanwhile.
type ear struct {
	cancel  context.CancelFunc
	ready   chan struct{} // closed when it listens, or cannot
	err     error         // why it cannot; set before ready is closed
	deaf    chan struct{} // closed when it has stopped
	waiters map[*waiter]struct{}
	idle    *time.Timer // runs while there are none
}

// A waiter waits for a name.
type waiter struct {
	name string
	free chan struct{} // has a value when the name was found free
}

// join adds who waits for a name, and returns when somebody listens. The caller leaves.
func (ws *waiting) join(ctx context.Context, s *Store, l sqldb.Listener, name string) (*ear, *waiter, error) {
	w := &waiter{name, make(chan struct{}, 1)}
	ws.mu.Lock()
	e := ws.ear
	if e == nil {
		var listening context.Context
		e = &ear{ready: make(chan struct{}), deaf: make(chan struct{}), waiters: map[*waiter]struct{}{}}
		listening, e.cancel = context.WithCancel(context.Background())
		ws.ear = e
		go ws.listen(listening, s, l, e) // ends with e.cancel, linger after the last waiter has left, or with the database
	}
	if e.idle != nil {
		e.idle.Stop()
	}
	e.waiters[w] = struct{}{}
	ws.mu.Unlock()
	err := error(nil)
	select {
	case <-e.ready:
		err = e.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		ws.leave(e, w)
		return nil, nil, err
	}
	return e, w, nil
}

// leave removes a waiter, and has e stop some time after the last one.
func (ws *waiting) leave(e *ear, w *waiter) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	delete(e.waiters, w)
	if len(e.waiters) > 0 || ws.ear != e {
		return
	}
	e.idle = time.AfterFunc(linger, func() {
		ws.mu.Lock()
		defer ws.mu.Unlock()
		if len(e.waiters) == 0 && ws.ear == e {
			ws.ear = nil
			e.cancel()
		}
	})
}

// listen is the goroutine of e.
func (ws *waiting) listen(ctx context.Context, s *Store, l sqldb.Listener, e *ear) {
	defer e.cancel()
	woken, err := l.Listen(ctx, channel)
	if err != nil {
		ws.stopped(e, func() { e.err = err; close(e.ready) })
		return
	}
	close(e.ready)
	for range woken {
		ws.look(ctx, s, e)
	}
	ws.stopped(e, func() {})
}

// stopped makes e deaf, so that the next who waits begins anew.
func (ws *waiting) stopped(e *ear, first func()) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.ear == e {
		ws.ear = nil
	}
	if e.idle != nil {
		e.idle.Stop()
	}
	first()
	close(e.deaf)
}

// look asks which of the names that are waited for are held, and wakes the rest. When
// it fails all are woken, and ask for themselves.
func (ws *waiting) look(ctx context.Context, s *Store, e *ear) {
	var names []string
	ws.mu.Lock()
	for w := range e.waiters {
		names = append(names, w.name)
	}
	ws.mu.Unlock()
	slices.Sort(names)
	names = slices.Compact(names)
	held, err := s.held(ctx, names)
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for w := range e.waiters {
		_, asked := slices.BinarySearch(names, w.name) // or it came since, and asks for itself
		if err != nil || asked && !held[w.name] {
			select {
			case w.free <- struct{}{}:
			default: // it knows
			}
		}
	}
}

// held returns which of names somebody holds.
func (s *Store) held(ctx context.Context, names []string) (map[string]bool, error) {
	held := map[string]bool{}
	for part := range slices.Chunk(names, sqldb.MaxParams) {
		args := phrase.Keys(part)
		scan := func(r sqldb.Rows) (name []byte, err error) { err = r.Scan(&name); return name, err }
		sql := s.book.Fill("SELECT name FROM lexigram_locks WHERE expires_at > {now} AND name IN (" + phrase.Placeholders(1, len(args)) + ")")
		for name, err := range sqldb.Select(ctx, s.db, scan, sql, args...) {
			if err != nil {
				return nil, err
			}
			held[string(name)] = true
		}
	}
	return held, nil
}

// wait returns true when the name was found free, and false when d has passed.
func (w *waiter) wait(ctx context.Context, e *ear, d time.Duration) (free bool, err error) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-w.free:
		return true, nil
	case <-t.C:
		return false, nil
	case <-e.deaf:
		return false, errDeaf
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}
