package openai

import (
	"errors"
	"io"
	"time"
)

// An alarm calls a function unless it is stopped or reset in time. The zero
// alarm never does.
type alarm struct {
	timer *time.Timer
	after time.Duration
}

func newAlarm(after time.Duration, ring func()) alarm {
	if after <= 0 {
		return alarm{}
	}
	return alarm{time.AfterFunc(after, ring), after}
}

func (a alarm) reset() {
	if a.timer != nil {
		a.timer.Reset(a.after)
	}
}

// stop reports whether the alarm will not ring and has not rung. Stopping it
// again reports false.
func (a alarm) stop() bool { return a.timer == nil || a.timer.Stop() }

var errTooLarge = errors.New("the response is larger than MaxResponseBytes")

// A capped reader fails with errTooLarge instead of reading more than left bytes.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		// one byte more tells the end from more
		if n, err := io.ReadFull(c.r, make([]byte, 1)); n == 0 {
			return 0, err
		}
		return 0, errTooLarge
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}
