package boot_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	cases = flag.Int("cases", 1500, "how many random applications TestRandomApplications starts")
	seed  = flag.Uint64("seed", 0, "of TestRandomApplications; 0 takes another one each time")
)

// TestRandomApplications starts and stops random graphs of up to 200 providers,
// whose hooks fail, panic, exit, hang and ignore their contexts, while the start
// is cancelled or stopped in the middle; and checks what happened against the
// promises of package lifecycle. Time is not real.
func TestRandomApplications(t *testing.T) {
	n := *cases
	if testing.Short() {
		n /= 10
	}
	first := *seed
	if first == 0 {
		first = rand.Uint64()
	}
	for i := range n {
		s := first + uint64(i)
		ok := t.Run("", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newRig(rand.New(rand.NewPCG(s, 0)))
				rig.run(t)
				rig.check(t)
			})
		})
		if !ok {
			t.Fatalf("go test ./boot -run TestRandomApplications -args -seed %d -cases 1", s)
		}
	}
}

// of returns the span of a hook, or nil.
func (g *rig) of(id, stage int) *span {
	for _, s := range g.spans {
		if s.unit == id && s.stage == stage {
			return s
		}
	}
	return nil
}

// up reports whether the service of a unit can be had.
func (g *rig) up(id int) bool {
	u := g.units[id]
	if s := g.of(id, 0); !u.plain && (s == nil || !g.succeeded(s)) || u.badBuild {
		return false
	}
	return !slices.ContainsFunc(u.needs, func(j int) bool { return !g.up(j) })
}

// succeeded reports whether a hook ended well as far as the application knows:
// one that it went on without did not.
func (g *rig) succeeded(s *span) bool {
	u := g.units[s.unit]
	limit := u.limit
	if limit == 0 {
		limit = time.Minute
	}
	return s.err == nil && (u.acts[s.stage].conduct != ignorant || u.acts[s.stage].takes < limit+grace)
}

// after reports whether b began when a had ended, or had been given up.
func (g *rig) after(b, a *span) bool {
	return b.begin > a.end || g.units[a.unit].acts[a.stage].stubborn() && !b.at.Before(a.at.Add(grace))
}

func (g *rig) check(t *testing.T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.checkOnce(t)
	g.checkBoots(t)
	g.checkStops(t)
	g.checkOutcome(t)
	for _, u := range g.units {
		if u.tokens.built > 1 || u.tokens.built != u.tokens.released {
			t.Errorf("the token of u%d was built %d times and released %d times", u.id, u.tokens.built, u.tokens.released)
		}
	}
	if t.Failed() {
		t.Logf("start: %v\nstop: %v\n%s", g.startEr, g.stopErr, g.describe())
	}
}

// checkOnce: no hook is called twice; what began is shut down; what did not is not.
func (g *rig) checkOnce(t *testing.T) {
	count := map[[2]int]int{}
	for _, s := range g.spans {
		count[[2]int{s.unit, s.stage}]++
	}
	for at, n := range count {
		if n != 1 {
			t.Errorf("%s of u%d was called %d times", stages[at[1]], at[0], n)
		}
	}
	for _, u := range g.units {
		boots, shuts := count[[2]int{u.id, 0}], count[[2]int{u.id, 3}]
		if !u.plain && boots != shuts {
			t.Errorf("u%d booted %d times and shut down %d times", u.id, boots, shuts)
		}
		for _, later := range []int{1, 2} {
			if b := g.of(u.id, 0); count[[2]int{u.id, later}] > 0 && (b == nil || !g.succeeded(b)) {
				t.Errorf("%s of u%d, which did not boot", stages[later], u.id)
			}
		}
	}
}

// checkBoots: a boot follows those of its needs, which went well, and of earlier waves.
func (g *rig) checkBoots(t *testing.T) {
	for _, s := range g.spans {
		if s.stage != 0 {
			continue
		}
		for _, j := range g.units[s.unit].closure {
			if need := g.of(j, 0); !g.units[j].plain && (need == nil || need.end == 0 || need.end > s.begin || !g.succeeded(need)) {
				t.Errorf("u%d boots before u%d is up", s.unit, j)
			}
		}
		for _, j := range g.units[s.unit].order {
			if may := g.of(j, 0); may != nil && !g.after(s, may) {
				t.Errorf("u%d boots before u%d, which it may need, has", s.unit, j)
			}
		}
		for _, o := range g.spans {
			if o.stage == 0 && g.waves[o.unit] < g.waves[s.unit] && !g.after(s, o) {
				t.Errorf("u%d boots before u%d, which is of an earlier wave, has", s.unit, o.unit)
			}
		}
	}
}

// checkStops: a shutdown follows the own boot, those of dependants, and every drain.
func (g *rig) checkStops(t *testing.T) {
	for _, s := range g.spans {
		if s.stage != 3 {
			continue
		}
		b := g.of(s.unit, 0)
		if b != nil && !g.after(s, b) {
			t.Errorf("u%d shuts down while it boots", s.unit)
		}
		shed := g.of(s.unit, 2) == nil // did not boot, or is rolled back
		for _, o := range g.spans {
			switch {
			case o.stage == 2 && !shed && !g.after(s, o):
				t.Errorf("u%d shuts down while u%d drains", s.unit, o.unit)
			case o.stage == 3 && slices.Contains(g.units[o.unit].order, s.unit) && b != nil && g.succeeded(b) && !g.after(s, o):
				t.Errorf("u%d shuts down before u%d, which needs it", s.unit, o.unit)
			case o.stage == 3 && !shed && g.of(o.unit, 2) != nil && g.waves[o.unit] > g.waves[s.unit] && !g.after(s, o):
				t.Errorf("u%d shuts down before u%d, which is of a later wave", s.unit, o.unit)
			case o.stage == 2 && g.of(s.unit, 2) != nil && slices.Contains(g.units[o.unit].order, s.unit) && !g.after(g.of(s.unit, 2), o):
				t.Errorf("u%d drains before u%d, which needs it", s.unit, o.unit)
			}
		}
	}
}

// checkOutcome: a start fails if and only if something failed that it cannot do
// without, or somebody ended it; every failure is told.
func (g *rig) checkOutcome(t *testing.T) {
	var fatal []string
	for _, u := range g.units {
		for stage := range 2 {
			if s := g.of(u.id, stage); s != nil && !g.succeeded(s) && !u.optional {
				fatal = append(fatal, fmt.Sprintf("%s of u%d", stages[stage], u.id))
			}
		}
		if u.badBuild && !u.optional {
			fatal = append(fatal, fmt.Sprintf("build of u%d", u.id))
		}
	}
	interrupted := g.cancelAfter > 0 || g.stopAfter > 0
	if g.startEr != nil && len(fatal) == 0 && !interrupted {
		t.Errorf("the start failed without a reason")
	}
	if g.startEr == nil {
		g.checkReady(t, fatal)
	}
	for _, s := range g.spans {
		text := fmt.Sprintf("%s of u%d", stages[s.stage], s.unit)
		told := g.stopErr
		if g.startEr != nil {
			told = g.startEr
		}
		spared := s.stage < 2 && (g.units[s.unit].optional || len(fatal) > 1 || interrupted)
		if errors.Is(s.err, errBroken) && strings.Contains(s.err.Error(), text) && !spared && (told == nil || !strings.Contains(told.Error(), text)) && g.tellable(s) {
			t.Errorf("%q is not told: %v", text, told)
		}
	}
}

// tellable reports whether somebody listened when the hook failed: the error of
// a stop that waited for another call is its own.
func (g *rig) tellable(s *span) bool {
	return g.startEr != nil || g.stopAfter == 0
}

// checkReady: every loss is told in readiness, and nothing else is.
func (g *rig) checkReady(t *testing.T, fatal []string) {
	for _, f := range fatal {
		if !strings.HasPrefix(f, "build") {
			t.Errorf("the start went well although %s failed", f)
		}
	}
	for _, u := range g.units {
		name := u.name() + "/" + u.name()
		_, lost := g.health.Results[name]
		s := g.of(u.id, 1)
		if want := !g.up(u.id) || s != nil && !g.succeeded(s); lost != want {
			t.Errorf("the health of u%d: lost = %v, want %v: %+v", u.id, lost, want, g.health)
		}
		if b := g.of(u.id, 0); !u.plain && b == nil && !slices.ContainsFunc(u.needs, func(j int) bool { return !g.up(j) }) {
			t.Errorf("u%d was not booted although all that it needs is up", u.id)
		}
	}
}

func (g *rig) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cancel after %v, stop after %v, stop within %v\n", g.cancelAfter, g.stopAfter, g.stopWithin)
	for _, u := range g.units {
		fmt.Fprintf(&b, "u%d needs %v may %v wave %d (%d) optional %v plain %v bad %v limit %v acts %v\n",
			u.id, u.needs, u.mays, u.wave, g.waves[u.id], u.optional, u.plain, u.badBuild, u.limit, u.acts)
	}
	for _, s := range g.spans {
		fmt.Fprintf(&b, "%4d-%4d %s of u%d: %v\n", s.begin, s.end, stages[s.stage], s.unit, s.err)
	}
	return b.String()
}
