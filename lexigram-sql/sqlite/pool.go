package sqlite

import (
	"context"
	"errors"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A pool lends connections, one borrower each, and makes them when needed.
type pool struct {
	dial  func(ctx context.Context) (*conn, error)
	slots chan struct{} // one for each connection lent

	mu     sync.Mutex
	idle   []*conn
	closed bool
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
	case <-ctx.Done():
		return nil, sqldb.Err.Wrap(context.Cause(ctx), "sqlite: wait for a connection")
	}
	c, err := p.take()
	if c == nil && err == nil {
		c, err = p.dial(ctx)
	}
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// take returns the connection used last, or nil if there is none.
func (p *pool) take() (*conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, sqldb.ErrUnavailable.Wrap(errors.New("the database is closed"), "sqlite: connection")
	}
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
		err = errors.Join(err, c.close())
	}
	return err
}
