package logkit

import (
	"context"
	"log/slog"

	"github.com/lexigram/lexigram-go/contracts/config"
)

const hidden = "***"

// A Redactor is a [slog.Handler] that hides what should not be in a log before
// another handler writes it: attributes whose key, or a group around it,
// [config.IsSecretKey] knows, at any depth of groups, maps and lists; and passwords inside
// URLs, and behind names of secrets ("token=…"), in messages, strings and errors.
//
// It does not look into structs, nor into types that write themselves, such as
// [encoding/json.RawMessage]: keep secrets there in a [config.Secret], which hides itself.
// It is safe for concurrent use if the inner handler is.
type Redactor struct {
	inner slog.Handler
	all   bool // within a group that hides all
}

var _ slog.Handler = (*Redactor)(nil)

// NewRedactor returns a Redactor before inner.
func NewRedactor(inner slog.Handler) *Redactor { return &Redactor{inner: inner} }

// Enabled asks the inner handler.
func (r *Redactor) Enabled(ctx context.Context, level slog.Level) bool {
	return r.inner.Enabled(ctx, level)
}

// Handle passes on a record without secrets.
func (r *Redactor) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, config.RedactText(record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(r.attr(a))
		return true
	})
	return r.inner.Handle(ctx, clean)
}

// WithAttrs returns a Redactor whose inner handler has attrs without secrets.
func (r *Redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = r.attr(a)
	}
	return &Redactor{inner: r.inner.WithAttrs(clean), all: r.all}
}

// WithGroup returns a Redactor of the group; of one with a secret name it hides everything.
func (r *Redactor) WithGroup(name string) slog.Handler {
	if name == "" {
		return r
	}
	return &Redactor{inner: r.inner.WithGroup(name), all: r.all || config.IsSecretKey(name)}
}

func (r *Redactor) attr(a slog.Attr) slog.Attr {
	if a.Equal(slog.Attr{}) {
		return a // handlers leave it out
	}
	if r.all || config.IsSecretKey(a.Key) {
		return slog.String(a.Key, hidden)
	}
	value := a.Value.Resolve()
	switch value.Kind() {
	case slog.KindGroup:
		group := value.Group()
		clean := make([]slog.Attr, len(group))
		for i, inner := range group {
			clean[i] = r.attr(inner)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case slog.KindString:
		return slog.String(a.Key, config.RedactText(value.String()))
	case slog.KindAny:
		return slog.Any(a.Key, redactAny(value.Any(), 0))
	default:
		return slog.Attr{Key: a.Key, Value: value}
	}
}

const deep = 16 // a map can contain itself

// redactAny looks into the containers that people log, such as HTTP headers,
// and copies those that it changes.
func redactAny(v any, depth int) any {
	if depth > deep {
		return hidden
	}
	switch v := v.(type) {
	case slog.LogValuer:
		return v
	case error:
		return redactError(v)
	case slog.Attr:
		return slog.GroupValue((&Redactor{}).attr(v)).Any()
	case string:
		return config.RedactText(v)
	case []string:
		return redactList(v, func(s string) string { return config.RedactText(s) })
	case []any:
		return redactList(v, func(e any) any { return redactAny(e, depth+1) })
	case []map[string]any:
		return redactList(v, func(e map[string]any) any { return redactAny(e, depth+1) })
	case map[string]any:
		return redactMap(v, func(e any) any { return redactAny(e, depth+1) })
	case map[string]string:
		return redactMap(v, func(e string) any { return config.RedactText(e) })
	case map[string][]string:
		return redactMap(v, func(e []string) any { return redactAny(e, depth+1) })
	default:
		return redactNamed(v, depth)
	}
}

func redactList[E, R any](list []E, clean func(E) R) []R {
	out := make([]R, len(list))
	for i, e := range list {
		out[i] = clean(e)
	}
	return out
}

func redactMap[V any](m map[string]V, clean func(V) any) map[string]any {
	out := make(map[string]any, len(m))
	for k, e := range m {
		if config.IsSecretKey(k) {
			out[k] = hidden
			continue
		}
		out[k] = clean(e)
	}
	return out
}
