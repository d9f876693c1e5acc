package configtest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Content is what a [config.Config] under test holds.
type Content struct {
	// Values is the tree: strings, bools, int64s, float64s, nils, []any and
	// map[string]any.
	Values map[string]any
	// Text are further values by dotted key, as the environment gives them.
	Text map[string]string
}

// Run checks every rule of [config.Config], each on configurations of its own.
// newConfig returns one that holds content, and registers its own cleanup on t.
func Run(t *testing.T, newConfig func(t *testing.T, content Content) config.Config) {
	t.Helper()
	for _, r := range configRules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(func(c Content) config.Config { return newConfig(t, c) }); err != nil {
				t.Errorf("%v\nconfig.Config: %s", err, r.says)
			}
		})
	}
}

type opener = func(Content) config.Config

type configRule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(open opener) error
}

var configRules = []configRule{
	{"environment", "Environment says where the application runs", checkEnvironment},
	{"lookup", `Lookup returns what stands under key; "" is the root; ok is false if nothing does`, checkLookup},
	{"lookup null", "an explicit null is nil, true", checkLookupNull},
	{"lookup is the caller's", "The caller owns it", checkLookupOwned},
	{"defaults", "A section that is absent or null leaves the defaults", checkDefaults},
	{"decode", "Decode fills into … from the section under key", checkDecode},
	{"names", `Fields are matched by their tag config:"name", or by their name in snake_case; "-" is left out`, checkNames},
	{"text", "Text from the environment is converted by the field's type", checkText},
	{"nothing else is converted", "nothing else is", checkStrict},
	{"range", "a value … out of range ([ErrValue])", checkRange},
	{"unknown key", "a key without a field ([ErrUnknown])", checkUnknown},
	{"every problem", "Every problem is returned at once, joined, each as a [*KeyError]", checkEvery},
	{"into is as it was", "With an error into is as it was", checkUnchanged},
	{"shared defaults", "Decode fills into: what its defaults share with others is not changed", checkShared},
	{"secret", "[Secret]: no error shows it", checkSecret},
	{"required", `A field whose tag ends in ",required" must have a value … A default that is not zero will do`, checkRequired},
	{"validator", "Decode calls [Validate] last, on the section and on every nested struct", checkValidator},
	{"concurrent use", "It … is safe for concurrent use", checkConfigParallel},
}

type section struct {
	Text        string
	Flag        bool
	Count       int8
	Ratio       float64
	BusyTimeout time.Duration
	Size        config.Size
	Password    config.Secret[string]
	PIN         config.Secret[int] `config:"pin"`
	List        []string
	Map         map[string]int
	Inner       inner
	Pointer     *inner
	Other       string `config:"renamed"`
	Skipped     string `config:"-"`
}

type inner struct{ A int }

// Validate refuses a 13.
func (i inner) Validate() error {
	var v errs.ValidationError
	if i.A == 13 {
		v.Add("a", "is thirteen", "")
	}
	return v.Err()
}

// in returns a content whose section "s.t" is values.
func in(values map[string]any) Content {
	return Content{Values: map[string]any{"s": map[string]any{"t": values}}}
}

func decode(open opener, c Content, defaults section) (section, error) {
	into := defaults
	err := open(c).Decode("s.t", &into)
	return into, err
}

func checkEnvironment(open opener) error {
	if e := open(Content{}).Environment(); e != config.Development {
		return fmt.Errorf("Environment of nothing = %q, want development", e)
	}
	return nil
}

func checkLookup(open opener) error {
	values := map[string]any{"text": "t", "flag": true, "count": int64(3), "ratio": 0.5, "list": []any{"a", int64(1)}, "map": map[string]any{"x": "y"}}
	c := open(in(values))
	for key, want := range map[string]any{"": in(values).Values, "s.t": values, "s.t.map.x": "y", "s.t.count": int64(3), "s.t.list": values["list"]} {
		if got, ok := c.Lookup(key); !ok || !reflect.DeepEqual(got, want) {
			return fmt.Errorf("Lookup(%q) = %#v, %v, want %#v", key, got, ok, want)
		}
	}
	for _, key := range []string{"x", "s.x", "s.t.text.x", "s.t.list.0", "s.", ".s", "s..t"} {
		if got, ok := c.Lookup(key); ok {
			return fmt.Errorf("Lookup(%q) = %#v, true, want nothing", key, got)
		}
	}
	return nil
}

func checkLookupNull(open opener) error {
	if got, ok := open(in(map[string]any{"text": nil})).Lookup("s.t.text"); got != nil || !ok {
		return fmt.Errorf("Lookup of a null = %#v, %v, want nil, true", got, ok)
	}
	return nil
}

func checkLookupOwned(open opener) error {
	c := open(in(map[string]any{"list": []any{"a"}}))
	m, _ := c.Lookup("s")
	m.(map[string]any)["t"].(map[string]any)["list"].([]any)[0] = "mine"
	m.(map[string]any)["new"] = "mine"
	if got, _ := c.Lookup("s"); !reflect.DeepEqual(got, map[string]any{"t": map[string]any{"list": []any{"a"}}}) {
		return fmt.Errorf("the caller's change shows: %v", got)
	}
	return nil
}

func checkDefaults(open opener) error {
	defaults := section{Text: "d", Map: map[string]int{"a": 1}, Pointer: &inner{1}}
	for _, c := range []Content{{}, {Values: map[string]any{"s": nil}}, {Values: map[string]any{"s": map[string]any{"t": nil}}}, in(map[string]any{})} {
		if got, err := decode(open, c, defaults); err != nil || !reflect.DeepEqual(got, defaults) {
			return fmt.Errorf("Decode of %v = %+v, %v, want the defaults", c.Values, got, err)
		}
	}
	return nil
}

func checkDecode(open opener) error {
	got, err := decode(open, in(map[string]any{
		"text": "t", "flag": true, "count": int64(-128), "ratio": 0.5, "busy_timeout": "1d1m30s", "size": "1KiB", "password": "p", "pin": int64(1),
		"list": []any{"a", "b"}, "map": map[string]any{"x": int64(1)}, "inner": map[string]any{"a": int64(2)}, "pointer": map[string]any{"a": int64(3)},
	}), section{Text: "d", List: []string{"d", "d", "d"}, Skipped: "kept"})
	if err != nil {
		return err
	}
	want := section{
		Text: "t", Flag: true, Count: -128, Ratio: 0.5, BusyTimeout: 24*time.Hour + 90*time.Second, Size: 1024, Password: config.NewSecret("p"), PIN: config.NewSecret(1),
		List: []string{"a", "b"}, Map: map[string]int{"x": 1}, Inner: inner{2}, Pointer: &inner{3}, Skipped: "kept",
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("Decode = %+v, want %+v", got, want)
	}
	return nil
}

func checkNames(open opener) error {
	got, err := decode(open, in(map[string]any{"renamed": "r", "busy_timeout": "1s"}), section{})
	if err != nil || got.Other != "r" || got.BusyTimeout != time.Second {
		return fmt.Errorf("Decode = %+v, %v", got, err)
	}
	for _, key := range []string{"skipped", "other", "BusyTimeout", "busytimeout"} {
		if _, err := decode(open, in(map[string]any{key: "x"}), section{}); !errors.Is(err, config.ErrUnknown) {
			return fmt.Errorf("%s: %v, want ErrUnknown", key, err)
		}
	}
	return nil
}

func checkText(open opener) error {
	got, err := decode(open, Content{Text: map[string]string{
		"s.t.text": "123", "s.t.flag": "true", "s.t.count": "7", "s.t.ratio": "2", "s.t.busy_timeout": "1s", "s.t.size": "17", "s.t.password": "456", "s.t.pin": "8",
		"s.t.map.x": "9", "s.t.inner.a": "10", "s.t.pointer.a": "11",
	}}, section{})
	want := section{
		Text: "123", Flag: true, Count: 7, Ratio: 2, BusyTimeout: time.Second, Size: 17, Password: config.NewSecret("456"), PIN: config.NewSecret(8),
		Map: map[string]int{"x": 9}, Inner: inner{10}, Pointer: &inner{11},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		return fmt.Errorf("Decode = %+v, %v, want %+v", got, err, want)
	}
	if _, err := decode(open, Content{Text: map[string]string{"s.t.count": "x"}}, section{}); !errors.Is(err, config.ErrValue) {
		return fmt.Errorf("count of the text x: %v, want ErrValue", err)
	}
	return nil
}

func checkStrict(open opener) error {
	for key, v := range map[string]any{
		"text": int64(1), "flag": "true", "count": "1", "ratio": "1", "busy_timeout": int64(30), "password": int64(1), "pin": "1",
		"list": "a", "map": []any{}, "inner": "a", "pointer": int64(1),
	} {
		if got, err := decode(open, in(map[string]any{key: v}), section{}); !errors.Is(err, config.ErrValue) {
			return fmt.Errorf("%s of the %T %v = %+v, %v, want ErrValue", key, v, v, got, err)
		}
	}
	return nil
}

func checkRange(open opener) error {
	for _, n := range []int64{128, -129, 1 << 40} {
		if got, err := decode(open, in(map[string]any{"count": n}), section{}); !errors.Is(err, config.ErrValue) {
			return fmt.Errorf("an int8 of %d = %d, %v, want ErrValue", n, got.Count, err)
		}
	}
	return nil
}

func checkUnknown(open opener) error {
	_, err := decode(open, in(map[string]any{"inner": map[string]any{"b": int64(1)}}), section{})
	k, ok := errors.AsType[*config.KeyError](err)
	if !ok || !errors.Is(err, config.ErrUnknown) || k.Key != "s.t.inner.b" {
		return fmt.Errorf("an unknown key: %#v, want a KeyError of s.t.inner.b that is ErrUnknown", err)
	}
	_, err = decode(open, in(map[string]any{"busy_timout": "1s"}), section{})
	if k, ok := errors.AsType[*config.KeyError](err); !ok || k.Nearest != "busy_timeout" {
		return fmt.Errorf("a slip of the keyboard: %#v, want the Nearest busy_timeout", err)
	}
	return nil
}

func checkEvery(open opener) error {
	_, err := decode(open, in(map[string]any{"flag": "x", "nope": "x", "inner": map[string]any{"b": "x"}, "list": []any{"a", int64(1)}}), section{Pointer: &inner{13}})
	for _, key := range []string{"s.t.flag", "s.t.nope", "s.t.inner.b", "s.t.list[1]", "s.t.pointer.a"} {
		if !names(err, key) {
			return fmt.Errorf("%s is not among the problems: %w", key, err)
		}
	}
	return nil
}

// names reports whether a KeyError of key is in err's tree.
func names(err error, key string) bool {
	if k, ok := err.(*config.KeyError); ok {
		return k.Key == key
	}
	switch u := err.(type) {
	case interface{ Unwrap() []error }:
		for _, e := range u.Unwrap() {
			if names(e, key) {
				return true
			}
		}
	case interface{ Unwrap() error }:
		return names(u.Unwrap(), key)
	}
	return false
}

func checkUnchanged(open opener) error {
	defaults := section{Text: "d"}
	got, err := decode(open, in(map[string]any{"text": "t", "flag": "x"}), defaults)
	if err == nil || !reflect.DeepEqual(got, defaults) {
		return fmt.Errorf("Decode = %+v, %v, want an error and the defaults", got, err)
	}
	return nil
}

func checkShared(open opener) error {
	shared := section{Map: map[string]int{"x": 1}, Pointer: &inner{1}, List: []string{"a"}}
	_, err := decode(open, in(map[string]any{"map": map[string]any{"x": int64(2)}, "pointer": map[string]any{"a": int64(2)}, "list": []any{"b"}}), shared)
	if err != nil || shared.Map["x"] != 1 || shared.Pointer.A != 1 || shared.List[0] != "a" {
		return fmt.Errorf("the defaults became %+v, %v", shared, err)
	}
	return nil
}

func checkSecret(open opener) error {
	const secret = "hunter2"
	c := in(map[string]any{"pin": secret})
	c.Text = map[string]string{"s.t.password.x": secret}
	text := Content{Text: map[string]string{"s.t.pin": secret, "s.t.password": "p"}}
	for _, c := range []Content{c, text} {
		got, err := decode(open, c, section{})
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", got), secret) {
			return fmt.Errorf("Decode = %+v, %w, want an error without the secret", got, err)
		}
	}
	return nil
}

type needy struct {
	URL   string                `config:"url,required"`
	Token config.Secret[string] `config:"token,required"`
	Inner struct {
		Port int `config:"port,required"`
	}
}

func checkRequired(open opener) error {
	missing := map[string]Content{
		"nothing": {},
		"null":    in(map[string]any{"url": nil, "token": nil, "inner": nil}),
		"empty":   {Text: map[string]string{"s.t.url": "", "s.t.token": ""}},
	}
	for name, c := range missing {
		into := needy{}
		err := open(c).Decode("s.t", &into)
		for _, key := range []string{"s.t.url", "s.t.token", "s.t.inner.port"} {
			if !names(err, key) || !errors.Is(err, config.ErrMissing) {
				return fmt.Errorf("with %s, %s is not among the missing: %w", name, key, err)
			}
		}
	}
	given := in(map[string]any{"url": "u", "token": "t", "inner": map[string]any{"port": int64(1)}})
	into := needy{}
	if err := open(given).Decode("s.t", &into); err != nil || into.URL != "u" || into.Inner.Port != 1 {
		return fmt.Errorf("with every value, Decode = %+v, %w", into, err)
	}
	defaults := needy{URL: "u", Token: config.NewSecret("t")}
	defaults.Inner.Port = 1
	if err := open(Content{}).Decode("s.t", &defaults); err != nil {
		return fmt.Errorf("with defaults: %w", err)
	}
	return nil
}

func checkValidator(open opener) error {
	thirteen := map[string]any{"a": int64(13)}
	for key, c := range map[string]Content{
		"s.t.inner.a":   in(map[string]any{"inner": thirteen}),
		"s.t.pointer.a": in(map[string]any{"pointer": thirteen}),
	} {
		if _, err := decode(open, c, section{}); !errors.Is(err, config.ErrValue) || !names(err, key) {
			return fmt.Errorf("%s is not valid: %w", key, err)
		}
	}
	if _, err := decode(open, Content{}, section{Inner: inner{13}}); !names(err, "s.t.inner.a") {
		return fmt.Errorf("the defaults of an absent section are not valid: %w", err)
	}
	alone := inner{}
	if err := open(in(thirteen)).Decode("s.t", &alone); !names(err, "s.t.a") {
		return fmt.Errorf("the section itself is not valid: %w", err)
	}
	return nil
}

func checkConfigParallel(open opener) error {
	c := open(in(map[string]any{"map": map[string]any{"x": int64(1)}, "list": []any{"a"}}))
	failures := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			for range 20 {
				var got section
				err := c.Decode("s.t", &got)
				if m, ok := c.Lookup("s.t.map"); err == nil && (!ok || got.Map["x"] != 1 || m.(map[string]any)["x"] != int64(1)) {
					err = fmt.Errorf("several callers at once: %+v, %v", got, m)
				}
				failures[i] = errors.Join(failures[i], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}
