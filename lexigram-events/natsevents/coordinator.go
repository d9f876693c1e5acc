package natsevents

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A coordinator has the processes of a named group share its partitions: each
// takes as many as it is one of, under leases in the bucket, which the server
// forgets when they are not renewed. A partition is handed over when its
// handlers have returned; that of a process that died, when its lease ends. One
// goroutine runs it, so it needs no mutex.
type coordinator struct {
	group *group
	id    string // of this process in this group

	leases   map[int]*lease
	members  map[string]time.Time // when each was heard of
	owners   map[int]string       // of the partitions, as the bucket says
	freed    chan int             // partitions whose fetcher is over
	ending   bool
	prepared bool // what the bucket held has been read
}

// A lease is one on a partition that this process has.
type lease struct {
	revision uint64
	renewed  time.Time // when the renewal that succeeded last was begun
	cancel   context.CancelFunc
	leaving  bool
	lost     bool
}

func newCoordinator(g *group) *coordinator {
	return &coordinator{
		group: g, id: g.id, leases: map[int]*lease{}, members: map[string]time.Time{}, owners: map[int]string{},
		freed: make(chan int, g.bus.opts.Partitions),
	}
}

func memberKey(token, id string) string           { return "m." + token + "." + id }
func leaseKey(token string, n int) string         { return leaseKeys(token) + strconv.Itoa(n) }
func leaseKeys(token string) string               { return "p." + token + "." }
func (c *coordinator) key(n int) string           { return leaseKey(c.group.token, n) }
func (c *coordinator) length() time.Duration      { return c.group.bus.opts.Lease }
func (c *coordinator) bucket() jetstream.KeyValue { return c.group.bus.bucket }

// run works until ctx ends and everything is given back.
func (c *coordinator) run(ctx context.Context) {
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	tick := time.NewTicker(c.length() / 4)
	defer tick.Stop()
	updates, stop := c.watch(background)
	defer func() { stop() }()
	ended := ctx.Done()
	c.renew(background)
	for !c.ending || len(c.leases) > 0 {
		changed := false
		select {
		case <-ended:
			ended, c.ending, changed = nil, true, true
		case e, ok := <-updates:
			if !ok {
				stop()
				updates, stop = nil, func() {}
				continue
			}
			changed = c.learn(e)
		case n := <-c.freed:
			c.free(background, n)
			changed = true
		case <-tick.C:
			if updates == nil {
				updates, stop = c.watch(background)
			}
			c.renew(background)
			changed = true
		}
		if changed {
			c.balance(background)
		}
	}
	c.leave(background)
}

// watch begins to learn of the other processes.
func (c *coordinator) watch(ctx context.Context) (<-chan jetstream.KeyValueEntry, func()) {
	w, err := c.bucket().WatchFiltered(ctx, []string{memberKey(c.group.token, "*"), leaseKeys(c.group.token) + "*"})
	if err != nil {
		c.log("watch", err)
		return nil, func() {}
	}
	return w.Updates(), func() {
		if err := w.Stop(); err != nil {
			c.log("end of watch", err)
		}
	}
}

// learn takes note of an entry, and reports whether it changes anything.
func (c *coordinator) learn(e jetstream.KeyValueEntry) bool {
	if e == nil { // what there was has been read
		c.prepared = true
		return true
	}
	gone := e.Operation() != jetstream.KeyValuePut
	if id, ok := strings.CutPrefix(e.Key(), memberKey(c.group.token, "")); ok {
		_, known := c.members[id]
		if gone {
			delete(c.members, id)
		} else {
			c.members[id] = time.Now()
		}
		return c.prepared && known == gone
	}
	n, err := strconv.Atoi(strings.TrimPrefix(e.Key(), leaseKeys(c.group.token)))
	if err != nil {
		return false
	}
	if gone {
		delete(c.owners, n)
	} else {
		c.owners[n] = string(e.Value())
	}
	return c.prepared && gone
}

// renew gives a sign of life, and keeps the leases.
func (c *coordinator) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.length()/4)
	defer cancel()
	if !c.ending {
		if _, err := c.bucket().Put(ctx, memberKey(c.group.token, c.id), nil); err != nil {
			c.log("sign of life", err)
		}
	}
	for n, l := range c.leases {
		if l.lost {
			continue
		}
		now := time.Now()
		revision, err := c.bucket().Update(ctx, c.key(n), []byte(c.id), l.revision)
		switch {
		case err == nil:
			l.revision, l.renewed = revision, now
		case isConflict(err), now.Sub(l.renewed) >= c.length():
			c.group.bus.opts.Logger.Warn("natsevents: lost the lease on a partition", "group", c.group.sub.Group, "partition", n, "error", err)
			l.lost, l.leaving = true, true
			l.cancel()
		default:
			c.log("renewal of a lease", err)
		}
	}
}

// isConflict reports an update of what somebody else has changed.
func isConflict(err error) bool {
	var e *jetstream.APIError
	return errors.As(err, &e) && (e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) ||
		errors.Is(err, jetstream.ErrKeyExists)
}

// balance gives up partitions beyond this process's share, or takes more.
func (c *coordinator) balance(ctx context.Context) {
	share := c.share()
	var mine []int
	for n, l := range c.leases {
		if !l.leaving {
			mine = append(mine, n)
		}
	}
	slices.Sort(mine)
	for len(mine) > share {
		last := mine[len(mine)-1]
		mine = mine[:len(mine)-1]
		c.leases[last].leaving = true
		c.leases[last].cancel()
	}
	if !c.prepared {
		return
	}
	for n := 0; n < c.group.bus.opts.Partitions && len(mine) < share; n++ {
		if _, have := c.leases[n]; !have && c.take(ctx, n) {
			mine = append(mine, n)
		}
	}
}

// share is how many partitions are for this process: those who are alive have
// as many each, and the first of them the rest.
func (c *coordinator) share() int {
	if c.ending {
		return 0
	}
	now := time.Now()
	maps.DeleteFunc(c.members, func(_ string, heard time.Time) bool { return now.Sub(heard) > c.length() })
	c.members[c.id] = now
	all := slices.Sorted(maps.Keys(c.members))
	n, rank := c.group.bus.opts.Partitions, slices.Index(all, c.id)
	share := n / len(all)
	if rank < n%len(all) {
		share++
	}
	return share
}

// take tries to lease a partition and begins to fetch from it.
func (c *coordinator) take(ctx context.Context, n int) bool {
	if owner := c.owners[n]; owner != "" {
		if _, alive := c.members[owner]; alive && owner != c.id {
			return false
		}
	}
	ask, cancel := context.WithTimeout(ctx, c.length()/4)
	defer cancel()
	now := time.Now()
	revision, err := c.bucket().Create(ask, c.key(n), []byte(c.id))
	if err != nil {
		if !isConflict(err) {
			c.log("lease", err)
		}
		return false
	}
	work, stop := context.WithCancel(ctx)
	c.leases[n] = &lease{revision: revision, renewed: now, cancel: stop}
	c.owners[n] = c.id
	disjoint, _ := filters(c.group.sub.Types)
	f := newFetcher(c.group, c.group.config(n, disjoint), 0)
	go func() {
		f.run(work)
		c.freed <- n
	}()
	return true
}

// free ends the lease on a partition whose fetcher has given everything back.
func (c *coordinator) free(ctx context.Context, n int) {
	l := c.leases[n]
	delete(c.leases, n)
	delete(c.owners, n)
	l.cancel()
	if l.lost {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	if err := c.group.bus.nc.FlushWithContext(ctx); err != nil { // the answers go first
		c.log("flush", err)
		return
	}
	if err := c.bucket().Delete(ctx, c.key(n), jetstream.LastRevision(l.revision)); err != nil {
		c.log("end of a lease", err)
	}
}

// leave tells the others that this process works for the group no more.
func (c *coordinator) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askWait)
	defer cancel()
	if err := c.bucket().Delete(ctx, memberKey(c.group.token, c.id)); err != nil {
		c.log("farewell", err)
	}
}

// log tells of what the next try, or the end of the lease, mends.
func (c *coordinator) log(what string, err error) {
	c.group.bus.opts.Logger.Debug("natsevents: "+what, "group", c.group.sub.Group, "error", err)
}
