package configfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// origin is where a value stands.
type origin struct {
	source string // as in config.KeyError
	line   int
	name   string // of the variable in a .env file, or ""
	layer  Layer
}

// value is a node of the merged tree. It is built once and not changed after Load.
type value struct {
	origin
	kind     config.NodeType
	scalar   any
	text     bool   // a scalar string to be converted by the field's type
	together bool   // a mapping that was put together from dotted keys
	secret   string // the name of the secret that the scalar holds, or ""
	list     []*value
	keys     map[string]*value
}

func newMapping(at origin) *value {
	return &value{origin: at, kind: config.Map, keys: map[string]*value{}}
}

// merge returns upper over lower: mappings key by key, numbered elements one by
// one, anything else is upper.
func merge(lower, upper *value) *value {
	if lower != nil && lower.kind == config.List && upper.numbered() {
		return patch(lower, upper)
	}
	if lower == nil || lower.kind != config.Map || upper.kind != config.Map {
		return upper
	}
	merged := newMapping(upper.origin)
	merged.together = lower.together && upper.together
	maps.Copy(merged.keys, lower.keys)
	for k, v := range upper.keys {
		merged.keys[k] = merge(lower.keys[k], v)
	}
	return merged
}

// at returns the value under a dotted key, or nil. blocked is the value on the
// way that is no mapping, and where it stands.
func (v *value) at(key string) (found, blocked *value, blockedKey string) {
	if key == "" {
		return v, nil, ""
	}
	for start := 0; ; {
		if v.kind != config.Map {
			if v.isNull() {
				return nil, nil, ""
			}
			return nil, v, key[:max(0, start-1)]
		}
		name, _, more := strings.Cut(key[start:], ".")
		v = v.keys[name]
		if v == nil || !more {
			return v, nil, ""
		}
		start += len(name) + 1
	}
}

func (v *value) isNull() bool { return v.kind == config.Scalar && v.scalar == nil }

// isEmpty reports whether v gives nothing: it is absent, null or empty text.
func (v *value) isEmpty() bool {
	return v == nil || v.kind == config.Scalar && (v.scalar == nil || v.scalar == "")
}

// names returns the keys of a mapping in order, so that errors and dumps are stable.
func (v *value) names() []string { return slices.Sorted(maps.Keys(v.keys)) }

// plain returns a copy as config.Config.Lookup describes it.
func (v *value) plain() any {
	switch v.kind {
	case config.List:
		list := make([]any, len(v.list))
		for i, e := range v.list {
			list[i] = e.plain()
		}
		return list
	case config.Map:
		m := make(map[string]any, len(v.keys))
		for k, e := range v.keys {
			m[k] = e.plain()
		}
		return m
	default:
		return v.scalar
	}
}

// holds returns the name of a secret in v, or "".
func (v *value) holds() string {
	if v.secret != "" {
		return v.secret
	}
	for _, e := range v.list {
		if name := e.holds(); name != "" {
			return name
		}
	}
	for _, name := range v.names() {
		if name := v.keys[name].holds(); name != "" {
			return name
		}
	}
	return ""
}

// what names the type of v for an error text.
func (v *value) what() string {
	switch v.kind {
	case config.List:
		return "a list"
	case config.Map:
		return "a mapping"
	}
	switch v.scalar.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a fraction"
	default:
		return "a string"
	}
}

// join appends a name to a dotted key.
func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
