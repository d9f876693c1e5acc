package memoryevents

import (
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// FuzzSeen compares the set with a map, on fingerprints that collide in every
// way that the fuzzer can think of.
func FuzzSeen(f *testing.F) {
	f.Add([]byte{0, 0, 1, 1, 2, 2, 255, 255, 0})
	f.Add(make([]byte, 300))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s idset
		want := map[fingerprint]bool{}
		for i := 0; i+1 < len(data); i += 2 {
			fp := fingerprint{max(1, uint64(data[i])), uint64(data[i+1])}
			if s.has(fp) != want[fp] {
				t.Fatalf("has(%v) = %v", fp, s.has(fp))
			}
			s.add(fp)
			want[fp] = true
			if !s.has(fp) || s.n != len(want) {
				t.Fatalf("after add(%v): has %v, %d of %d", fp, s.has(fp), s.n, len(want))
			}
		}
		for fp := range want {
			if !s.has(fp) {
				t.Fatalf("lost %v", fp)
			}
		}
	})
}

func TestFingerprintTellsSourceFromID(t *testing.T) {
	s := newSeen(time.Minute, 10)
	if s.of(&events.Event{ID: "a", Source: "b"}) == s.of(&events.Event{ID: "b", Source: "a"}) {
		t.Error("ID and source are exchangeable")
	}
	if s.of(&events.Event{ID: "ab", Source: "c"}) == s.of(&events.Event{ID: "a", Source: "bc"}) {
		t.Error("the border of ID and source is lost")
	}
}
