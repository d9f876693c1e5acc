package auditlog

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// A chain is a series of entries of which each names the checksum of the one before.
// Its times increase strictly and its entries are kept equally long: so its
// beginning expires first, what a query cuts off is its beginning, and a gap is an
// entry that somebody removed.
type chain struct {
	id   string // "" begins another one
	seq  int64
	last string    // the checksum of the last link
	time time.Time // of the last link
}

// link signs e and keeps it as the next of the chain of those that are kept as long.
// An append that fails ends the chain, whether or not it took effect, unless the store
// refused the entry: no number is used twice.
func (r *Recorder) link(ctx context.Context, e audit.Entry, kept time.Duration, stamped bool) error {
	select { // not a mutex, which would wait as long as the store lets the others wait
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return audit.Err.Wrap(context.Cause(ctx), "auditlog: sign %q", e.ID)
	}
	k, err := r.opts.Keys.Current(ctx)
	if err == nil {
		err = security.CheckKey(k)
	}
	if err != nil {
		return audit.Err.Wrap(err, "auditlog: sign %q", e.ID)
	}
	c := r.chains[kept]
	if !e.Time.After(c.time) {
		if stamped {
			e.Time = c.time.Add(time.Microsecond)
			e.Expires = r.opts.Retention.expires(e)
		} else {
			c = chain{} // of what happened before
		}
	}
	if c.id == "" {
		c = chain{id: rand.Text()}
	}
	e.Chain, e.Seq, e.Previous = c.id, c.seq+1, c.last
	if e.Checksum, err = checksum(e, k); err != nil {
		return audit.Err.Wrap(err, "auditlog: sign %q", e.ID)
	}
	err = r.keep(ctx, e)
	switch {
	case err == nil:
		r.chains[kept] = chain{c.id, e.Seq, e.Checksum, e.Time}
	case !errors.Is(err, audit.ErrDuplicate) && !errors.Is(err, audit.ErrFull) && !errors.Is(err, audit.ErrInvalid):
		delete(r.chains, kept)
	}
	return err
}

// sign signs e and keeps it alone.
func (r *Recorder) sign(ctx context.Context, e audit.Entry) error {
	k, err := r.opts.Keys.Current(ctx)
	if err == nil {
		err = security.CheckKey(k)
	}
	if err == nil {
		e.Checksum, err = checksum(e, k)
	}
	if err != nil {
		return audit.Err.Wrap(err, "auditlog: sign %q", e.ID)
	}
	return r.keep(ctx, e)
}
