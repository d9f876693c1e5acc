package filestorage

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"time"
)

// stripes is how many locks the keys share. It is part of the layout: every
// process must map a key to the same lock.
const stripes = 256

// The pause between two tries for a lock that another process has: it has it
// for a few system calls.
const (
	firstPause = time.Millisecond
	lastPause  = 20 * time.Millisecond
)

// locks let one goroutine of one process at a time compare and switch a blob.
// Goroutines of this process wait on a channel, so that at most one per stripe
// polls the lock file.
type locks struct {
	disk  *disk
	local [stripes]chan struct{}
}

func newLocks(d *disk) *locks {
	l := &locks{disk: d}
	for i := range l.local {
		l.local[i] = make(chan struct{}, 1)
	}
	return l
}

// lock waits for key's lock until ctx ends. The lock is free when unlock
// returns, or the process ends.
func (l *locks) lock(ctx context.Context, key string) (unlock func(), err error) {
	h := fnv.New32a()
	h.Write([]byte(key))
	stripe := h.Sum32() % stripes
	select {
	case l.local[stripe] <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	f, err := l.lockFile(ctx, fmt.Sprintf("%s/%02x", locksDir, stripe))
	if err != nil {
		<-l.local[stripe]
		return nil, err
	}
	return func() {
		f.Close() // an empty file has nothing to lose
		<-l.local[stripe]
	}, nil
}

func (l *locks) lockFile(ctx context.Context, name string) (*os.File, error) {
	f, err := l.disk.openFile(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		ok, err := l.disk.flock(f)
		if ok {
			return f, nil
		}
		if err == nil {
			err = wait(ctx, pause)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
