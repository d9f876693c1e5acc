//go:build unix

package appcli_test

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/appcli"
)

type sleeper struct{ t *testing.T }

func (sleeper) ID() string { return "sleeper" }

func (s sleeper) Commands() []cli.Command {
	return []cli.Command{{Path: "sleep", Short: "Sleep", Example: "sleep", Run: func(ctx context.Context, _ *cli.Call) error {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done()
		if cause := context.Cause(ctx); !errors.Is(cause, lifecycle.Signaled{Signal: syscall.SIGTERM}) || !errors.Is(cause, context.Canceled) {
			s.t.Errorf("the context ended because %v", cause)
		}
		return nil
	}}}
}

// A command, and the application that it serves, learn which signal ends them.
func TestMainTellsTheSignal(t *testing.T) {
	args := os.Args
	defer func() { os.Args = args }()
	os.Args = []string{"nap", "sleep"}
	code := appcli.Main(appcli.Options{
		Name: "nap", Short: "Sleeps", Contributors: []cli.Contributor{sleeper{t}},
		Open: func(context.Context) (cli.Application, error) { return nil, errors.New("not needed") },
	})
	if code != cli.OK {
		t.Errorf("exit status %d", code)
	}
}
