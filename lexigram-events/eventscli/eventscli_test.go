package eventscli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"

	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/lexigram-events/eventscli"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// one yields one service, whatever it is asked for.
type one struct{ service any }

func (o one) Resolve(context.Context, di.Key) (any, error) { return o.service, nil }

func newBus(t *testing.T) *memoryevents.Bus {
	b := memoryevents.New(memoryevents.Options{})
	t.Cleanup(func() {
		if err := b.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

func newStore(t *testing.T) *memoryeventstore.Store {
	t.Helper()
	s := memoryeventstore.New()
	for i := range 3 {
		for _, name := range []string{"order-7", "order-8"}[:1+i%2] {
			ev := events.New("/orders", fmt.Sprintf("orders.order.step%d", i), []byte(`{"secret":1}`))
			if _, err := s.Append(t.Context(), name, eventstore.Any, ev); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func TestCommands(t *testing.T) {
	clitest.Run(t, func() cli.Contributor { return eventscli.Commands{} }, clitest.Needs(func(t *testing.T) di.Resolver { return one{newBus(t)} }))
	clitest.Run(t, func() cli.Contributor { return eventscli.StreamCommands{} }, clitest.Needs(func(t *testing.T) di.Resolver { return one{newStore(t)} }))
}

func TestModules(t *testing.T) {
	moduletest.Run(t, eventscli.Module)
	moduletest.Run(t, eventscli.Streams)
}

// run runs a command and returns what it printed.
func run(t *testing.T, from cli.CommandContributor, needs any, path string, args ...string) (string, error) {
	t.Helper()
	for _, c := range from.Commands() {
		if c.Path != path {
			continue
		}
		fs := flag.NewFlagSet(path, flag.ContinueOnError)
		asJSON := fs.Bool("json", false, "")
		c.Flags(fs)
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		var out, progress bytes.Buffer
		err := c.Run(t.Context(), &cli.Call{Args: fs.Args(), Stdout: &out, Stderr: &progress, JSON: *asJSON, Needs: one{needs}})
		return out.String(), err
	}
	t.Fatalf("no command %q", path)
	return "", nil
}

func TestTail(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		check func(out string) bool
	}{
		"all":      {nil, func(out string) bool { return strings.Count(out, "\n") == 3 && !strings.Contains(out, "secret") }},
		"limit":    {[]string{"--limit", "2"}, func(out string) bool { return strings.Count(out, "\n") == 2 }},
		"patterns": {[]string{"a.*", "c.>"}, func(out string) bool { return strings.Contains(out, " a.b ") && strings.Count(out, "\n") == 2 }},
		"data":     {[]string{"--data", "a.b"}, func(out string) bool { return strings.Contains(out, `data={"secret":\n1}`) }},
		"json": {[]string{"--json", "--data"}, func(out string) bool {
			var got []struct {
				Type string
				Data map[string]int
			}
			return json.Unmarshal([]byte(out), &got) == nil && len(got) == 3 && got[0].Type == "a.b" && got[0].Data["secret"] == 1
		}},
		"json of none": {[]string{"--json", "nothing"}, func(out string) bool { return out == "[]\n" }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus := newBus(t)
				go func() {
					time.Sleep(time.Second)
					for _, typ := range []string{"a.b", "b.c", "c.d"} {
						if err := bus.Publish(t.Context(), events.New("/", typ, []byte("{\"secret\":\n1}"))); err != nil {
							t.Error(err)
						}
					}
				}()
				out, err := run(t, eventscli.Commands{}, bus, "events tail", append([]string{"--for", "1m"}, c.args...)...)
				if err != nil || !c.check(out) {
					t.Errorf("%v\n%s", err, out)
				}
				time.Sleep(time.Minute) // the publisher has ended
			})
		})
	}
}

func TestPublish(t *testing.T) {
	bus := newBus(t)
	got := make(chan events.Event, 1)
	if _, err := bus.Subscribe(t.Context(), events.Subscription{Types: []string{">"}}, func(_ context.Context, ev events.Event) error { got <- ev; return nil }); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, eventscli.Commands{}, bus, "events publish", "--id", "7", "--key", "k", "--tenant", "t", "--schema", "2", "a.b", "{}")
	if err != nil || out != "published 7 of /cli\n" {
		t.Errorf("%q, %v", out, err)
	}
	if ev := <-got; ev.ID != "7" || ev.Key != "k" || ev.Schema != 2 || ev.Headers[events.HeaderTenant] != "t" || string(ev.Data) != "{}" || ev.Type != "a.b" {
		t.Errorf("%+v", ev)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{"events tail", "--limit", "-1"}, {"events tail", "a*"}, {"events publish", "a b"}, {"events publish", "--schema", "-1", "a"},
	} {
		if out, err := run(t, eventscli.Commands{}, newBus(t), args[0], args[1:]...); cli.ExitCode(err) != cli.Usage || out != "" {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
	for _, args := range [][]string{{"streams list", "--limit", "0"}, {"streams read", "--after", "-1", "s"}} {
		if out, err := run(t, eventscli.StreamCommands{}, newStore(t), args[0], args[1:]...); cli.ExitCode(err) != cli.Usage || out != "" {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
}

func TestStreams(t *testing.T) {
	store := newStore(t)
	out, err := run(t, eventscli.StreamCommands{}, store, "streams list")
	if err != nil || strings.Count(out, "\n") != 3 || !strings.Contains(out, "order-7  3") || !strings.Contains(out, "order-8  1") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err = run(t, eventscli.StreamCommands{}, store, "streams list", "--limit", "1", "--json"); err != nil || !json.Valid([]byte(out)) || strings.Contains(out, "order-8") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = run(t, eventscli.StreamCommands{}, store, "streams read", "--after", "1", "--limit", "1", "order-7")
	if err != nil || strings.Count(out, "\n") != 1 || !strings.HasPrefix(out, "2 ") || strings.Contains(out, "secret") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err = run(t, eventscli.StreamCommands{}, store, "streams read", "never"); !errors.Is(err, eventstore.ErrNoStream) || out != "" {
		t.Errorf("%q, %v", out, err)
	}
}
