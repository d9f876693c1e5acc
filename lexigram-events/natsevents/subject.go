package natsevents

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// Types of events are subjects of NATS as they are, and patterns are its
// wildcards: both have the same tokens, "*" and ">". So a type is mapped by
// putting "<prefix>.<partition>." before it, and nothing needs escaping. What
// does is the name of a group, see [token].

// partitionOf returns the partition of an event: FNV-1a of its key, or of its
// ID if it has none, modulo n.
func partitionOf(ev *events.Event, n int) int {
	s := ev.Key
	if s == "" {
		s = ev.ID
	}
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return int(h % uint32(n))
}

// subject returns the subject of a type, or of a pattern, in a partition.
func (o *Options) subject(partition int, typ string) string {
	return o.Prefix + "." + strconv.Itoa(partition) + "." + typ
}

// typeOf returns the type that a subject of the stream is for.
func (o *Options) typeOf(subject string) (typ string, ok bool) {
	rest, ok := strings.CutPrefix(subject, o.Prefix+".")
	if !ok {
		return "", false
	}
	_, typ, ok = strings.Cut(rest, ".")
	return typ, ok
}

// subjects are those of the stream.
func (o *Options) subjects() []string {
	all := make([]string, o.Partitions)
	for i := range all {
		all[i] = o.subject(i, ">")
	}
	return all
}

// filters returns patterns of which no two have a type in common, as a consumer
// of NATS wants it, that together match all that the given ones match. They may
// match more: then exact is false, and who receives has to ask [events.Match].
func filters(patterns []string) (disjoint []string, exact bool) {
	all := slices.Compact(slices.Sorted(slices.Values(patterns)))
	exact = true
	for i := 0; i < len(all); i++ {
		for j := i + 1; j < len(all); j++ {
			if !overlap(all[i], all[j]) {
				continue
			}
			both := cover(all[i], all[j])
			exact = exact && (both == all[i] || both == all[j])
			all = slices.Delete(all, j, j+1)
			all[i] = both
			i = -1 // it may overlap others now
			break
		}
	}
	slices.Sort(all)
	return all, exact
}

// overlap reports whether some type matches both patterns.
func overlap(a, b string) bool {
	for {
		at, arest, amore := strings.Cut(a, ".")
		bt, brest, bmore := strings.Cut(b, ".")
		switch {
		case at == ">" || bt == ">":
			return true
		case at != bt && at != "*" && bt != "*", amore != bmore:
			return false
		case !amore:
			return true
		}
		a, b = arest, brest
	}
}

// cover returns the narrowest pattern that matches all that a or b matches.
func cover(a, b string) string {
	var tokens []string
	for {
		at, arest, amore := strings.Cut(a, ".")
		bt, brest, bmore := strings.Cut(b, ".")
		if at == ">" || bt == ">" {
			return strings.Join(append(tokens, ">"), ".")
		}
		if amore != bmore {
			return strings.Join(append(tokens, ">"), ".")
		}
		if at != bt {
			at = "*"
		}
		tokens = append(tokens, at)
		if !amore {
			return strings.Join(tokens, ".")
		}
		a, b = arest, brest
	}
}

// token returns a token of letters, digits, "-" and "_" for the name of a
// group, a different one for each name: other bytes, and "_" itself, are "_"
// and two hexadecimal digits; a name that would be too long is hashed.
func token(name string) string {
	const most = 120
	b := make([]byte, 0, len(name)+8)
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' {
			b = append(b, c)
			continue
		}
		const digits = "0123456789abcdef"
		b = append(b, '_', digits[c>>4], digits[c&15])
	}
	switch {
	case len(b) == 0:
		return "__"
	case len(b) > most:
		sum := sha256.Sum256([]byte(name))
		return "__" + hex.EncodeToString(sum[:])
	}
	return string(b)
}
