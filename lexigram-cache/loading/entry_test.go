package loading

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEntryRoundTrip(t *testing.T) {
	h := header{
		written: time.UnixMilli(1_700_000_000_123), soft: time.Second, hard: time.Hour, took: 1234,
		tags: []tagged{{"a", generation{1}}, {strings.Repeat("t", 255), generation{2}}},
	}
	for _, data := range [][]byte{nil, []byte("v"), bytes.Repeat([]byte("long "), 1000)} {
		for _, over := range []int{0, 1} {
			raw := appendValue(appendHeader(nil, markValue, h), data, over)
			mark, got, back, err := parse(raw)
			if mark != markValue || err != nil || !bytes.Equal(back, data) || !reflect.DeepEqual(got, h) {
				t.Errorf("%d bytes, over %d: parse = %c, %+v, %d bytes, %v", len(data), over, mark, got, len(back), err)
			}
		}
	}
	if bytes.Equal(appendHeader(nil, markValue, h), appendHeader(nil, markValue, h)) {
		t.Error("two entries of one value are equal: a swap of one is taken for the other")
	}
	if bytes.Equal(newLease(), newLease()) {
		t.Error("two leases are equal")
	}
}

func FuzzParse(f *testing.F) {
	h := header{written: time.UnixMilli(1), hard: time.Minute, tags: []tagged{{"t", generation{7}}}}
	f.Add(appendValue(appendHeader(nil, markValue, h), []byte(`{"a":1}`), 0))
	f.Add(appendValue(appendHeader(nil, markValue, header{}), bytes.Repeat([]byte("x"), 500), 10))
	f.Add(appendHeader(nil, markAbsent, h))
	f.Add(newLease())
	f.Add([]byte("v"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		mark, h, data, err := parse(raw)
		if err != nil {
			return
		}
		if mark != markValue && mark != markAbsent || len(h.tags) > maxTags || len(data) > 1032*len(raw) {
			t.Fatalf("parse(%q) = %c, %+v, %d bytes", raw, mark, h, len(data))
		}
		again, h2, data2, err := parse(appendValue(appendHeader(nil, mark, h), data, 0))
		if again != mark || err != nil || !reflect.DeepEqual(h, h2) || !bytes.Equal(data, data2) {
			t.Fatalf("parse of what parse read = %c, %+v, %v", again, h2, err)
		}
	})
}
