// Package record encodes what journals hold: strings, numbers, vectors and
// attributes as filter.Value returns them.
package record

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"
)

// The byte before a value says what it is.
const (
	tagString = 's'
	tagTrue   = 'T'
	tagFalse  = 'F'
	tagInt    = 'i'
	tagFloat  = 'f'
	tagTime   = 't'
	tagList   = 'l'
)

// AppendString appends s with its length.
func AppendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// AppendStrings appends how many strings there are, and each.
func AppendStrings(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = AppendString(b, s)
	}
	return b
}

// AppendVector appends the components of v; how many there are is not recorded.
func AppendVector(b []byte, v []float32) []byte {
	b = slices.Grow(b, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// AppendAttrs appends attributes, sorted by name. Every value is one that
// filter.Value returned.
func AppendAttrs(b []byte, attrs map[string]any) []byte {
	b = binary.AppendUvarint(b, uint64(len(attrs)))
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		b = appendValue(AppendString(b, name), attrs[name])
	}
	return b
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return AppendString(append(b, tagString), v)
	case bool:
		if v {
			return append(b, tagTrue)
		}
		return append(b, tagFalse)
	case int64:
		return binary.AppendVarint(append(b, tagInt), v)
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, tagFloat), math.Float64bits(v))
	case time.Time:
		return binary.AppendVarint(append(b, tagTime), v.UnixMicro())
	case []string:
		return AppendStrings(append(b, tagList), v)
	}
	return b // unreachable: the contracts' checks have refused it
}
