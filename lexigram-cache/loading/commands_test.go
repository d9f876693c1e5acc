package loading_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// A shop is a store that can what commands ask for, and the services of a command.
type shop struct{ *full }

func (s shop) DeletePattern(ctx context.Context, pattern string) (int, error) {
	n := 0
	for k := range s.entries {
		if cache.MatchPattern(pattern, k) {
			n++
			if err := s.Delete(ctx, k); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (s shop) Stats(context.Context) (cache.Stats, error) {
	return cache.Stats{Entries: int64(len(s.entries)), Bytes: -1, Hits: 3}, nil
}

// services resolve the store.
type services struct{ cache.Store }

func (s services) Resolve(context.Context, di.Key) (any, error) { return s.Store, nil }

// stock returns a shop with entries of a loading cache and one of another.
func stock(t *testing.T) shop {
	s := shop{newFull()}
	c := newCache[string](t, s, loading.Options{Prefix: "user:", TTL: time.Hour, NotFound: errNoUser, NegativeTTL: time.Hour})
	for _, k := range []string{"7", "8"} {
		if _, err := c.Fetch(t.Context(), k, func(context.Context, string) (string, error) { return "Ada\x1b[2J", nil }, loading.Tag("staff")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Fetch(t.Context(), "9", func(context.Context, string) (string, error) { return "", errNoUser }); !errors.Is(err, errNoUser) {
		t.Fatal(err)
	}
	if err := errors.Join(s.Set(t.Context(), "raw", []byte("\xff\x00"), 0), s.Create(t.Context(), "busy", []byte("lX"), 0)); err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs a command line on s.
func run(t *testing.T, s cache.Store, asJSON bool, words ...string) (string, error) {
	t.Helper()
	for _, c := range (loading.Commands{}).Commands() {
		if c.Path != strings.Join(words[:2], " ") {
			continue
		}
		fs := flag.NewFlagSet(c.Path, flag.ContinueOnError)
		c.Flags(fs)
		if err := fs.Parse(words[2:]); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := c.Run(t.Context(), &cli.Call{Args: fs.Args(), Stdout: &out, JSON: asJSON, Needs: services{s}})
		return out.String(), err
	}
	t.Fatalf("there is no command %q", words)
	return "", nil
}

func TestCommands(t *testing.T) {
	clitest.Run(t, func() cli.Contributor { return loading.Commands{} }, clitest.Needs(func(t *testing.T) di.Resolver { return services{stock(t)} }))
	d := loading.Module()
	if len(d.Providers) != 1 || d.Name != "loading" || len(d.Needs) != 1 {
		t.Errorf("Module = %+v", d)
	}
	s := stock(t)
	if out, err := run(t, s, false, "cache", "stats"); err != nil || !strings.Contains(out, "6        -      3     0") {
		t.Errorf("%s, %v", out, err)
	}
	for key, want := range map[string]string{"user:/7": "kind     value", "user:/9": "kind     absence", "busy": "kind     lease", "raw": `"\xff\x00"`} {
		if out, err := run(t, s, false, "cache", "get", key); err != nil || !strings.Contains(out, want) || strings.Contains(out, "\x1b") {
			t.Errorf("%s, %v, want %s", out, err, want)
		}
	}
	var shown struct {
		Tags  []string
		Value string
	}
	out, err := run(t, s, true, "cache", "get", "user:/7")
	if err := errors.Join(err, json.Unmarshal([]byte(out), &shown)); err != nil || len(shown.Tags) != 1 || shown.Tags[0] != "staff" || !strings.Contains(shown.Value, "Ada") {
		t.Errorf("%s, %v", out, err)
	}
	if _, err := run(t, s, false, "cache", "get", "absent"); !errors.Is(err, cache.ErrMiss) {
		t.Errorf("get of nothing: %v", err)
	}
	if out, err := run(t, s, false, "cache", "del", "user:/7", "absent"); err != nil || out != "1 entries were deleted\n" {
		t.Errorf("%s, %v", out, err)
	}
	if out, err := run(t, s, false, "cache", "del", "--pattern", "user:/*"); err != nil || out != "2 entries were deleted\n" {
		t.Errorf("%s, %v", out, err)
	}
	if _, err := run(t, s, false, "cache", "del", "--tenant", "a/b", "k"); !errors.Is(err, cli.ErrUsage) {
		t.Errorf("del of a tenant that is none: %v", err)
	}
	for _, words := range [][]string{{"cache", "stats"}, {"cache", "del", "--pattern", "*"}} {
		if _, err := run(t, newStore(), false, words...); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%q on a store that cannot: %v", words, err)
		}
	}
}

func TestTagsCommand(t *testing.T) {
	s := shop{newFull()}
	c := newCache[string](t, s, loading.Options{Prefix: "user:"})
	ctx := tenancy.With(t.Context(), "acme")
	load := func(v string) func(context.Context, string) (string, error) {
		return func(context.Context, string) (string, error) { return v, nil }
	}
	for _, ctx := range []context.Context{ctx, t.Context()} {
		if _, err := c.Fetch(ctx, "k", load("old"), loading.Tag("staff")); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := run(t, s, false, "cache", "tags", "--prefix", "user:", "--tenant", "acme", "staff", "none"); err != nil || !strings.Contains(out, "staff, none") {
		t.Errorf("%s, %v", out, err)
	}
	if v, err := c.Fetch(ctx, "k", load("new"), loading.Tag("staff")); v != "new" || err != nil {
		t.Errorf("Fetch of the tenant = %q, %v", v, err)
	}
	if v, err := c.Fetch(t.Context(), "k", never[string](t), loading.Tag("staff")); v != "old" || err != nil {
		t.Errorf("Fetch of no tenant = %q, %v", v, err)
	}
}
