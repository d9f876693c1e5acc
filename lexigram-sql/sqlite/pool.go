package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A pool lends connections, one borrower each, and makes them when needed.
type pool struct {
	dial  func(ctx context.Context) (*conn, error)
	slots chan struct{} // one for each connection lent

	mu     sync.Mutex
	idle   []*conn
	closed bool
	counts sqldb.PoolStats // those since it was opened
}

func newPool(size int, dial func(ctx context.Context) (*conn, error)) *pool {
	return &pool{dial: dial, slots: make(chan struct{}, size)}
}

// get waits for a connection until ctx ends. The caller puts it back.
func (p *pool) get(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, sqldb.Err.Wrap(context.Cause(ctx), "sqlite: connection")
	}
	select {
	case p.slots <- struct{}{}:
	default:
		if err := p.wait(ctx); err != nil {
			return nil, err
		}
	}
	c, err := p.take()
	if c == nil && err == nil {
		if c, err = p.dial(ctx); err == nil {
			p.count(func(s *sqldb.PoolStats) { s.Created++ })
		}
	}
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// wait waits for a slot.
func (p *pool) wait(ctx context.Context) error {
	start := time.Now()
	select {
	case p.slots <- struct{}{}:
		p.count(func(s *sqldb.PoolStats) { s.Waited++; s.WaitTime += time.Since(start) })
		return nil
	case <-ctx.Done():
		p.count(func(s *sqldb.PoolStats) { s.Cancelled++ })
		return sqldb.Err.Wrap(context.Cause(ctx), "sqlite: wait for a connection")
	}
}

func (p *pool) count(f func(s *sqldb.PoolStats)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.counts)
}

func (p *pool) stats() sqldb.PoolStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.counts
	s.Max, s.InUse, s.Idle = cap(p.slots), len(p.slots), len(p.idle)
	// One that is being put back is in both for a moment.
	s.InUse = min(s.InUse, s.Max-s.Idle)
	s.Total = s.InUse + s.Idle
	return s
}

// warm has n connections ready, those in use among them, and returns how many are.
func (p *pool) warm(ctx context.Context, n int) (int, error) {
	want := min(n, cap(p.slots))
	var got []*conn
	defer func() {
		for _, c := range got {
			p.put(c)
		}
	}()
	for s := p.stats(); s.InUse+len(got) < want; {
		c, err := p.get(ctx)
		if err != nil {
			return s.InUse + len(got), err
		}
		got = append(got, c)
	}
	if want < n {
		return want, sqldb.Err.Wrap(fmt.Errorf("%d connections are more than the pool may have", n), "sqlite: warm")
	}
	return want, nil
}

// take returns the connection used last, or nil if there is none.
func (p *pool) take() (*conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, sqldb.ErrUnavailable.Wrap(errors.New("the database is closed"), "sqlite: connection")
	}
	p.counts.Acquired++
	n := len(p.idle)
	if n == 0 {
		return nil, nil
	}
	c := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c, nil
}

// put takes a connection back, or closes it if it cannot be used again.
func (p *pool) put(c *conn) {
	p.mu.Lock()
	keep := !p.closed && !c.broken
	if keep {
		p.idle = append(p.idle, c)
	} else {
		p.counts.Destroyed++
	}
	p.mu.Unlock()
	if !keep {
		_ = c.close() // it is given up: what its end has to say helps nobody
	}
	<-p.slots
}

func (p *pool) close() error {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var err error
	for _, c := range idle {
		err = errs.Join(err, c.close())
	}
	return err
}
