package eventstest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// Restarts says how the bus ends and comes again, as when its process does:
// restart closes b, whose consumers have been stopped, and returns a bus with
// what b has kept. It is for buses that outlive their process.
func Restarts(restart func(t *testing.T, b Bus) Bus) Option {
	return func(o *options) { o.restart = restart }
}

var restartRules = []rule{
	{
		name:  "a group survives a restart",
		says:  "its place outlives them; Publish returns nil once the bus has taken every event, with the durability that the backend documents",
		check: restarts(groupSurvives),
	},
	{
		name:  "what is kept survives a restart",
		says:  "Earliest begins with the oldest event that the bus has kept",
		check: restarts(keptSurvives),
	},
	{
		name:  "the same event after a restart",
		says:  "within the bus's window, two minutes at least, an equal Source and ID is the same event",
		check: restarts(sameSurvives),
	},
}

func restarts(check func(*probe) error) func(*probe) error {
	return func(p *probe) error {
		if p.again == nil {
			return skip("the bus was not said to restart")
		}
		return check(p)
	}
}

func groupSurvives(p *probe) error {
	l := newLog()
	if err := p.behind(l); err != nil {
		return err
	}
	p.Bus = p.again(p.Bus)
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "4"); err != nil {
		return err
	}
	if err := p.only(l, "1", "2", "3", "4"); err != nil {
		return err
	}
	if got := l.all(); !slices.IsSorted(got) {
		return fmt.Errorf("got %q of one key", got)
	}
	return nil
}

func keptSurvives(p *probe) error {
	if !p.keeps {
		return skip("the bus was not said to keep events")
	}
	if err := p.publish("k", "1", "2"); err != nil {
		return err
	}
	p.Bus = p.again(p.Bus)
	l := newLog()
	s := p.subscription("g", "a")
	s.Begin = events.Earliest
	c, err := p.subscribe(s, l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	return p.only(l, "1", "2")
}

func sameSurvives(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	ev := p.event("a", "k", "1")
	if err := p.Publish(p.ctx, ev); err != nil {
		return err
	}
	if err := p.wants(l, "1"); err != nil {
		return err
	}
	p.quiet()
	c.end()
	p.Bus = p.again(p.Bus)
	if c, err = p.subscribe(p.subscription("g", "a"), l.handle); err != nil {
		return err
	}
	defer c.end()
	if err := p.Publish(p.ctx, ev); err != nil {
		return err
	}
	return p.only(l, "1")
}
