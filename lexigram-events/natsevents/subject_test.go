package natsevents

import (
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
)

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		patterns, want string
		exact          bool
	}{
		{"a", "a", true},
		{"a b", "a b", true},
		{"a a.* *", "* a.*", true},
		{"> a", ">", true},
		{"a.> a.b.c", "a.>", true},
		{"a.* *.b", "*.*", false},
		{"a.> *.b", "*.>", false},
		{"a.*.c *.b.c", "*.*.c", false},
		{"a.* *.b c.d", "*.*", false},
	} {
		got, exact := filters(strings.Fields(c.patterns))
		if !slices.Equal(got, strings.Fields(c.want)) || exact != c.exact {
			t.Errorf("filters(%s) = %q, %t", c.patterns, got, exact)
		}
	}
}

// FuzzFilters compares what filters says with events.Match.
func FuzzFilters(f *testing.F) {
	f.Add("a.* *.b > c", "a.b")
	f.Add("a a.> *", "a")
	f.Add("*.x.> a.*.c", "a.x.c")
	f.Fuzz(func(t *testing.T, list, typ string) {
		patterns := strings.Fields(list)
		if len(patterns) > 8 || events.Check(events.Event{ID: "1", Source: "/", Type: typ}) != nil {
			return
		}
		any := func(all []string) bool {
			return slices.ContainsFunc(all, func(p string) bool { return events.Match(p, typ) })
		}
		for _, p := range patterns {
			if events.CheckPattern(p) != nil {
				return
			}
		}
		got, exact := filters(patterns)
		for i, p := range got {
			if err := events.CheckPattern(p); err != nil {
				t.Errorf("filters(%q): %v", patterns, err)
			}
			for _, q := range got[i+1:] {
				if overlap(p, q) || events.Match(p, typ) && events.Match(q, typ) {
					t.Errorf("filters(%q): %q and %q overlap", patterns, p, q)
				}
			}
		}
		if any(patterns) != any(got) && (exact || any(patterns)) {
			t.Errorf("filters(%q) = %q, %t for %q", patterns, got, exact, typ)
		}
	})
}

// FuzzSubject has a type come back from its subject, and no two groups share a token.
func FuzzSubject(f *testing.F) {
	f.Add("a.b", "g", "G")
	f.Add("orders.order.placed", "mail service", "mail_20service")
	f.Add("a", "", "_")
	f.Add("a", strings.Repeat("ö", 100), strings.Repeat("ö", 101))
	o := Options{Prefix: "p.q", Partitions: 7}
	f.Fuzz(func(t *testing.T, typ, a, b string) {
		ev := events.Event{ID: "1", Source: "/", Type: typ, Key: a}
		if events.Check(ev) != nil {
			return
		}
		s := o.subject(partitionOf(&ev, o.Partitions), typ)
		if got, ok := o.typeOf(s); got != typ || !ok {
			t.Errorf("typeOf(%q) = %q, %t", s, got, ok)
		}
		if !slices.ContainsFunc(o.subjects(), func(p string) bool { return events.Match(p, s) }) {
			t.Errorf("no subject of the stream matches %q", s)
		}
		ta, tb := token(a), token(b)
		if (ta == tb) != (a == b) {
			t.Errorf("token(%q) = %q, token(%q) = %q", a, ta, b, tb)
		}
		if len(ta) > 120 || strings.Trim(ta, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" || ta == "" {
			t.Errorf("token(%q) = %q", a, ta)
		}
	})
}
