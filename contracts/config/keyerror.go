package config

import (
	"strconv"
	"strings"
)

// A KeyError says which key is wrong, where it stands and what to change. It
// matches its Sentinel.
type KeyError struct {
	Source   string // file name, or "environment variable LEX_A__B"; "" if it stands nowhere
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
	b.WriteString(e.Source)
	switch {
	case e.Line > 0 && e.Source != "":
		b.WriteString(":" + strconv.Itoa(e.Line) + ": ")
	case e.Line > 0:
		b.WriteString("line " + strconv.Itoa(e.Line) + ": ")
	case e.Source != "":
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
