package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// FuzzSpace finds no two stores that share a key: what begins a key tells whose it is.
func FuzzSpace(f *testing.F) {
	f.Add("a", "b", "cache", "k", "b:cache:k")
	f.Add("", "lexigram", "lock", "", ":")
	f.Add("a.b", "a", "state", "{k}", "*")
	f.Fuzz(func(t *testing.T, one, other, kind, key, otherKey string) {
		var v errs.ValidationError
		CheckPrefix(&v, "prefix", one)
		CheckPrefix(&v, "prefix", other)
		if v.Err() != nil || strings.Contains(kind, ":") {
			t.Skip("no prefixes")
		}
		a, b := Space(one, kind), Space(other, kind)
		if (a+key == b+otherKey) != (a == b && key == otherKey) {
			t.Errorf("%q and %q under %q and %q are one key", key, otherKey, a, b)
		}
		if strings.ContainsAny(one, "*?[]\\{}:") {
			t.Errorf("prefix %q has a sign of patterns or of hash tags", one)
		}
	})
}

func TestMillis(t *testing.T) {
	for ttl, want := range map[time.Duration]int64{
		time.Millisecond: 1, time.Millisecond + 1: 2, 1500 * time.Microsecond: 2, time.Hour: 3_600_000, 1<<63 - 1: 9_223_372_036_855,
	} {
		if got := Millis(ttl); got != want {
			t.Errorf("Millis(%v) = %d, want %d", ttl, got, want)
		}
	}
}
