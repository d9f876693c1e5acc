package eventstest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var retryRules = []rule{
	{
		name: "an error is tried again",
		says: "Any error has it delivered again later",
		check: func(p *probe) error {
			return p.triedAgain(func() error { return errNotNow })
		},
	},
	{
		name: "a panic is tried again",
		says: "Any error, and a panic, has it delivered again later",
		check: func(p *probe) error {
			return p.triedAgain(func() error { panic("of the check") })
		},
	},
	{
		name:  "nil acknowledges",
		says:  "Returning nil acknowledges it",
		check: acknowledged,
	},
	{
		name:  "attempts",
		says:  "Attempts is in all, the first included",
		check: func(p *probe) error { return p.attempts(3, errNotNow, 3) },
	},
	{
		name:  "one attempt",
		says:  "1 means no second one",
		check: func(p *probe) error { return p.attempts(1, errNotNow, 1) },
	},
	{
		name:  "ten attempts",
		says:  "0 means 10",
		check: func(p *probe) error { return p.attempts(0, errNotNow, 10) },
	},
	{
		name: "poison",
		says: "ErrPoison wraps a handler's error that no retry can mend: the event goes to the dead letters at once",
		check: func(p *probe) error {
			return p.attempts(5, events.ErrPoison.Wrap(errNotNow, "the check"), 1)
		},
	},
	{
		name:  "timeout",
		says:  "Timeout of one call of the handler: its ctx ends, and no other consumer gets the event before",
		check: timeout,
	},
}

// triedAgain has the first two calls fail.
func (p *probe) triedAgain(fail func() error) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), func(ctx context.Context, ev events.Event) error {
		l.add(string(ev.Data))
		if len(l.all()) < 3 {
			return fail()
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "1"); err != nil {
		return err
	}
	return p.only(l, "1", "1", "1")
}

func acknowledged(p *probe) error {
	l := newLog()
	s := p.subscription("g", "a")
	s.Timeout = p.tick
	c, err := p.subscribe(s, l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "1"); err != nil {
		return err
	}
	return p.only(l, "1") // although the timeout passes
}

// attempts counts the calls for an event that always fails, whose successor
// must come all the same.
func (p *probe) attempts(n int, fail error, want int) error {
	l := newLog()
	s := p.subscription("g", "a")
	s.Retry.Attempts = n
	c, err := p.subscribe(s, func(_ context.Context, ev events.Event) error {
		l.add(string(ev.Data))
		if string(ev.Data) == "failing" {
			return fail
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "failing", "next"); err != nil {
		return err
	}
	if err := p.until(l, "the next event of its key", func() bool { return l.count("next") > 0 }); err != nil {
		return err
	}
	p.quiet()
	if got := l.count("failing"); got != want {
		return fmt.Errorf("the handler was called %d times, want %d", got, want)
	}
	return nil
}

func timeout(p *probe) error {
	l := newLog()
	s := p.subscription("g", "a")
	s.Timeout = 2 * p.tick
	for range 2 {
		c, err := p.subscribe(s, func(ctx context.Context, _ events.Event) error {
			start := time.Now()
			if _, ok := ctx.Deadline(); !ok {
				l.add("no deadline")
			}
			if len(l.all()) > 0 {
				l.add("again")
				return nil
			}
			l.add("first")
			select {
			case <-ctx.Done():
			case <-time.After(15 * p.tick):
				l.add("its ctx did not end")
			}
			if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
				l.add(fmt.Sprintf("its ctx ended with %v", ctx.Err()))
			}
			if took := time.Since(start); took < p.tick {
				l.add(fmt.Sprintf("its ctx ended after %v", took))
			}
			if n := l.count("again"); n > 0 {
				l.add("another consumer had it")
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		defer c.end()
	}
	if err := p.publish("k", "1"); err != nil {
		return err
	}
	return p.only(l, "first", "again")
}
