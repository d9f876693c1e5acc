package logkit_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/core/logkit"
)

func TestLevels(t *testing.T) {
	var out bytes.Buffer
	var levels logkit.Levels
	root := slog.New(logkit.NewFilter(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}), &levels))
	loggers := map[string]*slog.Logger{
		"":            root,
		"sql":         logkit.Named(root, "sql"),
		"sql.pool":    logkit.Named(logkit.Named(root, "sql"), "sql.pool").With("k", "v").WithGroup("g"),
		"sqlite":      logkit.Named(root, "sqlite"),
		"cache.redis": logkit.Named(root, "cache.redis"),
	}
	check := func(want map[string]slog.Level) {
		t.Helper()
		for name, log := range loggers {
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				if got := log.Enabled(t.Context(), level); got != (level >= want[name]) {
					t.Errorf("%q at %v: %v, want the least level %v", name, level, got, want[name])
				}
			}
			if got := levels.Level(name); got != want[name] {
				t.Errorf("Level(%q) = %v, want %v", name, got, want[name])
			}
		}
	}
	const debug, info, warn, failed = slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError
	check(map[string]slog.Level{"": info, "sql": info, "sql.pool": info, "sqlite": info, "cache.redis": info})
	levels.Set("sql", debug)
	check(map[string]slog.Level{"": info, "sql": debug, "sql.pool": debug, "sqlite": info, "cache.redis": info})
	levels.Set("sql.pool", failed)
	levels.Set("", warn)
	check(map[string]slog.Level{"": warn, "sql": debug, "sql.pool": failed, "sqlite": warn, "cache.redis": warn})
	levels.Reset("sql")
	levels.Set("cache", debug)
	check(map[string]slog.Level{"": warn, "sql": warn, "sql.pool": failed, "sqlite": warn, "cache.redis": debug})
	levels.Reset("")
	levels.Reset("sql.pool")
	check(map[string]slog.Level{"": info, "sql": info, "sql.pool": info, "sqlite": info, "cache.redis": debug})

	loggers["cache.redis"].Debug("seen")
	loggers["sql"].Debug("unseen")
	if got := out.String(); !strings.Contains(got, "msg=seen logger=cache.redis") || strings.Contains(got, "unseen") {
		t.Errorf("%s", got)
	}
}

// TestNameInGroup: an attribute in a group is no name, nor is one of a record.
func TestNameInGroup(t *testing.T) {
	var levels logkit.Levels
	levels.Set("quiet", slog.LevelError)
	log := slog.New(logkit.NewFilter(slog.NewTextHandler(io.Discard, nil), &levels))
	if grouped := log.WithGroup("g").With(logkit.NameKey, "quiet"); !grouped.Enabled(t.Context(), slog.LevelInfo) {
		t.Error("an attribute in a group changed the name")
	}
	if odd := log.With(logkit.NameKey, 42); !odd.Enabled(t.Context(), slog.LevelInfo) {
		t.Error("a name that is no text changed it")
	}
}

func TestInnerLevelApplies(t *testing.T) {
	var levels logkit.Levels
	levels.Set("", slog.LevelDebug)
	log := slog.New(logkit.NewFilter(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelWarn}), &levels))
	if log.Enabled(t.Context(), slog.LevelInfo) {
		t.Error("the inner handler's level is passed over")
	}
}

func TestLevelsConcurrentSafe(t *testing.T) {
	var levels logkit.Levels
	log := slog.New(logkit.NewFilter(slog.NewTextHandler(io.Discard, nil), &levels))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				name := strings.Repeat("a.", n%4) + "a"
				levels.Set(name, slog.Level(i))
				logkit.Named(log, name).Info("x")
				levels.Level(name)
				levels.Reset(name)
			}
		})
	}
	wg.Wait()
	if got := levels.Level("a.a"); got != slog.LevelInfo {
		t.Errorf("in the end %v", got)
	}
}
