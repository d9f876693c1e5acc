package sqldriver

import (
	"errors"
	"strings"
	"testing"
)

func TestMemoIsBounded(t *testing.T) {
	var m Memo[int]
	reads := 0
	length := func(sql string) (int, error) {
		if reads++; sql == "" {
			return 0, errors.New("empty")
		}
		return len(sql), nil
	}
	for i := range 3 * maxSeen {
		for range 2 {
			if n, err := m.Of(strings.Repeat("1", i+1), length); err != nil || n != i+1 {
				t.Fatal(n, err)
			}
		}
	}
	if reads != 3*maxSeen || len(m.seen) > maxSeen {
		t.Errorf("%d reads, %d statements are remembered", reads, len(m.seen))
	}
	for _, sql := range []string{"", strings.Repeat("x", maxText+1)} {
		if _, _ = m.Of(sql, length); len(m.seen) > maxSeen || m.seen[sql] != 0 {
			t.Errorf("%.5q is remembered", sql)
		}
	}
}
