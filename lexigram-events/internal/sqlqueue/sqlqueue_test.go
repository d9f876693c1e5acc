package sqlqueue

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/events"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBackoff(t *testing.T) {
	o := Options{RetryBase: time.Second, RetryCap: time.Minute}
	for failures, most := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 70: time.Minute, 1 << 30: time.Minute,
	} {
		var largest time.Duration
		for range 1000 {
			d := o.backoff(failures)
			if d < 0 || d > most {
				t.Fatalf("backoff(%d) = %v, want at most %v", failures, d, most)
			}
			largest = max(largest, d)
		}
		if largest < most/2 {
			t.Errorf("backoff(%d) was at most %v of %v in 1000", failures, largest, most)
		}
	}
}

func TestRuns(t *testing.T) {
	var rows []row
	for i, key := range []string{"a", "", "b", "a", "", "b", "a"} {
		rows = append(rows, row{seq: int64(i), ev: events.Event{Key: key}})
	}
	var got []string
	for _, run := range runs(rows) {
		s := ""
		for _, r := range run {
			s += string(rune('0' + r.seq))
		}
		got = append(got, s)
	}
	if s := strings.Join(got, " "); s != "036 1 25 4" {
		t.Errorf("runs %q", s)
	}
}

func FuzzReason(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\xff" + strings.Repeat("ö", 1500))
	f.Add(strings.Repeat("a", 1999) + "€")
	f.Fuzz(func(t *testing.T, s string) {
		got := reasonOf(errors.New(s))
		if !utf8.ValidString(got) || strings.Contains(got, "\x00") || len(got) > 2000 {
			t.Errorf("%d bytes: %q", len(got), got)
		}
		if utf8.ValidString(s) && !strings.Contains(s, "\x00") && len(s) <= 2000 && got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

// A pump that comes back at once claims more and more, one that does not less.
func TestAdapt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(nil, Options{Batch: 100, First: 32, Least: 16})
		for i, c := range []struct {
			after time.Duration
			want  int
		}{{0, 32}, {time.Second / 2, 64}, {0, 100}, {0, 100}, {2 * time.Second, 50}, {time.Minute, 25}, {time.Minute, 16}, {time.Minute, 16}} {
			time.Sleep(c.after)
			if p.adapt(); p.batch != c.want {
				t.Errorf("step %d: %d, want %d", i, p.batch, c.want)
			}
		}
		if p := New(nil, Options{Batch: 2, First: 16, Least: 16}); p.batch != 2 {
			t.Errorf("begins with %d of 2", p.batch)
		}
	})
}
