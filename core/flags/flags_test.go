package flags_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
	"github.com/lexigram/lexigram-go/contracts/features/featurestest"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/flags"
)

var quiet = slog.New(slog.DiscardHandler)

func newMemory(t testing.TB, list ...flags.Flag) *flags.Memory {
	t.Helper()
	m, err := flags.NewMemory(list...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func seeded(t *testing.T, seed map[string]any) *flags.Memory {
	t.Helper()
	var list []flags.Flag
	for key, value := range seed {
		list = append(list, flags.Flag{Key: key, Value: value})
	}
	return newMemory(t, list...)
}

func environ(seed map[string]any) []string {
	list := []string{"PATH=/bin", "LEX_FLAG_=x"}
	for key, value := range seed {
		text := fmt.Sprint(value)
		switch value.(type) {
		case string:
			text = "text:" + text
		case float64:
			text = "number:" + text
		}
		list = append(list, "LEX_FLAG_"+strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))+"="+text)
	}
	return list
}

func TestConformance(t *testing.T) {
	fromEnvironment := func(t *testing.T, seed map[string]any) features.Provider {
		e, err := flags.NewEnvironment(flags.EnvironmentOptions{Environ: environ(seed)})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, open := range map[string]func(*testing.T, map[string]any) features.Provider{
		"memory":      func(t *testing.T, seed map[string]any) features.Provider { return seeded(t, seed) },
		"environment": fromEnvironment,
		"chain": func(t *testing.T, seed map[string]any) features.Provider {
			return flags.NewChain(&flags.Memory{}, seeded(t, seed))
		},
		"chain of what cannot be set": func(t *testing.T, seed map[string]any) features.Provider {
			return flags.NewChain(fromEnvironment(t, nil), fromEnvironment(t, seed))
		},
	} {
		t.Run(name, func(t *testing.T) { featurestest.RunProvider(t, open) })
	}
	t.Run("client", func(t *testing.T) {
		featurestest.RunEvaluator(t, func(t *testing.T, asks features.Provider) features.Evaluator {
			c, err := flags.New(asks, flags.Options{Logger: quiet})
			if err != nil {
				t.Fatal(err)
			}
			return c
		})
	})
}

func TestRules(t *testing.T) {
	user := func(id string) features.Subject { return features.Subject{ID: id} }
	with := func(pairs ...string) features.Subject {
		s := features.Subject{ID: "x", Attributes: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			s.Attributes[pairs[i]] = pairs[i+1]
		}
		return s
	}
	percent := func(n int) flags.Flag { return flags.Flag{Key: "f", Type: features.Percentage, Percent: n} }
	attributes := flags.Flag{Key: "f", Type: features.UserAttribute, Attributes: map[string]string{"plan": "pro", "country": "de"}, Value: "yes", Off: "no"}
	variants := flags.Flag{Key: "f", Type: features.Variant, DefaultVariant: "c", Variants: []flags.WeightedVariant{{Name: "b", Weight: 30}, {Name: "a", Weight: 20}, {Name: "c"}}}
	for name, c := range map[string]struct {
		flag   flags.Flag
		s      features.Subject
		want   any
		reason features.Reason
	}{
		"boolean":                      {flags.Flag{Key: "f"}, user(""), true, features.Static},
		"boolean of text":              {flags.Flag{Key: "f", Value: "x"}, user(""), "x", features.Static},
		"disabled":                     {flags.Flag{Key: "f", Disabled: true}, user(""), false, features.FlagDisabled},
		"disabled with a value":        {flags.Flag{Key: "f", Disabled: true, Value: 1.0, Off: 0.5}, user(""), 0.5, features.FlagDisabled},
		"0 percent":                    {percent(0), user("a"), false, features.Split},
		"100 percent":                  {percent(100), user("a"), true, features.Split},
		"100 percent and nobody":       {percent(100), user(""), true, features.Split},
		"99 percent and nobody":        {percent(99), user(""), false, features.Split},
		"up to the bucket":             {percent(features.Bucket("user/7", "f")), user("user/7"), false, features.Split},
		"the bucket too":               {percent(features.Bucket("user/7", "f") + 1), user("user/7"), true, features.Split},
		"listed":                       {flags.Flag{Key: "f", Type: features.UserList, Users: []string{"a", "b"}}, user("b"), true, features.Match},
		"not listed":                   {flags.Flag{Key: "f", Type: features.UserList, Users: []string{"a", "b"}}, user("c"), false, features.NoMatch},
		"all attributes":               {attributes, with("plan", "pro", "country", "de", "x", "y"), "yes", features.Match},
		"one attribute":                {attributes, with("plan", "pro"), "no", features.NoMatch},
		"another attribute":            {attributes, with("plan", "pro", "country", "fr"), "no", features.NoMatch},
		"no rules about attributes":    {flags.Flag{Key: "f", Type: features.UserAttribute}, with("a", "b"), false, features.NoMatch},
		"an attribute that is empty":   {flags.Flag{Key: "f", Type: features.UserAttribute, Attributes: map[string]string{"a": ""}}, with(), false, features.NoMatch},
		"variant of nobody":            {variants, user(""), "c", features.NoMatch},
		"variant that is switched off": {disabled(variants), user("user/2"), "c", features.FlagDisabled},
	} {
		e, err := newMemory(t, c.flag).Flag(t.Context(), "f", c.s)
		if err != nil || e.Value != c.want || e.Reason != c.reason {
			t.Errorf("%s: %+v, %v, want %v, %s", name, e, err, c.want, c.reason)
		}
	}
	m := newMemory(t, variants)
	for i := range 300 {
		id := fmt.Sprint("user/", i)
		bucket := features.Bucket(id, "f")
		want := "c"
		switch { // by name: a has 20, then b 30
		case bucket < 20:
			want = "a"
		case bucket < 50:
			want = "b"
		}
		if e, err := m.Flag(t.Context(), "f", user(id)); err != nil || e.Value != want || e.Variant != want || e.Reason != features.Split {
			t.Errorf("bucket %d: %+v, %v, want %s", bucket, e, err, want)
		}
	}
}

func disabled(f flags.Flag) flags.Flag { f.Disabled = true; return f }

func TestTimeBased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().Add(time.Hour)
		m := newMemory(t,
			flags.Flag{Key: "f", Type: features.TimeBased, Start: start, End: start.Add(time.Hour)},
			flags.Flag{Key: "until", Type: features.TimeBased, End: start}, flags.Flag{Key: "from", Type: features.TimeBased, Start: start})
		for _, at := range []struct {
			offset time.Duration // from start
			want   string
		}{
			{-1, "f=false until=true from=false"},
			{0, "f=true until=true from=true"},
			{time.Hour, "f=true until=false from=true"},
			{time.Hour + 1, "f=false until=false from=true"},
		} {
			time.Sleep(time.Until(start.Add(at.offset)))
			var got []string
			for _, key := range []string{"f", "until", "from"} {
				e, err := m.Flag(t.Context(), key, features.Subject{})
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%s=%v", key, e.Value))
			}
			if s := strings.Join(got, " "); s != at.want {
				t.Errorf("at %v: %s, want %s", at.offset, s, at.want)
			}
		}
	})
}

func TestInvalidFlags(t *testing.T) {
	two := []flags.WeightedVariant{{Name: "a", Weight: 50}, {Name: "b", Weight: 50}}
	for want, f := range map[string]flags.Flag{
		"key": {Key: "a b"}, "type": {Key: "f", Type: "magic"}, "value": {Key: "f", Value: 1}, "off": {Key: "f", Value: "x", Off: true},
		"percent": {Key: "f", Type: features.Percentage, Percent: 101}, "end": {Key: "f", Type: features.TimeBased, Start: time.Unix(2, 0), End: time.Unix(1, 0)},
		"variants are missing": {Key: "f", Type: features.Variant}, "names": {Key: "f", Type: features.Variant, Variants: append(two[:1:1], two[0])},
		"100 together": {Key: "f", Type: features.Variant, Variants: append(two[:2:2], flags.WeightedVariant{Name: "c", Weight: 1})},
		"weights":      {Key: "f", Type: features.Variant, Variants: []flags.WeightedVariant{{Name: "a", Weight: -1}}},
		"one type":     {Key: "f", Type: features.Variant, Variants: append(two[:1:1], flags.WeightedVariant{Name: "b", Weight: 50, Value: 1.0})},
		"default":      {Key: "f", Type: features.Variant, Variants: two[:1]},
	} {
		m := newMemory(t, flags.Flag{Key: "kept"})
		if err := m.Replace(f); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, features.Err) {
			t.Errorf("%+v: %v, want something about %s", f, err, want)
		}
		if _, err := m.Flag(t.Context(), "kept", features.Subject{}); err != nil {
			t.Errorf("Replace failed and changed something: %v", err)
		}
	}
	if _, err := flags.NewMemory(flags.Flag{Key: "f"}, flags.Flag{Key: "f"}); !errors.Is(err, features.ErrKey) || !strings.Contains(err.Error(), "twice") {
		t.Errorf("two of one key: %v", err)
	}
	if _, err := flags.NewMemory(flags.Flag{Key: "f", Type: features.Variant, Variants: two}); err != nil {
		t.Errorf("variants that have all: %v", err)
	}
}

func TestReplaceKeepsWhatIsSet(t *testing.T) {
	m := newMemory(t, flags.Flag{Key: "f", Type: features.Percentage})
	if err := m.Set(t.Context(), "f", true); err != nil {
		t.Fatal(err)
	}
	if err := m.Replace(flags.Flag{Key: "g"}); err != nil {
		t.Fatal(err)
	}
	e, err := m.Flag(t.Context(), "f", features.Subject{})
	keys, _ := m.Keys(t.Context())
	if err != nil || e.Value != true || e.Reason != features.Override || fmt.Sprint(keys) != "[f g]" {
		t.Errorf("%+v, %v; keys %v", e, err, keys)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"true": "true static", "false": "false static", " true ": "true static", "percentage:100": "true split", "percentage: 0": "false split",
		"users:a, user/7": "true match", "users:": "false no_match", "text:a:b": "a:b static", "text:": " static", "number:0.5": "0.5 static",
	} {
		f, err := flags.Parse("f", text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		e, err := newMemory(t, f).Flag(t.Context(), "f", features.Subject{ID: "user/7"})
		if got := fmt.Sprintf("%v %s", e.Value, e.Reason); err != nil || got != want {
			t.Errorf("%q is %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "yes", "TRUE", "true:", "percentage", "percentage:x", "percentage:101", "percentage:-1", "number:x", "user:a"} {
		if f, err := flags.Parse("f", text); !errors.Is(err, features.Err) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("Parse(%q) = %+v, %v", text, f, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"true", "percentage:20", "users:a,b", "text:x", "number:1e3", "number:NaN", ":"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		flag, err := flags.Parse("f", text)
		if err != nil {
			if errs.KindOf(err) != errs.Invalid {
				t.Errorf("Parse(%q) = %v", text, err)
			}
			return
		}
		if _, err := flags.NewMemory(flag); err != nil {
			t.Errorf("what Parse(%q) returned is refused: %v", text, err)
		}
	})
}

func TestEnvironment(t *testing.T) {
	t.Setenv("TESTFLAG_NEW_CHECKOUT", "percentage:50")
	e, err := flags.NewEnvironment(flags.EnvironmentOptions{Prefix: "TESTFLAG_"})
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory(t, flags.Flag{Key: "new-checkout", Type: features.Percentage, Percent: 50})
	for i := range 50 { // the same subjects, whichever provider decides
		s := features.Subject{ID: fmt.Sprint(i)}
		a, err1 := e.Flag(t.Context(), "new-checkout", s)
		b, err2 := m.Flag(t.Context(), "new-checkout", s)
		if err1 != nil || err2 != nil || a.Value != b.Value {
			t.Errorf("%d: %v, %v, %v, %v", i, a.Value, b.Value, err1, err2)
		}
	}
	_, err = flags.NewEnvironment(flags.EnvironmentOptions{Environ: []string{"LEX_FLAG_B=maybe", "LEX_FLAG_A=percentage:x", "LEX_FLAG_C=true"}})
	if err == nil || !errors.Is(err, features.Err) || !strings.Contains(err.Error(), "LEX_FLAG_A") || !strings.Contains(err.Error(), "LEX_FLAG_B") || strings.Contains(err.Error(), "LEX_FLAG_C") {
		t.Errorf("two wrong variables: %v", err)
	}
}

// down is a provider that fails.
type down struct{ err error }

func (d down) Flag(context.Context, string, features.Subject) (features.Evaluation, error) {
	return features.Evaluation{}, d.err
}

func TestChain(t *testing.T) {
	ctx, err := t.Context(), errs.New("X", errs.Unavailable, "down")
	first, second := newMemory(t, flags.Flag{Key: "f", Value: "first"}), newMemory(t, flags.Flag{Key: "f", Value: "second"}, flags.Flag{Key: "g", Value: "second"})
	c := flags.NewChain(first, second)
	for key, want := range map[string]string{"f": "first", "g": "second"} {
		if e, err := c.Flag(ctx, key, features.Subject{}); err != nil || e.Value != want {
			t.Errorf("Flag(%q) = %v, %v", key, e.Value, err)
		}
	}
	if e, got := flags.NewChain(down{err}, second).Flag(ctx, "f", features.Subject{}); !errors.Is(got, err) {
		t.Errorf("with a provider that fails: %+v, %v", e, got)
	}
}

func TestClientReports(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		p    features.Provider
		ctx  context.Context
		want string
	}{
		"fails":         {down{errs.New("X", errs.Unavailable, "no connection")}, t.Context(), "no connection"},
		"another type":  {newMemory(t, flags.Flag{Key: "f", Value: "text"}), t.Context(), "type_mismatch"},
		"unknown":       {&flags.Memory{}, t.Context(), ""},
		"request ended": {&flags.Memory{}, cancelled, ""},
		"good":          {newMemory(t, flags.Flag{Key: "f"}), t.Context(), ""},
	} {
		out.Reset()
		client, err := flags.New(c.p, flags.Options{Logger: log})
		if err != nil {
			t.Fatal(err)
		}
		client.Evaluate(c.ctx, "f", false, features.Subject{})
		if got := out.String(); (got == "") != (c.want == "") || !strings.Contains(got, c.want) || c.want != "" && !strings.Contains(got, "flag=f") {
			t.Errorf("%s: the log says %q, want %q", name, got, c.want)
		}
	}
	if _, err := flags.New(nil, flags.Options{}); !errors.Is(err, features.Err) {
		t.Errorf("no provider: %v", err)
	}
}

func TestModules(t *testing.T) {
	for _, backend := range []string{"memoryflags", "environmentflags"} {
		cfg, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_FLAG_NEW_CHECKOUT=true"}, Overrides: map[string]any{
			"flagprovider.backend": backend, "flagprovider.memoryflags.flags": map[string]any{"new-checkout": "true"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		app := boot.New(boot.Options{Config: cfg}).Add(boot.Choose("flagprovider",
			flags.MemoryModule(flags.Flag{Key: "new-checkout", Value: false}),
			flags.EnvironmentModule(flags.EnvironmentOptions{Environ: []string{"LEX_FLAG_NEW_CHECKOUT=true"}}),
		), flags.Module(flags.Options{Logger: quiet}))
		if err := app.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		e, err := di.Get[features.Evaluator](t.Context(), app)
		if err != nil {
			t.Fatal(err)
		}
		if !features.Value(t.Context(), e, "new-checkout", false, features.Subject{}) {
			t.Errorf("%s: the flag is off", backend)
		}
		if err := app.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestEvaluateAllocatesNothing(t *testing.T) {
	client, err := flags.New(newMemory(t, flags.Flag{Key: "f", Type: features.Percentage, Percent: 50}), flags.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	s := features.Subject{ID: "user/7"}
	if n := testing.AllocsPerRun(100, func() { features.Value(context.Background(), client, "f", false, s) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkValue(b *testing.B) {
	client, err := flags.New(newMemory(b, flags.Flag{Key: "f", Type: features.Percentage, Percent: 50}, flags.Flag{Key: "on"}), flags.Options{Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	for _, key := range []string{"on", "f"} {
		b.Run(key, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				features.Value(b.Context(), client, key, false, features.Subject{ID: "user/7"})
			}
		})
	}
}
