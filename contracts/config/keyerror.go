package config

import (
	"strconv"
	"strings"
)

// A KeyError says which key is wrong, where it stands and what to change. It
// matches its Sentinel.
type KeyError struct {
	Source   string // file name, or "environment"; "" if it stands nowhere
	Line     int    // from 1; 0 if unknown
	Key      string // dotted, from the root
	Problem  string // one line, without the key; no secret
	Nearest  string // the valid key that the unknown one probably means, or ""
	Sentinel error  // [ErrUnknown], [ErrValue] or another one of this package
}

// Error returns one line, such as
// `askdocs.yaml:4: cache.memmory: unknown key (did you mean "memory"?)`.
func (e *KeyError) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString(e.Source)
		if e.Line > 0 {
			b.WriteByte(':')
			b.WriteString(strconv.Itoa(e.Line))
		}
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key)
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	if e.Nearest != "" {
		b.WriteString(" (did you mean ")
		b.WriteString(strconv.Quote(e.Nearest))
		b.WriteString("?)")
	}
	return b.String()
}

// Unwrap returns the Sentinel.
func (e *KeyError) Unwrap() error { return e.Sentinel }
