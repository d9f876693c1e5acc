package secretstore_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/secretstore"
)

// TestModules boots each candidate, chosen by configuration.
func TestModules(t *testing.T) {
	t.Setenv("SECRET_DB__PASSWORD", "environment")
	dir := t.TempDir()
	write(t, dir+"/plain", "directory", 0o600)
	for name, want := range map[string]struct{ secret, value string }{
		"environment": {"db/password", "environment"}, "directory": {"plain", "directory"}, "memory": {"a", "memory"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: map[string]any{
				"secrets.backend": name, "secrets.directory.path": dir, "secrets.memory.secrets": map[string]any{"a": "memory"},
			}})
			if err != nil {
				t.Fatal(err)
			}
			app := boot.New(boot.Options{Config: cfg}).Add(boot.Choose("secrets",
				secretstore.EnvironmentModule(secretstore.EnvironmentOptions{}),
				secretstore.DirectoryModule(secretstore.DirectoryConfig{}),
				secretstore.MemoryModule(secretstore.MemoryConfig{}),
			))
			if err := app.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			store, err := di.Get[security.SecretStore](t.Context(), app)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := store.Get(t.Context(), want.secret); err != nil || got.Reveal() != want.value {
				t.Errorf("Get = %q, %v, want %q", got.Reveal(), err, want.value)
			}
			if err := app.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestConfigurationTakesSecrets: a store is what ${secret:} asks.
func TestConfigurationTakesSecrets(t *testing.T) {
	var source configfile.SecretSource = fill(t, &secretstore.Memory{}, map[string]string{"db/password": "hunter2"})
	if s, err := source.Get(t.Context(), "db/password"); err != nil || s.Reveal() != "hunter2" {
		t.Errorf("Get = %v, %v", s, err)
	}
}
