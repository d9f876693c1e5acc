package eventssqltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"strconv"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
)

// Resolve yields the bench's outbox.
func (b *bench) Resolve(context.Context, di.Key) (any, error) { return b.box, nil }

// A registrar keeps the contributor that the module registers.
type registrar struct{ contributor cli.Contributor }

func (r *registrar) Register(reg di.Registration) error {
	if reg.Key.Type != di.KeyOf[cli.Contributor]().Type {
		return nil
	}
	v, err := reg.Build(context.Background(), nil)
	r.contributor, _ = v.(cli.Contributor)
	return err
}

func contributor(t *testing.T) cli.Contributor {
	t.Helper()
	return contributorOf(t, outbox.Module(outbox.Config{}))
}

func contributorOf(t *testing.T, d module.Descriptor) cli.Contributor {
	t.Helper()
	var r registrar
	if err := d.Providers[0].Register(&r); err != nil || r.contributor == nil {
		t.Fatalf("the module registers no contributor: %v", err)
	}
	return r.contributor
}

// command runs a command and returns what it printed.
func (b *bench) command(t *testing.T, path string, args ...string) (string, error) {
	t.Helper()
	return runCommand(t, contributor(t), b, path, args...)
}

func runCommand(t *testing.T, from cli.Contributor, needs di.Resolver, path string, args ...string) (string, error) {
	t.Helper()
	for _, c := range from.(cli.CommandContributor).Commands() {
		if c.Path != path {
			continue
		}
		fs := flag.NewFlagSet(path, flag.ContinueOnError)
		fs.SetOutput(new(bytes.Buffer))
		asJSON := fs.Bool("json", false, "")
		if c.Flags != nil {
			c.Flags(fs)
		}
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := c.Run(t.Context(), &cli.Call{Args: fs.Args(), Stdout: &out, Stderr: new(bytes.Buffer), JSON: *asJSON, Needs: needs})
		return out.String(), err
	}
	t.Fatalf("no command %q", path)
	return "", nil
}

// deadCommands lists, replays and discards dead letters as people do.
func deadCommands(t *testing.T, b *bench) {
	clitest.Run(t, func() cli.Contributor { return contributor(t) }, clitest.Needs(func(*testing.T) di.Resolver { return b }))
	if out, err := b.command(t, "outbox dlq list"); err != nil || out != "there are no dead letters\n" {
		t.Errorf("%q, %v", out, err)
	}
	s := newSink(func(context.Context, events.Event) error {
		return events.ErrPoison.Wrap(nil, "postgres://app:hunter2@db \x1b[2J")
	})
	b.publish(t, event("a1", "a"), event("a2", "b"), event("a3", "c"))
	relay := b.relay(t, s, outbox.RelayOptions{})
	until(t, "settled", func() bool { return b.count(t, "status = 2") == 3 })
	if err := relay.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, err := b.command(t, "outbox dlq list")
	if err != nil || strings.Count(out, "\n") != 4 || strings.Contains(out, "hunter2") || strings.Contains(out, "\x1b") {
		t.Errorf("%s, %v", out, err)
	}
	var found []struct {
		ID int64 `json:"id"`
	}
	out, err = b.command(t, "outbox dlq list", "-json", "-limit", "2")
	if err := errors.Join(err, json.Unmarshal([]byte(out), &found)); err != nil || len(found) != 2 || strings.Contains(out, "hunter2") {
		t.Fatalf("%s, %v", out, err)
	}
	first, second := strconv.FormatInt(found[0].ID, 10), strconv.FormatInt(found[1].ID, 10)
	if out, err = b.command(t, "outbox dlq replay", "999999", first); !errors.Is(err, outbox.ErrNoLetter) || out != "replayed 1 dead letters\n" {
		t.Errorf("%s, %v", out, err)
	}
	if out, err = b.command(t, "outbox dlq discard", second); err != nil || out != "discarded 1 dead letters\n" {
		t.Errorf("%s, %v", out, err)
	}
	if _, err = b.command(t, "outbox dlq discard", second); !errors.Is(err, outbox.ErrNoLetter) {
		t.Errorf("discarded twice: %v", err)
	}
	if b.count(t, "status = 0") != 1 || b.count(t, "status = 2") != 1 || b.count(t, "status < 3") != 2 {
		t.Error("after replay and discard of two there are not two, one unsent and one dead")
	}
	if out, err = b.command(t, "outbox dlq discard", "-all"); err != nil || out != "discarded 1 dead letters\n" || b.count(t, "status = 2") != 0 {
		t.Errorf("%s, %v", out, err)
	}
	for _, args := range [][]string{{"outbox dlq discard"}, {"outbox dlq discard", "-all", "7"}, {"outbox dlq replay", "seven"}, {"outbox dlq list", "-limit", "0"}} {
		if _, err := b.command(t, args[0], args[1:]...); cli.ExitCode(err) != cli.Usage {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// one yields one service, whatever it is asked for.
type one struct{ service any }

func (o one) Resolve(context.Context, di.Key) (any, error) { return o.service, nil }

// busCommands has people see groups and settle dead letters.
func busCommands(t *testing.T, db sqldb.DB) {
	b := newBus(t, db, sqlevents.Options{})
	from := contributorOf(t, sqlevents.Module(sqlevents.Config{}))
	clitest.Run(t, func() cli.Contributor { return from }, clitest.Needs(func(*testing.T) di.Resolver { return one{b} }))
	run := func(path string, args ...string) string {
		t.Helper()
		out, err := runCommand(t, from, one{b}, path, args...)
		if err != nil {
			t.Fatalf("%s %q: %v", path, args, err)
		}
		return out
	}
	if out := run("events groups"); out != "there are no groups\n" {
		t.Error(out)
	}
	subscribe(t, b, "g", newSink(func(context.Context, events.Event) error { return events.ErrPoison.Wrap(nil, "no") }))
	publish(t, b, "1", "2")
	until(t, "dead", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 2") == 2 })
	var groups []struct {
		Group                    string
		Consumers, Waiting, Dead int
	}
	if err := json.Unmarshal([]byte(run("events groups", "-json")), &groups); err != nil || len(groups) != 1 || groups[0].Group != "g" || groups[0].Consumers != 1 || groups[0].Dead != 2 {
		t.Errorf("%+v, %v", groups, err)
	}
	if out := run("events dlq list"); strings.Count(out, "\n") != 3 || !strings.Contains(out, "test.happened") {
		t.Error(out)
	}
	if out := run("events dlq replay", "-all"); out != "replayed 2 dead letters\n" {
		t.Error(out)
	}
	until(t, "dead again", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 2 AND attempts = 1") == 2 })
	if out := run("events dlq discard", "-all"); out != "discarded 2 dead letters\n" || rowCount(t, db, "lexigram_event_queue WHERE status = 2") != 0 {
		t.Error(out)
	}
}
