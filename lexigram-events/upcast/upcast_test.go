package upcast_test

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/eventstore/eventstoretest"
	"github.com/lexigram/lexigram-go/lexigram-events/erasure"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/upcast"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func shape(typ string, schema int) upcast.Shape { return upcast.Shape{Type: typ, Schema: schema} }

// mark appends a letter to the data.
func mark(letter string) func([]byte) ([]byte, error) {
	return func(data []byte) ([]byte, error) { return []byte(string(data) + letter), nil }
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		today []upcast.Shape
		steps []upcast.Step
		says  []string
	}{
		"duplicate":       {[]upcast.Shape{shape("a", 2)}, []upcast.Step{{From: shape("a", 1), To: shape("a", 2)}, {From: shape("a", 0), To: shape("a", 2)}}, []string{"two steps begin at a@1"}},
		"listed twice":    {[]upcast.Shape{shape("a", 1), shape("a", 0)}, nil, []string{"a@1 is listed twice"}},
		"gap":             {[]upcast.Shape{shape("a", 4)}, []upcast.Step{{From: shape("a", 1), To: shape("a", 2)}, {From: shape("a", 3), To: shape("a", 4)}}, []string{"a@1 leads to a@2, where no step begins", "no step begins at a@2, which is before a@4"}},
		"gap below":       {[]upcast.Shape{shape("a", 3)}, []upcast.Step{{From: shape("a", 2), To: shape("a", 3)}}, []string{"no step begins at a@1, which is before a@3"}},
		"cycle":           {[]upcast.Shape{shape("a", 1)}, []upcast.Step{{From: shape("b", 1), To: shape("b", 2)}, {From: shape("b", 2), To: shape("b", 1)}}, []string{"b@1 leads around in a circle", "b@2 leads around in a circle"}},
		"own circle":      {nil, []upcast.Step{{From: shape("b", 1), To: shape("b", 1)}}, []string{"b@1 leads around in a circle, through b@1"}},
		"into a cycle":    {nil, []upcast.Step{{From: shape("c", 1), To: shape("b", 1)}, {From: shape("b", 1), To: shape("b", 1)}}, []string{"c@1 leads around in a circle"}},
		"from today":      {[]upcast.Shape{shape("a", 1), shape("b", 1)}, []upcast.Step{{From: shape("a", 1), To: shape("b", 1)}}, []string{"a step begins at a@1, which is of today"}},
		"to nowhere":      {nil, []upcast.Step{{From: shape("a", 1), To: shape("b", 1)}}, []string{"a@1 leads to b@1, where no step begins and which is not of today"}},
		"no type at all":  {[]upcast.Shape{shape("a..b", 1)}, nil, []string{`"a..b" is no type of events`}},
		"no type of step": {nil, []upcast.Step{{From: shape("", 1), To: shape("*", 1)}}, []string{`"" is no type`, `"*" is no type`}},
	} {
		_, err := upcast.New(c.today, c.steps...)
		if !errors.Is(err, upcast.ErrChain) {
			t.Errorf("%s: %v, want ErrChain", name, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q does not say %q", name, err, s)
			}
		}
	}
}

func chain(t *testing.T) *upcast.Chain {
	t.Helper()
	boom := errors.New("boom")
	c, err := upcast.New(
		[]upcast.Shape{shape("a", 3), shape("c", 1), shape("c", 2)},
		upcast.Step{From: shape("a", 1), To: shape("a", 2), Data: mark("x")},
		upcast.Step{From: shape("a", 2), To: shape("a", 3), Data: mark("y")},
		upcast.Step{From: shape("b", 1), To: shape("a", 2)}, // renamed
		upcast.Step{From: shape("fails", 1), To: shape("a", 3), Data: func([]byte) ([]byte, error) { return nil, boom }},
		upcast.Step{From: shape("panics", 1), To: shape("a", 3), Data: func(data []byte) ([]byte, error) { panic("ouch") }},
	)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEvent(t *testing.T) {
	c := chain(t)
	for _, k := range []struct {
		from, to upcast.Shape
		data     string
	}{
		{shape("a", 0), shape("a", 3), "xy"},
		{shape("a", 1), shape("a", 3), "xy"},
		{shape("a", 2), shape("a", 3), "y"},
		{shape("a", 3), shape("a", 3), ""},
		{shape("a", 4), shape("a", 4), ""}, // of a later program
		{shape("b", 1), shape("a", 3), "y"},
		{shape("c", 1), shape("c", 1), ""},
		{shape("other", 0), shape("other", 0), ""},
	} {
		ev := events.Event{ID: "1", Type: k.from.Type, Schema: k.from.Schema, Key: "k", Data: []byte("d")}
		got, err := c.Event(ev)
		if err != nil || got.Type != k.to.Type || got.Schema != k.to.Schema || string(got.Data) != "d"+k.data || got.Key != "k" {
			t.Errorf("%v becomes %+v, %v, want %v with data d%s", k.from, got, err, k.to, k.data)
		}
		if string(ev.Data) != "d" {
			t.Errorf("the event was changed")
		}
	}
	if ev, err := c.Event(events.Event{ID: "1", Type: "fails", Format: erasure.FormatErased}); err != nil || ev.Type != "a" || ev.Schema != 3 {
		t.Errorf("an erased event becomes %+v, %v", ev, err)
	}
	for _, typ := range []string{"fails", "panics"} {
		if _, err := c.Event(events.Event{ID: "1", Type: typ}); !errors.Is(err, upcast.ErrStep) || !strings.Contains(err.Error(), typ+"@1 to a@3") {
			t.Errorf("%s: %v", typ, err)
		}
	}
	if _, err := c.Event(events.Event{Type: "panics"}); !errors.Is(err, errs.ErrPanic) {
		t.Errorf("a panic is %v", err)
	}
}

func TestConformance(t *testing.T) {
	c, err := upcast.New([]upcast.Shape{shape("new", 1)}, upcast.Step{From: shape("old", 1), To: shape("new", 1)})
	if err != nil {
		t.Fatal(err)
	}
	eventstoretest.Run(t, func(t *testing.T) eventstore.Log { return c.Over(memoryeventstore.New()) })
}

func TestLog(t *testing.T) {
	store := memoryeventstore.New()
	log := chain(t).Over(store)
	ev := events.Event{ID: "1", Source: "/", Type: "b", Data: []byte("d")}
	bad := events.Event{ID: "2", Source: "/", Type: "fails"}
	if _, err := log.Append(t.Context(), "s", eventstore.NoStream, ev, ev, bad); err != nil {
		t.Fatal(err)
	}
	for name, seq := range map[string]func(func(eventstore.Recorded, error) bool){"Read": log.Read(t.Context(), "s", 0), "ReadAll": log.ReadAll(t.Context(), "")} {
		n := 0
		var last error
		for rec, err := range seq {
			if last = err; err != nil {
				continue
			}
			if n++; rec.Type != "a" || rec.Schema != 3 || string(rec.Data) != "dy" || rec.Version != eventstore.Version(n) {
				t.Errorf("%s: %+v", name, rec)
			}
		}
		if n != 2 || !errors.Is(last, upcast.ErrStep) || !strings.Contains(last.Error(), `stream "s" at version 3`) {
			t.Errorf("%s: %d events, then %v", name, n, last)
		}
	}
	for rec, err := range store.Read(t.Context(), "s", 0) {
		if err != nil || rec.Type == "a" {
			t.Errorf("what is stored was changed: %+v, %v", rec, err)
		}
	}
}

// FuzzChain makes chains of few shapes, each byte being a step from its high to its
// low half, and compares New with a search that knows nothing of it. What New
// takes leads every event to a shape of today.
func FuzzChain(f *testing.F) {
	f.Add([]byte{0x01, 0x12, 0x23}, byte(0x08))
	f.Add([]byte{0x01, 0x10}, byte(0x00))
	f.Add([]byte{0x03, 0x13, 0x23, 0x47, 0x57, 0x67}, byte(0x88))
	f.Add([]byte{0x00}, byte(0xff))
	f.Fuzz(func(t *testing.T, raw []byte, bits byte) {
		of := func(n byte) upcast.Shape { return shape([]string{"a", "b"}[n>>2&1], int(n&3)+1) }
		var today []upcast.Shape
		is := map[upcast.Shape]bool{}
		for i := range byte(8) {
			if bits>>i&1 == 1 {
				today = append(today, of(i))
				is[of(i)] = true
			}
		}
		var steps []upcast.Step
		to, valid := map[upcast.Shape]upcast.Shape{}, true
		for _, b := range raw {
			from, into := of(b>>4), of(b)
			steps = append(steps, upcast.Step{From: from, To: into})
			if _, twice := to[from]; twice || is[from] {
				valid = false
			}
			to[from] = into
		}
		reaches := func(s upcast.Shape) bool {
			for range 9 {
				if is[s] {
					return true
				}
				s = to[s]
			}
			return false
		}
		for from := range to {
			valid = valid && reaches(from)
		}
		for s := range is {
			for schema := 1; schema < s.Schema; schema++ {
				valid = valid && reaches(shape(s.Type, schema))
			}
		}
		c, err := upcast.New(today, steps...)
		if (err == nil) != valid {
			t.Fatalf("New(%v, %v) = %v, want valid %v", today, steps, err, valid)
		}
		if err != nil {
			return
		}
		for i := range byte(8) {
			s := of(i)
			got, err := c.Event(events.Event{ID: "1", Type: s.Type, Schema: s.Schema})
			if err != nil {
				t.Fatal(err)
			}
			if end := shape(got.Type, got.Schema); reaches(s) != is[end] && end != s {
				t.Errorf("%v becomes %v", s, end)
			}
		}
	})
}
