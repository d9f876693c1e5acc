package secretstore_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/core/auditlog"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/flags"
	"github.com/lexigram/lexigram-go/core/secretstore"
)

// TestModules boots each candidate, chosen by configuration.
func TestModules(t *testing.T) {
	t.Setenv("SECRET_DB__PASSWORD", "environment")
	dir := t.TempDir()
	write(t, dir+"/plain", "directory", 0o600)
	for name, want := range map[string]struct{ secret, value string }{
		"environmentsecrets": {"db/password", "environment"}, "directorysecrets": {"plain", "directory"}, "memorysecrets": {"a", "memory"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: map[string]any{
				"secrets.backend": name, "secrets.directorysecrets.path": dir, "secrets.memorysecrets.secrets": map[string]any{"a": "memory"},
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

// TestModulesOfOtherPackages: added without a choice, they do not take each other's names.
func TestModulesOfOtherPackages(t *testing.T) {
	err := boot.New(boot.Options{}).Add(
		secretstore.MemoryModule(secretstore.MemoryConfig{}), flags.EnvironmentModule(flags.EnvironmentOptions{}),
		flags.Module(flags.Options{}), auditlog.MemoryModule(auditlog.MemoryConfig{}), auditlog.Module(auditlog.Options{}),
	).Verify()
	if err != nil {
		t.Error(err)
	}
}

// TestConfigurationTakesSecrets: a store is what ${secret:} in a file asks, by a name with levels.
func TestConfigurationTakesSecrets(t *testing.T) {
	d, dir := newDirectory(t, secretstore.DirectoryOptions{})
	if err := d.Set(t.Context(), "db/password", config.NewSecret("hunter2")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "..", "application.json")
	write(t, file, `{"db": {"password": "${secret:db/password}"}}`, 0o600)
	options := configfile.Options{Environ: []string{}, Files: []configfile.File{{Path: file}}, Secrets: d}
	cfg, err := configfile.Load(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	var section struct {
		Password config.Secret[string] `config:"password"`
	}
	if err := cfg.Decode("db", &section); err != nil || section.Password.Reveal() != "hunter2" {
		t.Errorf("the password is %q, %v", section.Password.Reveal(), err)
	}
	if err := d.Delete(t.Context(), "db/password"); err != nil {
		t.Fatal(err)
	}
	if _, err := configfile.Load(t.Context(), options); !errors.Is(err, security.ErrSecretNotFound) || !strings.Contains(err.Error(), "application.json") {
		t.Errorf("without the secret: %v", err)
	}
}
