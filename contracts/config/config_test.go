package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
)

func TestSecretNeverShows(t *testing.T) {
	type settings struct {
		Password config.Secret[string]
		Inner    struct{ Key *config.Secret[[]byte] }
		hidden   config.Secret[string] // which fmt does not ask
		list     []config.Secret[string]
		byName   map[string]config.Secret[[]byte]
	}
	key := config.NewSecret([]byte("hunter2"))
	s := settings{
		Password: config.NewSecret("hunter2"), hidden: config.NewSecret("hunter2"),
		list: []config.Secret[string]{config.NewSecret("hunter2")}, byName: map[string]config.Secret[[]byte]{"a": key},
	}
	s.Inner.Key = &key
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", s.Password)
		fmt.Fprintf(&out, verb+"\n", &s.Password)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", s.Password, "all", s)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s.Password, "all", s)
	for _, leak := range []string{"hunter2", "68756e74657232", "104 117 110"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the secret shows as %q in:\n%s", leak, &out)
		}
	}
	if s.Password.Reveal() != "hunter2" {
		t.Error("Reveal does not return the value")
	}
}

func TestSecretValues(t *testing.T) {
	a := config.NewSecret("one")
	b := a
	b.Set("two")
	c := a
	c.Edit(func(ref any) { *ref.(*string) += "!" })
	if a.Reveal() != "one" || b.Reveal() != "two" || c.Reveal() != "one!" {
		t.Errorf("%q, %q, %q", a.Reveal(), b.Reveal(), c.Reveal())
	}
	c.Edit(func(ref any) { *ref.(*string) = "" })
	if c != (config.Secret[string]{}) || config.NewSecret(0) != (config.Secret[int]{}) || c.Reveal() != "" {
		t.Error("a Secret that holds nothing is not the zero Secret")
	}
	if !reflect.DeepEqual(config.NewSecret("x"), config.NewSecret("x")) || reflect.DeepEqual(a, b) {
		t.Error("DeepEqual does not compare the values")
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]config.Size{
		"0": 0, "17": 17, "17B": 17, "64MiB": 64 << 20, "1 KB": 1000, "2GiB": 2 << 30, " 3KiB ": 3 << 10,
	} {
		var s config.Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s != want {
			t.Errorf("%q = %d, %v, want %d", in, s, err, want)
		}
	}
	for _, in := range []string{"", "x", "-1", "1.5MiB", "9999999TiB", "MiB"} {
		var s config.Size
		if err := s.UnmarshalText([]byte(in)); !errors.Is(err, config.ErrValue) {
			t.Errorf("%q = %d, %v, want ErrValue", in, s, err)
		}
	}
	if got := config.Size(64 << 20).String(); got != "64MiB" {
		t.Errorf("String = %q", got)
	}
}

func TestKeyErrorText(t *testing.T) {
	err := &config.KeyError{Source: "app.yaml", Line: 4, Key: "cache.memmory", Problem: "unknown key", Nearest: "memory", Sentinel: config.ErrUnknown}
	if want := `app.yaml:4: cache.memmory: unknown key (did you mean "memory"?)`; err.Error() != want {
		t.Errorf("got %s, want %s", err, want)
	}
	if !errors.Is(err, config.ErrUnknown) || !errors.Is(err, config.Err) {
		t.Error("does not match its sentinel")
	}
}

func TestParseEnvironment(t *testing.T) {
	if e, err := config.ParseEnvironment(""); e != config.Development || err != nil {
		t.Errorf("empty = %q, %v", e, err)
	}
	if e, err := config.ParseEnvironment("PROduction"); e != config.Production || err != nil {
		t.Errorf("PROduction = %q, %v", e, err)
	}
	if _, err := config.ParseEnvironment("prod"); !errors.Is(err, config.ErrValue) {
		t.Errorf("prod: %v", err)
	}
}
