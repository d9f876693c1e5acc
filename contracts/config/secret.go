package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
)

const redacted = "***"

// A Secret holds a value that must not show: fmt with every verb, JSON, text
// encodings and slog print "***", and fmt prints no value either where it is an
// unexported field, which it does not ask. The zero Secret holds the zero T. It is
// safe for concurrent use as T is. Compare what Reveal returns: Secrets of the same
// value need not be ==.
type Secret[T any] struct {
	// nil is the zero T. fmt follows no pointer inside of a struct with a verb that is right
	// for one, and with others no pointer to a pointer.
	value **T
}

// NewSecret returns a Secret that holds value.
func NewSecret[T any](value T) (s Secret[T]) {
	s.Set(value)
	return s
}

// Reveal returns the value. Call it where the value is used, and nowhere else.
func (s Secret[T]) Reveal() (value T) {
	if s.value != nil {
		value = **s.value
	}
	return value
}

// Set replaces the value, and not that of copies of s; for decoders.
func (s *Secret[T]) Set(value T) {
	held := &value
	if s.value = &held; reflect.ValueOf(held).Elem().IsZero() {
		s.value = nil // so that a Secret that holds nothing is the zero Secret
	}
}

// Edit calls fn with a pointer to a copy of the value, and sets what fn leaves there; for
// decoders that do not know T.
func (s *Secret[T]) Edit(fn func(ref any)) {
	value := s.Reveal()
	fn(&value)
	s.Set(value)
}

// String returns "***".
func (s Secret[T]) String() string { return redacted }

// GoString returns "***".
func (s Secret[T]) GoString() string { return redacted }

// Format prints "***" for every verb.
func (s Secret[T]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) } // fmt.State reports no error to anyone

// LogValue returns "***".
func (s Secret[T]) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns "***" in quotes.
func (s Secret[T]) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText returns "***".
func (s Secret[T]) MarshalText() ([]byte, error) { return []byte(redacted), nil }

var (
	_ fmt.Formatter          = Secret[string]{}
	_ slog.LogValuer         = Secret[string]{}
	_ json.Marshaler         = Secret[string]{}
	_ encoding.TextMarshaler = Secret[string]{}
)
