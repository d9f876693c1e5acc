package configfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type sqlConfig struct {
	URL      config.Secret[string] `config:"url"`
	Timeout  string                `config:"timeout" doc:"how long a statement may take"`
	Password string                `config:"password"`
}

// contributed returns what a tree with secrets in several places contributes.
func contributed(t *testing.T) cli.Contributor {
	t.Helper()
	modules := []module.Descriptor{{Name: "sql", Config: &sqlConfig{Timeout: "5s"}}}
	tree, err := configfile.Load(t.Context(), configfile.Options{
		EnvPrefix: "LEX", Sections: configfile.Sections(modules...),
		Environ: []string{"LEX_SQL__PASSWORD=changeme", "LEX_SQL__URL=postgres://app:hunter2@db/app", "LEX_OTHER__TOKEN=hunter2", "LEX_SQL__TIMEOUT=7s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return configfile.Contributor(tree, modules...)
}

func TestContributor(t *testing.T) {
	clitest.Run(t, func() cli.Contributor { return contributed(t) })
}

func TestConfigCommands(t *testing.T) {
	c := contributed(t).(cli.CommandContributor)
	for _, x := range []struct {
		path string
		args []string
		want string
	}{
		{"config explain", []string{"sql.timeout"}, "sql.timeout\n  * environment \"7s\"  # environment variable LEX_SQL__TIMEOUT\n    default     \"5s\""},
		{"config explain", []string{"sql"}, "sql.password\n"},
		{"config explain", nil, "other.token\n"},
		{"config dump", nil, "# environment variable LEX_SQL__TIMEOUT"},
		{"config env", nil, "LEX_SQL__TIMEOUT"},
		{"config env", nil, "how long a statement may take"},
	} {
		for _, asJSON := range []bool{false, true} {
			for _, cmd := range c.Commands() {
				if cmd.Path != x.path {
					continue
				}
				var out bytes.Buffer
				if err := cmd.Run(t.Context(), &cli.Call{Args: x.args, Stdout: &out, JSON: asJSON}); err != nil {
					t.Error(err)
				}
				if strings.Contains(out.String(), "hunter2") || strings.Contains(out.String(), "changeme") {
					t.Errorf("%s shows a secret:\n%s", x.path, &out)
				}
				if asJSON && !json.Valid(out.Bytes()) || !asJSON && !strings.Contains(out.String(), x.want) {
					t.Errorf("%s %q:\n%s", x.path, x.args, &out)
				}
			}
		}
	}
	explain := c.Commands()[0]
	err := explain.Run(t.Context(), &cli.Call{Args: []string{"sql.timeot"}, Stdout: &bytes.Buffer{}})
	if !errors.Is(err, config.ErrUnknown) || !strings.Contains(err.Error(), `did you mean "sql.timeout"?`) {
		t.Error(err)
	}
}

func TestConfigDiagnosis(t *testing.T) {
	found := contributed(t).(cli.DoctorContributor).Diagnoses()[0].Run(context.Background())
	if len(found) == 0 || !found[0].Warning || !strings.Contains(found[0].Problem, "sql.password") || strings.Contains(found[0].Problem, "changeme") {
		t.Errorf("%+v", found)
	}
}
