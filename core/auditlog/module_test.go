package auditlog_test

import (
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/auditlog"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
)

func TestModules(t *testing.T) {
	cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: map[string]any{
		"auditlog.source": "shop", "auditlog.retention": "1h", "auditstore.memoryaudit.max": 5,
	}})
	if err != nil {
		t.Fatal(err)
	}
	app := boot.New(boot.Options{Config: cfg}).Add(boot.Choose("auditstore", auditlog.MemoryModule(auditlog.MemoryConfig{})), auditlog.Module(auditlog.Options{Keys: newKeys(t, "a")}))
	if err := app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := di.Get[audit.Logger](t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	store, err := di.Get[audit.Store](t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	log.Log(t.Context(), audit.Entry{Action: "a", Actor: "b"})
	if e := all(t, store)[0]; e.Source != "shop" || e.Expires.Sub(e.Time) != time.Hour || e.Checksum == "" {
		t.Errorf("recorded %+v", e)
	}
	if err := app.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
