package resilient

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A model is a breaker that is as plain as its documentation: it keeps every
// call since the last change and counts them each time.
type model struct {
	c         resilience.BreakerConfig
	state     State
	now       time.Duration
	since     time.Duration
	past      []past // Closed: calls, in the order they ended
	successes int
	running   map[*ticket]bool // calls of this state
}

type past struct {
	at time.Duration
	o  outcome
}

// A ticket is a call, for the model and for the breaker.
type ticket struct{ number uint64 }

func (m *model) become(s State) {
	m.state, m.since, m.past, m.successes, m.running = s, m.now, nil, 0, map[*ticket]bool{}
}

func (m *model) enter(t *ticket) bool {
	waited := m.now-m.since >= m.c.OpenFor
	if m.state == Open {
		if !waited {
			return false
		}
		m.become(HalfOpen)
	}
	if m.state == HalfOpen {
		if len(m.running) >= m.c.Probes {
			if !waited {
				return false
			}
			m.become(HalfOpen)
		}
		m.since = m.now
	}
	m.running[t] = true
	return true
}

func (m *model) exit(t *ticket, o outcome) {
	if !m.running[t] {
		return
	}
	delete(m.running, t)
	switch {
	case o == ignored:
	case m.state == HalfOpen && o != success:
		m.become(Open)
	case m.state == HalfOpen:
		if m.successes++; m.successes == m.c.SuccessThreshold {
			m.become(Closed)
		}
	default:
		m.past = append(m.past, past{m.now, o})
		if o != success && m.bad() {
			m.become(Open)
		}
	}
}

// bad looks back on all calls.
func (m *model) bad() bool {
	row := 0
	for _, p := range m.past {
		row++
		if p.o&failure == 0 {
			row = 0
		}
	}
	if m.c.FailureThreshold > 0 && row >= m.c.FailureThreshold {
		return true
	}
	var calls, failed, slowly float64
	for i, p := range m.past {
		width := m.c.Window / 10
		in := p.at/width > m.now/width-10
		if m.c.WindowCalls > 0 {
			in = len(m.past)-i <= m.c.WindowCalls
		}
		if !in {
			continue
		}
		calls++
		if p.o&failure != 0 {
			failed++
		}
		if p.o&slow != 0 {
			slowly++
		}
	}
	return calls >= float64(m.c.MinCalls) &&
		(m.c.FailureRate > 0 && failed/calls >= m.c.FailureRate || m.c.SlowCall > 0 && slowly/calls >= m.c.SlowRate)
}

// configOf makes a configuration of two bytes.
func configOf(a, b byte) resilience.BreakerConfig {
	c := resilience.BreakerConfig{
		FailureThreshold: int(a%4) + 1, FailureRate: float64(a>>2%4+1) / 4, MinCalls: int(a>>4%4) + 2,
		SlowCall: time.Duration(a>>6) * time.Hour, SlowRate: 0.5, // the outcomes below say what is slow
		Window: time.Second, OpenFor: time.Duration(b%4+1) * time.Second,
		Probes: int(b>>2%4) + 1, SuccessThreshold: int(b>>4%4) + 1,
	}
	if b>>6&1 != 0 {
		c.WindowCalls = c.MinCalls + int(a%3)
	}
	if b>>7 != 0 {
		c.FailureThreshold = -1
	}
	return c
}

// FuzzBreaker does to a breaker and to the model what steps say, and compares
// what they let through and the states they are in.
func FuzzBreaker(f *testing.F) {
	f.Add(byte(0), byte(0), []byte{0, 3, 0, 3, 8, 0, 2, 0, 2})
	f.Add(byte(0xff), byte(0xff), []byte{0, 0, 0, 3, 4, 5, 7, 7, 0, 2, 0, 0, 6, 0, 8, 0, 9, 10, 0, 2, 8, 8, 0, 0, 0, 5, 1})
	f.Add(byte(0x5a), byte(0x4d), []byte{0, 1, 0, 1, 2, 2, 3, 3, 9, 8, 8, 8, 8, 0, 0, 0, 1, 3, 2, 10, 0, 2})
	f.Fuzz(func(t *testing.T, a, b byte, steps []byte) {
		synctest.Test(t, func(t *testing.T) { compare(t, configOf(a, b), steps[:min(len(steps), 500)]) })
	})
}

func compare(t *testing.T, c resilience.BreakerConfig, steps []byte) {
	ctx := context.Background()
	b, err := NewBreaker(BreakerOptions{Name: "x", Config: c})
	if err != nil {
		t.Fatal(err)
	}
	m := &model{c: c.WithDefaults(), running: map[*ticket]bool{}}
	m.c.FailureIf = nil
	var calls []*ticket
	for i, step := range steps {
		pick := 0
		if step >= 0x80 && len(calls) > 0 {
			pick = len(calls) - 1
		}
		switch step % 11 {
		case 0, 1: // a call begins
			call := &ticket{}
			call.number, err = b.enter(ctx)
			if want := m.enter(call); want != (err == nil) || err != nil && !errors.Is(err, resilience.ErrOpen) {
				t.Fatalf("step %d: enter = %v, want admitted %v (%v)", i, err, want, m.state)
			}
			if err == nil {
				calls = append(calls, call)
			}
		case 2, 3, 4, 5, 6: // a call ends
			if len(calls) > 0 {
				o := []outcome{success, failure, slow, failure | slow, ignored}[step%11-2]
				b.exit(ctx, calls[pick].number, o)
				m.exit(calls[pick], o)
				calls = append(calls[:pick], calls[pick+1:]...)
			}
		case 7, 8:
			d := []time.Duration{70 * time.Millisecond, time.Second}[step%11-7]
			time.Sleep(d)
			m.now += d
		case 9:
			b.ForceOpen()
			m.become(Open)
		case 10:
			b.Reset()
			m.become(Closed)
		}
		if b.State() != m.state {
			t.Fatalf("step %d (%d): the breaker is %v, the model %v", i, step%11, b.State(), m.state)
		}
	}
}

// TestBreakerLikeModel is the fuzz test on steps of chance.
func TestBreakerLikeModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := newRandom(t)
		for range 3000 {
			steps := make([]byte, 60)
			for i := range steps {
				steps[i] = byte(random.Uint32())
			}
			compare(t, configOf(byte(random.Uint32()), byte(random.Uint32())), steps)
		}
	})
}
