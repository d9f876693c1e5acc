package jsoncodec

import (
	"bytes"
	"encoding/json"
	"unicode"
)

// A namesScan finds a name that an object has twice. It reads bytes, not
// tokens: nothing is decoded but names with escapes.
type namesScan struct {
	fold  bool     // names that differ in case are one
	open  []scope  // objects and lists, outermost first
	names [][]byte // of the open objects
}

// A scope is an object or list that is open.
type scope struct {
	list  bool
	first int                 // index of its first name
	seen  map[string]struct{} // the names of an object with many
}

// many is when looking through the names one by one costs more than a map.
const many = 16

// duplicate returns a name that some object in data, which is valid JSON, has twice, with
// fold in whatever case.
func duplicate(data []byte, fold bool) (name string, twice bool) {
	s := namesScan{fold: fold}
	isName := false // the next string is
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			isName = data[i] == '{'
			s.open = append(s.open, scope{list: !isName, first: len(s.names)})
		case '}', ']':
			isName = false
			last := len(s.open) - 1
			s.names = s.names[:s.open[last].first]
			s.open = s.open[:last]
		case ',':
			isName = !s.open[len(s.open)-1].list
		case '"':
			end, escaped := endOfString(data, i)
			if isName {
				if name := nameOf(data[i:end], escaped); s.twice(name) {
					return string(name), true
				}
				isName = false
			}
			i = end - 1
		}
	}
	return "", false
}

// twice reports whether the innermost object has the name, and adds it.
func (s *namesScan) twice(name []byte) bool {
	object := &s.open[len(s.open)-1]
	if object.seen != nil {
		key := s.key(name)
		if _, ok := object.seen[key]; ok {
			return true
		}
		object.seen[key] = struct{}{}
		return false
	}
	own := s.names[object.first:]
	for _, other := range own {
		if bytes.Equal(name, other) || s.fold && bytes.EqualFold(name, other) {
			return true
		}
	}
	s.names = append(s.names, name)
	if len(own) == many {
		object.seen = make(map[string]struct{}, 4*many)
		for _, n := range s.names[object.first:] {
			object.seen[s.key(n)] = struct{}{}
		}
	}
	return false
}

// key returns what a map knows a name by.
func (s *namesScan) key(name []byte) string {
	if !s.fold {
		return string(name)
	}
	return string(bytes.Map(func(r rune) rune { // as encoding/json does
		for next := unicode.SimpleFold(r); next > r; next = unicode.SimpleFold(r) {
			r = next
		}
		return unicode.SimpleFold(r)
	}, name))
}

// endOfString returns the index after the string that begins at start.
func endOfString(data []byte, start int) (end int, escaped bool) {
	for i := start + 1; ; i++ {
		switch data[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			return i + 1, escaped
		}
	}
}

func nameOf(quoted []byte, escaped bool) []byte {
	if !escaped {
		return quoted[1 : len(quoted)-1]
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // a string within valid JSON is valid JSON
	return []byte(name)
}
