package logkit

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
)

// NameKey is the key of the attribute that says which part of a program a
// line is of: names separated by dots, such as "sql.pool".
const NameKey = "logger"

// Named returns a logger for a part of a program, whose lines have the name
// and whose least level [Levels] can set.
func Named(log *slog.Logger, name string) *slog.Logger { return log.With(NameKey, name) }

// Levels are the least levels of a program's loggers by name, which can be
// changed while it runs. A name without a level of its own has that of the name before
// its last dot, and in the end that of "". The zero value has Info for all; it must not be
// copied, and is safe for concurrent use. It remembers each name: use names of code, not of data.
type Levels struct {
	mu    sync.Mutex
	set   map[string]slog.Level
	nodes map[string]*atomic.Int64 // least levels of the names that handlers have
}

// Set sets the least level of a name and of those below it; "" is all of them.
func (l *Levels) Set(name string, level slog.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.set == nil {
		l.set = map[string]slog.Level{}
	}
	l.set[name] = level
	l.apply()
}

// Reset takes back what Set said about the name.
func (l *Levels) Reset(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.set, name)
	l.apply()
}

// Level returns the least level of a name.
func (l *Levels) Level(name string) slog.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level(name)
}

func (l *Levels) level(name string) slog.Level {
	for {
		if level, ok := l.set[name]; ok {
			return level
		}
		if name == "" {
			return slog.LevelInfo
		}
		name = name[:max(0, strings.LastIndexByte(name, '.'))]
	}
}

func (l *Levels) apply() {
	for name, node := range l.nodes {
		node.Store(int64(l.level(name)))
	}
}

// node returns where the least level of a name is kept up to date.
func (l *Levels) node(name string) *atomic.Int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	node, ok := l.nodes[name]
	if !ok {
		node = new(atomic.Int64)
		node.Store(int64(l.level(name)))
		if l.nodes == nil {
			l.nodes = map[string]*atomic.Int64{}
		}
		l.nodes[name] = node
	}
	return node
}

// A Filter is a [slog.Handler] that lets another one handle what the [Levels] of the
// logger's name let through: the name is the last [NameKey] that the logger has, outside
// groups. It asks no one and takes no lock: Enabled is one load. The
// inner handler's own level applies too. It is safe for concurrent use if the inner handler is.
type Filter struct {
	inner   slog.Handler
	levels  *Levels
	least   *atomic.Int64
	grouped bool
}

var _ slog.Handler = (*Filter)(nil)

// NewFilter returns a Filter before inner, which follows levels.
func NewFilter(inner slog.Handler, levels *Levels) *Filter {
	return &Filter{inner: inner, levels: levels, least: levels.node("")}
}

// Enabled reports whether the level is high enough for both handlers.
func (f *Filter) Enabled(ctx context.Context, level slog.Level) bool {
	return int64(level) >= f.least.Load() && f.inner.Enabled(ctx, level)
}

// Handle passes the record on; a Logger asks Enabled before.
func (f *Filter) Handle(ctx context.Context, record slog.Record) error {
	return f.inner.Handle(ctx, record)
}

// WithAttrs returns a Filter with the attrs, and of another name if they have one.
func (f *Filter) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *f
	c.inner = f.inner.WithAttrs(attrs)
	if f.grouped {
		return &c
	}
	for _, a := range attrs {
		if a.Key == NameKey && a.Value.Kind() == slog.KindString {
			c.least = f.levels.node(a.Value.String())
		}
	}
	return &c
}

// WithGroup returns a Filter of the group, with the same name.
func (f *Filter) WithGroup(name string) slog.Handler {
	if name == "" {
		return f
	}
	c := *f
	c.inner, c.grouped = f.inner.WithGroup(name), true
	return &c
}
