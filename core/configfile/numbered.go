package configfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// Variables and flags name the elements of a list by number, and only the field
// that is decoded into knows whether a list or a mapping is meant. Until then
// such a list is a mapping whose keys are numbers and which is put together.

// index returns the index that a key of a mapping is; "01" is none.
func index(name string) (int, bool) {
	i, err := strconv.Atoi(name)
	return i, err == nil && i >= 0 && strconv.Itoa(i) == name
}

// numbered reports whether v was put together from keys that are all numbers.
func (v *value) numbered() bool {
	if v.kind != config.Map || !v.together || len(v.keys) == 0 {
		return false
	}
	for name := range v.keys {
		if _, ok := index(name); !ok {
			return false
		}
	}
	return true
}

// patch merges the numbered elements of upper into the list lower. With a gap
// it becomes a mapping, so that decoding says what is missing.
func patch(lower, upper *value) *value {
	elements, _, problem := upper.asList(len(lower.list))
	if problem != "" {
		merged := newMapping(upper.origin)
		merged.together = true
		for i, e := range lower.list {
			merged.keys[strconv.Itoa(i)] = e
		}
		return merge(merged, upper)
	}
	merged := &value{origin: upper.origin, kind: config.List, list: elements}
	for i, e := range lower.list {
		if elements[i] == nil {
			elements[i] = e
		} else {
			elements[i] = merge(e, elements[i])
		}
	}
	return merged
}

// asList returns the elements that numbered keys set in a list that has some
// already, nil for those that they leave; or the value that stands wrong and
// what is wrong with it.
func (v *value) asList(have int) (elements []*value, at *value, problem string) {
	indexes := make([]int, 0, len(v.keys))
	for _, name := range v.names() {
		i, ok := index(name)
		if !ok {
			return nil, v.keys[name], fmt.Sprintf("has the key %q, want a list: number its elements from 0", name)
		}
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	elements = make([]*value, have)
	for _, i := range indexes {
		e := v.keys[strconv.Itoa(i)]
		switch {
		case i < len(elements):
			elements[i] = e
		case i == len(elements):
			elements = append(elements, e)
		default:
			return nil, e, fmt.Sprintf("has an element %d and none %d: number the elements from 0 without gaps", i, len(elements))
		}
	}
	return elements, nil, ""
}

// step returns the element or child that one name of a path means.
func (v *value) step(name string) *value {
	if v.kind == config.List {
		if i, ok := index(name); ok && i < len(v.list) {
			return v.list[i]
		}
		return nil
	}
	return v.keys[name]
}

// variableName returns the variable under which the environment sets the key of
// path, or "" if it cannot.
func variableName(prefix string, path []string) string {
	if prefix == "" || len(path) == 0 {
		return ""
	}
	suffix := strings.ToUpper(strings.Join(path, "__"))
	if key, problem := keyOf(suffix); problem != "" || !slices.Equal(key, path) {
		return ""
	}
	if suffix == "PROFILE" {
		return ""
	}
	return prefix + "_" + suffix
}

// pathOf splits a key as errors show it: cache.backends[0].url.
func pathOf(key string) []string {
	return strings.FieldsFunc(key, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}
