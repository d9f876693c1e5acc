package tenancysqltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/sqltenants"
)

// services has a directory, and keeps the contributor that the module registers.
type services struct {
	dir         tenancy.Directory
	contributor cli.Contributor
}

func (s *services) Resolve(context.Context, di.Key) (any, error) { return s.dir, nil }

func (s *services) Register(reg di.Registration) error {
	if reg.Key.Type != di.KeyOf[cli.Contributor]().Type {
		return nil
	}
	v, err := reg.Build(context.Background(), nil)
	s.contributor, _ = v.(cli.Contributor)
	return err
}

// commandLine lists tenants and changes their status as people do.
func commandLine(t *testing.T, db sqldb.DB) {
	s := &services{dir: sqltenants.New(db)}
	if err := sqltenants.Module().Providers[0].Register(s); err != nil || s.contributor == nil {
		t.Fatalf("the module registers no contributor: %v", err)
	}
	for _, info := range []tenancy.Info{
		{ID: "t1", Slug: "acme", Name: "Acme\x1b[2J"}, {ID: "t2", Slug: "bell", Status: tenancy.Suspended, Metadata: map[string]string{"key": "hunter2"}},
	} {
		if _, err := s.dir.Create(t.Context(), info); err != nil {
			t.Fatal(err)
		}
	}
	clitest.Run(t, func() cli.Contributor { return s.contributor }, clitest.Needs(func(*testing.T) di.Resolver { return s }))
	run := func(i int, asJSON bool, args ...string) (string, error) {
		var out bytes.Buffer
		c := s.contributor.(cli.CommandContributor).Commands()[i]
		err := c.Run(t.Context(), &cli.Call{Args: args, Stdout: &out, JSON: asJSON, Needs: s})
		return out.String(), err
	}
	out, err := run(0, false)
	if err != nil || strings.Count(out, "\n") != 3 || !strings.Contains(out, "bell    suspended") || strings.Contains(out, "\x1b") || strings.Contains(out, "hunter2") {
		t.Errorf("%s, %v", out, err)
	}
	for name, want := range map[string]string{"acme": "acme is inactive\n", "t2": "bell is inactive\n"} {
		if out, err = run(1, false, name, "inactive"); err != nil || out != want {
			t.Errorf("%s, %v", out, err)
		}
	}
	var rows []struct{ Slug, Status string }
	out, err = run(0, true)
	if err := errors.Join(err, json.Unmarshal([]byte(out), &rows)); err != nil || len(rows) != 2 || rows[0].Status != "inactive" || rows[1].Slug != "bell" {
		t.Errorf("%s, %v", out, err)
	}
	if _, err = run(1, false, "nobody", "active"); !errors.Is(err, tenancy.ErrNotFound) {
		t.Error(err)
	}
	if _, err = run(1, false, "acme", "asleep"); cli.ExitCode(err) != cli.Usage {
		t.Error(err)
	}
}
