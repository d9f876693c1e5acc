package logkit_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/logkit"
)

func TestOptionsFromConfiguration(t *testing.T) {
	cfg, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_LOG__FORMAT=json", "LEX_LOG__LEVELS__CACHE=WARN"}, Overrides: map[string]any{
		"log.level": "DEBUG", "log.levels": map[string]any{"sql.pool": "ERROR", "sql": "WARN"},
		"log.sample.first": 10, "log.sample.interval": "1m",
	}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := config.Section(cfg, "log", logkit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if o.Level != slog.LevelDebug || o.Levels["sql"] != slog.LevelWarn || o.Levels["sql.pool"] != slog.LevelError || o.Levels["cache"] != slog.LevelWarn ||
		o.Format != logkit.JSON || o.Sample != (logkit.Sample{First: 10, Interval: time.Minute}) {
		t.Errorf("%+v", o)
	}
}
