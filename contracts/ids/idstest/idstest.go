// Package idstest checks that an [ids.Generator] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		idstest.Run(t, func(t *testing.T) ids.Generator { return open(t) })
//	}
package idstest

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ids"
)

// Run checks every rule of [ids.Generator], each on two generators of its own. newGenerator
// registers its own cleanup on t. A rule about a strategy that the generator
// does not have is a skip that says so.
func Run(t *testing.T, newGenerator func(t *testing.T) ids.Generator) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(newGenerator(t), newGenerator(t))
			switch {
			case err == nil:
			case errors.Is(err, errors.ErrUnsupported):
				t.Skipf("%v\nids.Generator: %s", err, r.says)
			default:
				t.Errorf("%v\nids.Generator: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(g, other ids.Generator) error
}

var rules = []rule{
	{"unique", "NewID returns an ID that no other call … has returned", checkUnique},
	{"unique elsewhere", "NewID returns an ID that no other call, here or elsewhere, has returned", checkElsewhere},
	{"plain text", "An ID is 1 to 90 of A-Z, a-z, 0-9, \"-\" and \"_\"", checkPlain},
	{"form", "Strategy returns the form of every ID that this generator makes", checkForm},
	{"prefix", "With Prefixed it begins with the type's prefix, if the generator has one for it, and \"_\"; another strategy does not look at the type", checkPrefix},
	{"sorted by time", "sorts by [the time], to the millisecond at least, as text", checkSorted},
	{"concurrent use", "It is safe for concurrent use", checkConcurrent},
}

// entities are types of things, some of which no prefix can be made of.
var entities = []string{"user", "Order Line", "", "42", "ünïcode", "a/b\x00", string(make([]byte, 300))}

func each(g ids.Generator, n int, do func(id string) error) error {
	for range n {
		if err := do(g.NewID()); err != nil {
			return fmt.Errorf("NewID: %w", err)
		}
		for _, e := range entities {
			if err := do(g.NewIDFor(e)); err != nil {
				return fmt.Errorf("NewIDFor(%.20q): %w", e, err)
			}
		}
	}
	return nil
}

func once(seen map[string]bool) func(id string) error {
	return func(id string) error {
		if seen[id] {
			return fmt.Errorf("%q again", id)
		}
		seen[id] = true
		return nil
	}
}

func checkUnique(g, _ ids.Generator) error { return each(g, 2_000, once(map[string]bool{})) }

func checkElsewhere(g, other ids.Generator) error {
	seen := map[string]bool{}
	for range 100 {
		if err := errors.Join(each(g, 10, once(seen)), each(other, 10, once(seen))); err != nil {
			return err
		}
	}
	return nil
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_-]{1,90}$`)

func checkPlain(g, _ ids.Generator) error {
	return each(g, 10, func(id string) error {
		if !plain.MatchString(id) {
			return fmt.Errorf("%q", id)
		}
		return nil
	})
}

var forms = map[ids.Strategy]*regexp.Regexp{
	ids.UUID4:    regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
	ids.UUID7:    regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
	ids.ULID:     regexp.MustCompile(`^[0-7][0-9A-HJKMNP-TV-Z]{25}$`),
	ids.Prefixed: regexp.MustCompile(`^([a-z]([a-z_]{0,61}[a-z])?_)?[0-7][0-9a-hjkmnp-tv-z]{25}$`),
}

func checkForm(g, _ ids.Generator) error {
	form, ok := forms[g.Strategy()]
	if !ok {
		return fmt.Errorf("strategy %q is of the generator's own: %w", g.Strategy(), errors.ErrUnsupported)
	}
	return each(g, 100, func(id string) error {
		if !form.MatchString(id) {
			return fmt.Errorf("%q is no %s", id, g.Strategy())
		}
		return nil
	})
}

func checkPrefix(g, _ ids.Generator) error {
	bare := len(g.NewID())
	for range 10 {
		if got := g.NewID(); len(got) != bare && g.Strategy() == ids.Prefixed {
			return fmt.Errorf("NewID = %q, of another length than before", got)
		}
		for _, e := range entities {
			id := g.NewIDFor(e)
			if g.Strategy() != ids.Prefixed {
				if _, known := forms[g.Strategy()]; known && len(id) != bare {
					return fmt.Errorf("NewIDFor(%.20q) = %q, of another length than that of NewID", e, id)
				}
				continue
			}
			prefix := id[:max(0, len(id)-bare)]
			if again := g.NewIDFor(e); len(again) != len(id) || again[:len(prefix)] != prefix {
				return fmt.Errorf("NewIDFor(%.20q) = %q, and then %q with another prefix", e, id, again)
			}
		}
	}
	if id := g.NewIDFor("user"); g.Strategy() == ids.Prefixed && len(id) < bare+2 {
		return fmt.Errorf("NewIDFor(user) = %q, without a prefix", id)
	}
	return nil
}

func checkSorted(g, _ ids.Generator) error {
	switch g.Strategy() {
	case ids.UUID7, ids.ULID, ids.Prefixed:
	default:
		return fmt.Errorf("strategy %q does not tell the time: %w", g.Strategy(), errors.ErrUnsupported)
	}
	last := g.NewID()
	for range 20 {
		time.Sleep(2 * time.Millisecond)
		next := g.NewID()
		if next <= last {
			return fmt.Errorf("%q was made after %q and sorts before", next, last)
		}
		last = next
	}
	return nil
}

func checkConcurrent(g, _ ids.Generator) error {
	const callers, calls = 8, 2_000
	made := make([][]string, callers)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			for range calls {
				made[i] = append(made[i], g.NewID())
			}
			g.NewIDFor("user")
		})
	}
	wg.Wait()
	unique := once(map[string]bool{})
	for _, list := range made {
		for _, id := range list {
			if err := unique(id); err != nil {
				return err
			}
		}
	}
	return nil
}
