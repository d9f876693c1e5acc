package eventssqltest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/process"
)

// single resolves everything to one value.
type single struct{ value any }

func (s single) Resolve(context.Context, di.Key) (any, error) { return s.value, nil }

// sagaCommands looks after sagas as people do.
func sagaCommands(t *testing.T, db sqldb.DB) {
	broken := true
	refused := saga.ErrInvalid.Wrap(nil, "postgres://app:hunter2@db \x1b[2J")
	once := resilience.RetryConfig{MaxAttempts: 1}
	s := process.Saga[int]{Name: "checkout", Version: 3, Steps: []process.Step[int]{
		{Name: "reserve", Retry: once, Do: func(context.Context, *int, *saga.Call) error { return nil }, Undo: func(context.Context, *int, *saga.Call) error {
			if broken {
				return errors.New("the shop is closed")
			}
			return nil
		}},
		{Name: "charge", Retry: once, Do: func(_ context.Context, _ *int, c *saga.Call) error {
			if c.ID == "bad" {
				return refused
			}
			return nil
		}},
		{Name: "ship", Delay: time.Hour},
	}}
	m := manager(t, db, process.Options{}, s)
	for _, id := range []string{"checkout/7", "checkout/8", "bad"} {
		must(t, s.Start(t.Context(), m, id, 42))
	}
	c := process.Commands{}
	clitest.Run(t, func() cli.Contributor { return c }, clitest.Needs(func(*testing.T) di.Resolver { return single{m} }))
	out, err := runCommand(t, c, single{m}, "sagas resume", "bad", "checkout/7", "nobody")
	if !errors.Is(err, saga.ErrFailed) || !errors.Is(err, saga.ErrNotFound) || strings.Count(out, "\n") != 3 {
		t.Errorf("%s, %v", out, err)
	}
	out, err = runCommand(t, c, single{m}, "sagas show", "bad")
	if err != nil || strings.Contains(out, "hunter2") || strings.Contains(out, "\x1b") || !strings.Contains(out, "stuck") || !strings.Contains(out, "the shop is closed") {
		t.Errorf("%s, %v", out, err)
	}
	var found []struct {
		ID, Status string
		Due        time.Time `json:"due_at"`
	}
	out, err = runCommand(t, c, single{m}, "sagas list", "-json", "-limit", "2")
	if err := errors.Join(err, json.Unmarshal([]byte(out), &found)); err != nil || len(found) != 2 || strings.Contains(out, "hunter2") || found[0].Due.IsZero() {
		t.Fatalf("%s, %v", out, err)
	}
	if out, err = runCommand(t, c, single{m}, "sagas list", "-status", "failed", "-saga", "checkout"); err != nil || strings.Count(out, "\n") != 2 || !strings.Contains(out, "checkout@3") {
		t.Errorf("%s, %v", out, err)
	}
	if out, err = runCommand(t, c, single{m}, "sagas list", "-saga", "other"); err != nil || out != "there are none\n" {
		t.Errorf("%s, %v", out, err)
	}
	broken = false
	if out, err = runCommand(t, c, single{m}, "sagas resume", "bad"); !errors.Is(err, saga.ErrCompensated) || !strings.Contains(out, "compensated") {
		t.Errorf("%s, %v", out, err)
	}
	if out, err = runCommand(t, c, single{m}, "sagas cancel", "-reason", "why not", "checkout/7"); err != nil {
		t.Errorf("%s, %v", out, err)
	}
	if in, err := m.Resume(t.Context(), "checkout/7"); !errors.Is(err, saga.ErrCompensated) {
		t.Errorf("%+v, %v", in, err)
	}
	for _, args := range [][]string{{"sagas list", "-limit", "0"}, {"sagas list", "-status", "dead"}} {
		if _, err := runCommand(t, c, single{m}, args[0], args[1:]...); cli.ExitCode(err) != cli.Usage {
			t.Errorf("%q: %v", args, err)
		}
	}
}
