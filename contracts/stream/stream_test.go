package stream_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/stream"
)

var errBroken = errors.New("broken")

// A source has values, then perhaps an error, and counts what is asked of it.
type source struct {
	values         []byte
	fails          bool
	stubborn       bool // goes on after its error
	given          int
	open, released int
}

func (s *source) all() iter.Seq2[byte, error] {
	return func(yield func(byte, error) bool) {
		s.open++
		defer func() { s.released++ }()
		for _, v := range s.values {
			s.given++
			if !yield(v, nil) {
				return
			}
		}
		for s.fails {
			s.given++
			if !yield(99, errBroken) || !s.stubborn { // a value with the error, which is none
				return
			}
		}
	}
}

// read drains seq as callers do, up to limit values, and checks that an error is once and last.
func read[T any](t *testing.T, seq iter.Seq2[T, error], limit int) (got []T, err error) {
	t.Helper()
	for v, e := range seq {
		if err != nil {
			t.Fatalf("%v after the error", v)
		}
		if e != nil {
			if err = e; !reflect.ValueOf(&v).Elem().IsZero() {
				t.Errorf("the value %v comes with the error", v)
			}
			continue
		}
		if got = append(got, v); len(got) == limit {
			break
		}
	}
	return got, err
}

func even(b byte) bool { return b%2 == 0 }

// model does what the streams do, with lists.
func model(values []byte, fails bool, n int) map[string]struct {
	want any
	err  bool
} {
	type outcome = struct {
		want any
		err  bool
	}
	var texts []string
	for _, v := range values {
		texts = append(texts, strconv.Itoa(int(v)))
	}
	var kept []byte
	for _, v := range values {
		if even(v) {
			kept = append(kept, v)
		}
	}
	taken := values[:min(len(values), max(n, 0))]
	var chunks [][]byte
	if n > 0 {
		chunks = slices.Collect(slices.Chunk(values, n))
	}
	return map[string]outcome{
		"Map":    {texts, fails},
		"Filter": {kept, fails},
		"Take":   {taken, fails && n > len(values)},
		"Chunk":  {chunks, fails || n < 1},
		"Concat": {slices.Concat([]byte{1}, values), fails},
	}
}

func check[T any](t *testing.T, name string, want any, fails bool, seq iter.Seq2[T, error]) {
	t.Helper()
	for range 2 { // again, since the source can
		got, err := read(t, seq, -1)
		if list := reflect.ValueOf(want); (list.Len() > 0 || len(got) > 0) && !reflect.DeepEqual(any(got), want) {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
		if (err != nil) != fails || err != nil && !errors.Is(err, errBroken) && !errors.Is(err, stream.ErrSize) {
			t.Errorf("%s ends with %v, want an error: %v", name, err, fails)
		}
	}
}

func FuzzAgainstSlices(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5}, false, 2)
	f.Add([]byte{}, true, 0)
	f.Add([]byte{2, 4}, true, 2)
	f.Add([]byte{7, 7, 8}, true, 100)
	f.Fuzz(func(t *testing.T, values []byte, fails bool, n int) {
		if len(values) > 1000 {
			return
		}
		for _, stubborn := range []bool{false, true} {
			s := &source{values: values, fails: fails, stubborn: stubborn}
			m := model(values, fails, n)
			check(t, "Map", m["Map"].want, m["Map"].err, stream.Map(s.all(), func(b byte) (string, error) { return strconv.Itoa(int(b)), nil }))
			check(t, "Filter", m["Filter"].want, m["Filter"].err, stream.Filter(s.all(), even))
			check(t, "Take", m["Take"].want, m["Take"].err, stream.Take(s.all(), n))
			check(t, "Chunk", m["Chunk"].want, m["Chunk"].err, stream.Chunk(s.all(), n))
			check(t, "Concat", m["Concat"].want, m["Concat"].err, stream.Concat(stream.Values(slices.Values([]byte{1})), s.all()))
			got, err := stream.Collect(s.all())
			if !slices.Equal(got, values) || errors.Is(err, errBroken) != fails {
				t.Errorf("Collect = %v, %v", got, err)
			}
			if s.open != s.released {
				t.Errorf("opened %d times, released %d times", s.open, s.released)
			}
		}
	})
}

// TestLeaving: whoever leaves a loop releases the source, which has given no
// more than was asked for.
func TestLeaving(t *testing.T) {
	for name, leave := range map[string]struct {
		after func(iter.Seq2[byte, error])
		given int
	}{
		"Map": {func(s iter.Seq2[byte, error]) {
			_, _ = read(t, stream.Map(s, func(b byte) (byte, error) { return b, nil }), 2)
		}, 2},
		"Map fails": {func(s iter.Seq2[byte, error]) {
			got, err := read(t, stream.Map(s, func(b byte) (byte, error) { return b, errBroken }), -1)
			if len(got) > 0 || !errors.Is(err, errBroken) {
				t.Errorf("Map of a failing f: %v, %v", got, err)
			}
		}, 1},
		"Filter":  {func(s iter.Seq2[byte, error]) { _, _ = read(t, stream.Filter(s, even), 1) }, 2},
		"Take":    {func(s iter.Seq2[byte, error]) { _, _ = read(t, stream.Take(s, 2), -1) }, 2},
		"Take 1":  {func(s iter.Seq2[byte, error]) { _, _ = read(t, stream.Take(s, 9), 1) }, 1},
		"Take 0":  {func(s iter.Seq2[byte, error]) { _, _ = read(t, stream.Take(s, 0), -1) }, 0},
		"Chunk":   {func(s iter.Seq2[byte, error]) { _, _ = read(t, stream.Chunk(s, 2), 1) }, 2},
		"Concat":  {func(s iter.Seq2[byte, error]) { _, _ = read(t, stream.Concat(s, s), 1) }, 1},
		"First":   {func(s iter.Seq2[byte, error]) { _, _ = stream.First(s) }, 1},
		"Collect": {func(s iter.Seq2[byte, error]) { _, _ = stream.Collect(s) }, 4},
	} {
		s := &source{values: []byte{1, 2, 3}, fails: true, stubborn: true}
		leave.after(s.all())
		if s.given != leave.given || s.open != s.released {
			t.Errorf("%s: the source gave %d, want %d; opened %d times, released %d times", name, s.given, leave.given, s.open, s.released)
		}
	}
}

func TestFirst(t *testing.T) {
	if v, err := stream.First(stream.Values(slices.Values([]int{3, 4}))); v != 3 || err != nil {
		t.Errorf("First = %v, %v", v, err)
	}
	if v, err := stream.First((&source{fails: true}).all()); v != 0 || !errors.Is(err, errBroken) {
		t.Errorf("First of a broken stream = %v, %v", v, err)
	}
	if v, err := stream.First(stream.Values(slices.Values([]int{}))); v != 0 || !errors.Is(err, stream.ErrEmpty) {
		t.Errorf("First of nothing = %v, %v", v, err)
	}
}

func TestFailAndValues(t *testing.T) {
	if got, err := read(t, stream.Fail[int](errBroken), -1); len(got) != 0 || !errors.Is(err, errBroken) {
		t.Errorf("Fail = %v, %v", got, err)
	}
	if got, err := read(t, stream.Values(slices.Values([]int{1, 2, 3})), 2); !slices.Equal(got, []int{1, 2}) || err != nil {
		t.Errorf("Values = %v, %v", got, err)
	}
}

func TestChunksAreTheCallers(t *testing.T) {
	chunks, err := stream.Collect(stream.Chunk(stream.Values(slices.Values([]int{1, 2, 3, 4})), 2))
	if err != nil {
		t.Fatal(err)
	}
	_ = append(chunks[0], 9)
	chunks[0][0] = 9
	if !slices.Equal(chunks[1], []int{3, 4}) {
		t.Errorf("changing one chunk made another one %v", chunks[1])
	}
}

func Example() {
	numbers := stream.Map(stream.Values(slices.Values([]string{"1", "2", "three", "4"})), strconv.Atoi)
	for chunk, err := range stream.Chunk(numbers, 2) {
		fmt.Println(chunk, err)
	}
	// Output:
	// [1 2] <nil>
	// [] strconv.Atoi: parsing "three": invalid syntax
}
