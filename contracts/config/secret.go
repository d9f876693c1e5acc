package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "***"

// A Secret holds a value that must not show: fmt with every verb, JSON, text
// encodings and slog print "***". The zero Secret holds the zero T. It is safe
// for concurrent use as T is.
type Secret[T any] struct {
	value T
}

// NewSecret returns a Secret that holds value.
func NewSecret[T any](value T) Secret[T] { return Secret[T]{value} }

// Reveal returns the value. Call it where the value is used, and nowhere else.
func (s Secret[T]) Reveal() T { return s.value }

// Set replaces the value; for decoders.
func (s *Secret[T]) Set(value T) { s.value = value }

// Ref returns a pointer to the value; for decoders.
func (s *Secret[T]) Ref() any { return &s.value }

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
